import { describe, expect, test } from "vitest";
import type * as errorModule from "../src/error.ts";
import {
  cancelledError,
  fingerprintOf,
  isAbort,
  isMillraceError,
  MillraceError,
  QuarantineError,
  RetryableError,
  TerminalError,
  toErrorJson,
  toMillraceError,
} from "../src/index.ts";

const lost = { code: "STORE_IO", fault: "upstream", message: "The connection was lost." } as const;

describe("MillraceError", () => {
  test("its forms carry their class, name and stack", () => {
    expect(new RetryableError(lost)).toMatchObject({
      failureClass: "retryable",
      name: "RetryableError",
      code: "STORE_IO",
    });
    expect(new TerminalError(lost).failureClass).toBe("terminal");
    expect(new QuarantineError(lost).failureClass).toBe("quarantine");
    expect(new MillraceError(lost).failureClass).toBe("terminal");
    expect(new RetryableError(lost).stack).toContain("error.test.ts");
  });

  test("fields that are not given do not exist", () => {
    expect(Object.keys(new TerminalError(lost))).not.toContain("retryAfterMs");
    expect(new RetryableError({ ...lost, retryAfterMs: 5 }).retryAfterMs).toBe(5);
  });

  test("an error of another copy of the package is known", async () => {
    const copyPath = "../src/error.ts?copy";
    const copy = (await import(copyPath)) as typeof errorModule;
    const other = new copy.TerminalError(lost);
    expect(other instanceof TerminalError).toBe(false);
    expect(isMillraceError(other)).toBe(true);
    expect(isMillraceError({ code: "STORE_IO" })).toBe(false);
    expect(isMillraceError(null)).toBe(false);
  });

  test("its context is small and JSON-safe whatever is put in", () => {
    const cyclic: Record<string, unknown> = {
      big: 2n ** 70n,
      at: new Date(0),
      nan: Number.NaN,
      text: "x".repeat(10_000),
    };
    cyclic["self"] = cyclic;
    const { context } = new TerminalError({
      ...lost,
      context: { cyclic, many: Array.from({ length: 1000 }, () => 0), gone: undefined },
    });
    expect(JSON.stringify(context).length).toBeLessThan(5000);
    expect(context).toMatchObject({
      cyclic: { big: "1180591620717411303424", at: "1970-01-01T00:00:00.000Z", nan: "NaN", self: "[circular]" },
    });
    expect(context).not.toHaveProperty("gone");
  });
});

describe("what was thrown", () => {
  test("an error of ours stays itself", () => {
    const error = new RetryableError(lost);
    expect(toMillraceError(error, { code: "INTERNAL", fault: "internal" })).toBe(error);
  });

  test("a foreign error is the cause and keeps its message", () => {
    const cause = new RangeError("Invalid time value");
    const error = toMillraceError(cause, { code: "STEP_CODE_FAILED", fault: "caller", message: 'Step "scored"' });
    expect(error).toMatchObject({ code: "STEP_CODE_FAILED", message: 'Step "scored": Invalid time value', cause });
  });

  test.each([
    ["text", "text"],
    [undefined, "null"],
    [{ a: 1 }, '{"a":1}'],
    [Object.create(null), "{}"],
    [Symbol("s"), '"Symbol(s)"'],
  ])("%o that is no error becomes one", (thrown: unknown, message) => {
    expect(toMillraceError(thrown, { code: "INTERNAL", fault: "internal" }).message).toBe(message);
  });

  test("an abort is RUN_CANCELLED, and a timeout that aborted stays a timeout", () => {
    const abort = AbortSignal.abort().reason as unknown;
    expect(isAbort(abort)).toBe(true);
    expect(toMillraceError(abort, { code: "INTERNAL", fault: "internal" }).code).toBe("RUN_CANCELLED");
    const timeout = new TerminalError({ code: "STEP_TIMEOUT", fault: "caller", message: "too long" });
    expect(cancelledError(timeout)).toBe(timeout);
    expect([isAbort(cancelledError("stop")), isAbort(timeout), isAbort(new Error("no"))]).toEqual([true, false, false]);
    expect(cancelledError("ctrl-c").message).toBe("Cancelled: ctrl-c");
  });
});

describe("JSON form", () => {
  test("has causes, a fingerprint and nothing that JSON cannot hold", () => {
    const root = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    const error = new RetryableError({
      ...lost,
      cause: new Error("write failed", { cause: root }),
      retryAfterMs: 100,
      context: { step: "daily" },
    });
    const json = toErrorJson(error);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json).toMatchObject({
      code: "STORE_IO",
      failure_class: "retryable",
      retry_after_ms: 100,
      fingerprint: fingerprintOf("STORE_IO", "daily", lost.message),
      cause: { message: "write failed", cause: { message: root.message, context: { code: "ENOSPC" } } },
    });
    expect(json).not.toHaveProperty("stack");
  });

  test("a circle of causes ends", () => {
    const first = new Error("first");
    const second = new Error("second", { cause: first });
    first.cause = second;
    const json = toErrorJson(new TerminalError({ ...lost, cause: first }));
    expect(json.cause?.cause?.message).toBe("second");
    expect(json.cause?.cause?.cause).toBeUndefined();
  });

  test("redaction reaches message, context keys and values, causes and issues", () => {
    const error = new TerminalError({
      ...lost,
      message: "hunter22 failed",
      context: { url: "hunter22", hunter22: 1 },
      cause: new Error("also hunter22"),
      issues: [{ severity: "error", code: "X", message: "hunter22", path: ["hunter22"] }],
    });
    const json = toErrorJson(error, { redact: (text) => text.replaceAll("hunter22", "***") });
    expect(JSON.stringify(json)).not.toContain("hunter22");
    expect(json.context).toEqual({ url: "***", "***": 1 });
  });
});

describe("fingerprint", () => {
  test.each([
    ["row 41,207 of clean_orders", "row 7 of clean_orders"],
    ["run 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "run ffffffff-c3d4-7e5f-8a9b-0c1d2e3f4a5b"],
    ["at 2024-02-29T12:30:00Z", "at 2025-03-01T01:02:03Z"],
    ["blob 9f86d081884c7d65", "blob 2c26b46b68ffc68f"],
  ])("%s is the same failure as %s", (a, b) => {
    expect(fingerprintOf("C", "s", a)).toBe(fingerprintOf("C", "s", b));
  });

  test("names, steps and codes make different failures", () => {
    const all = [
      fingerprintOf("C", "s", 'column "a"'),
      fingerprintOf("C", "s", 'column "b"'),
      fingerprintOf("C", "t", 'column "a"'),
      fingerprintOf("D", "s", 'column "a"'),
    ];
    expect(new Set(all).size).toBe(4);
    expect(all[0]).toMatch(/^[0-9a-f]{16}$/);
  });
});
