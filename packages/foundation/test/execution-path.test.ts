import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeKeySegment, encodeKeySegment, ExecutionPathResolver, PipelineStage } from "../src/index.ts";
import type { StorageContext } from "../src/index.ts";

const context: StorageContext = {
  execution: "e1",
  route: "orders",
  stage: PipelineStage.INGEST,
  message: "raw_orders",
  extension: "json",
};

describe("keys of artefacts", () => {
  const paths = new ExecutionPathResolver();

  test("have the pattern of the seed", () => {
    // Seed 001 and its documentation: executions/<execution-id>/<route-id>/<stage-name>/<message-id>[.ext], sidecar .meta.json.
    expect(paths.resolve(context)).toBe("executions/e1/orders/ingest/raw_orders.json");
    expect(paths.resolveSidecar(context)).toBe("executions/e1/orders/ingest/raw_orders.json.meta.json");
    expect(paths.resolve({ execution: "e1", route: "orders", stage: "ingest", message: "m" })).toBe(
      "executions/e1/orders/ingest/m",
    );
    expect([paths.prefix({ execution: "e1" }), paths.prefix({ execution: "e1", route: "r", stage: "store" })]).toEqual([
      "executions/e1/",
      "executions/e1/r/store/",
    ]);
  });

  test("begin where the configuration says", () => {
    const own = new ExecutionPathResolver({ root: "team/a", sidecarSuffix: ".sidecar.yaml" });
    expect(own.resolve(context)).toBe("team/a/e1/orders/ingest/raw_orders.json");
    expect(own.parse(own.resolveSidecar(context))).toEqual(context);
    expect(() => new ExecutionPathResolver({ root: "../x" })).toThrow("root must be");
    expect(() => new ExecutionPathResolver({ sidecarSuffix: "/../x" })).toThrow("sidecarSuffix must be");
  });

  test.each([["../x"], ["a/b"], [".."], ["."], [""], ["a\\b"], ["a\0b"], ["a\nb"]])(
    "%j is refused in every part",
    (text) => {
      for (const field of ["execution", "route", "message"] as const)
        expect(() => paths.resolve({ ...context, [field]: text })).toThrow(`${field} must be`);
      expect(() => paths.resolve({ ...context, extension: text })).toThrow("extension must be");
      expect(() => paths.resolve({ ...context, stage: text as "ingest" })).toThrow("stage must be");
    },
  );

  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .map((text) => text.replaceAll(/[/\\\p{Cc}]/gu, ".") || "x")
    .filter((text) => text !== "." && text !== ".." && text.isWellFormed() && encodeURIComponent(text).length < 150);
  const anyContext = fc
    .record({
      execution: name,
      route: name,
      stage: fc.constantFrom(...Object.values(PipelineStage)),
      message: fc.oneof(name, fc.constantFrom("a.b", "x.meta", "x.meta.json", ".hidden", "%2E", "a%2Fb")),
      extension: fc.option(fc.constantFrom("json", "parquet", "meta", "b"), { nil: undefined }),
    })
    .map(({ extension, ...rest }): StorageContext => ({ ...rest, ...(extension === undefined ? {} : { extension }) }));

  test("give their context back, sidecars too, and no artefact looks like a sidecar", () => {
    fc.assert(
      fc.property(anyContext, (each) => {
        const key = paths.resolve(each);
        expect(paths.parse(key)).toEqual(each);
        expect(paths.parse(paths.resolveSidecar(each))).toEqual(each);
        expect(paths.isSidecar(key)).toBe(false);
        expect(key.split("/").every((part) => part !== "" && !part.startsWith("."))).toBe(true);
        expect(key.split("/")).toHaveLength(5);
      }),
      { numRuns: 1000 },
    );
  });

  test("are different for different contexts", () => {
    fc.assert(
      fc.property(anyContext, anyContext, (a, b) => {
        expect(paths.resolve(a) === paths.resolve(b)).toBe(
          JSON.stringify([a.execution, a.route, a.stage, a.message, a.extension]) ===
            JSON.stringify([b.execution, b.route, b.stage, b.message, b.extension]),
        );
      }),
    );
    expect(paths.resolve({ ...context, message: "a.b", extension: "json" })).not.toBe(
      paths.resolve({ ...context, message: "a", extension: "b" }),
    );
  });

  test.each([
    ["other/e1/r/ingest/m"],
    ["executions/e1/r/ingest"],
    ["executions/e1/r/nope/m"],
    ["executions/../r/ingest/m"],
    ["executions/e1/r/ingest/m.j-s"],
    ["executions/e 1/r/ingest/m"],
  ])("%s is not one of them", (key) => {
    expect(paths.parse(key)).toBeUndefined();
  });
});

describe("a name as a part of a key", () => {
  test("comes back, and is safe", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 30 }), (text) => {
        const segment = encodeKeySegment(text);
        expect(segment).toMatch(/^(?!\.)[A-Za-z0-9_.%~-]{1,180}$/);
        expect(decodeKeySegment(segment)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test("stays readable where it can", () => {
    expect(["sales.orders", "a/b", "..", ".x", "ü", "a b", "50%", "con"].map(encodeKeySegment)).toEqual([
      "sales.orders",
      "a%2Fb",
      "%2E.",
      "%2Ex",
      "%C3%BC",
      "a%20b",
      "50%25",
      "con",
    ]);
  });

  test("a long name keeps its beginning and stays one of its own", () => {
    const [one, two] = [encodeKeySegment(`${"a".repeat(500)}1`), encodeKeySegment(`${"a".repeat(500)}2`)];
    expect([one.length, two.length]).toEqual([180, 180]);
    expect(one).not.toBe(two);
    expect(decodeKeySegment(one)).toBeUndefined();
    // Also where the cut falls inside an escape.
    expect(new Set(Array.from({ length: 60 }, (_, index) => encodeKeySegment("ü".repeat(40 + index)))).size).toBe(60);
  });

  test("text that is not well-formed, and empty text, is refused", () => {
    expect(() => encodeKeySegment("")).toThrow("must have a character");
    expect(() => encodeKeySegment("\ud800")).toThrow("well-formed");
  });

  test.each([["%2e"], ["%41"], ["a/b"], ["%FF"], [""], ["a~b"], [".a"]])("%j was not made from a name", (segment) => {
    expect(decodeKeySegment(segment)).toBeUndefined();
  });
});
