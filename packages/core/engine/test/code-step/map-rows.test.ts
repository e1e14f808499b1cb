import { cancelledError, columnsFromText, RetryableError, TerminalError } from "@millrace/foundation";
import type { MillraceError } from "@millrace/foundation";
import type { RowFunction, StepInput } from "@millrace/protocols";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { mapRows } from "../../src/code-step/index.ts";
import { collect, contextOf, inputOf, listOf, throughIpc } from "./step-fixture.ts";

const columns = columnsFromText({ id: "INTEGER!", twice: "DOUBLE" });
const source = { order_id: "INTEGER", amount: "DOUBLE", customer_id: "VARCHAR", third_id: "INTEGER" };

async function orders(count: number): Promise<StepInput> {
  return throughIpc(
    Array.from({ length: count }, (_, id) => ({ order_id: id, amount: id / 2, customer_id: `c${id}`, third_id: 0 })),
    source,
  );
}

async function map(input: StepInput, fn: RowFunction, signal?: AbortSignal): Promise<Record<string, unknown>[]> {
  const pieces = await collect(mapRows(input, fn, { columns, context: contextOf(signal) }));
  return listOf(inputOf(columns, pieces).rows());
}

const double: RowFunction = (row) => ({ id: row["order_id"], twice: (row["amount"] as number) * 2 });

test("maps each row, in order", async () => {
  expect(await map(await orders(3), double)).toEqual([
    { id: 0, twice: 0 },
    { id: 1, twice: 1 },
    { id: 2, twice: 2 },
  ]);
});

test("no row is lost or doubled, whatever a function returns", async () => {
  const input = await orders(70_000);
  // A batch holds 65,536 rows: its border falls behind another kind of answer in each run.
  const kinds = fc.constantFrom("none", "empty", "two", "promise of a row", "promise of nothing");
  await fc.assert(
    fc.asyncProperty(
      fc.array(kinds, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 9 }),
      async (some, every) => {
        const expected: number[] = [];
        const fn: RowFunction = (row) => {
          const id = row["order_id"] as number;
          const kind = id % every === 0 ? some[(id / every) % some.length] : "row";
          if (kind === "none") return undefined;
          if (kind === "empty") return [];
          if (kind === "promise of nothing") return Promise.resolve();
          expected.push(id);
          if (kind !== "two") return kind === "row" ? { id } : Promise.resolve({ id });
          expected.push(-1 - id);
          return [{ id }, { id: -1 - id }];
        };
        const mapped = await map(input, fn);
        expect(mapped.map(({ id }) => id).join()).toBe(expected.join());
      },
    ),
    { numRuns: 10 },
  );
});

test("a row of many rows fills several batches", async () => {
  const many = Array.from({ length: 140_000 }, (_, id) => ({ id }));
  expect(await map(await orders(2), (row) => (row["order_id"] === 0 ? many : { id: -1 }))).toHaveLength(140_001);
});

test("a function that returns no promise is not awaited", async () => {
  const seen: unknown[] = [];
  const fn: RowFunction = (row) => {
    seen.push(row["order_id"]);
    if (row["order_id"] === 0) queueMicrotask(() => seen.push("later"));
  };
  await map(await orders(3), fn);
  expect(seen).toEqual([0, 1, 2, "later"]);
});

test("gives the function the context of the step", async () => {
  const seen = vi.fn<RowFunction>();
  const context = contextOf();
  await collect(mapRows(await orders(1), seen, { columns, context }));
  expect(seen.mock.calls).toEqual([[{ order_id: 0, amount: 0, customer_id: "c0", third_id: 0 }, context]]);
});

test("takes inputs that are not ours", async () => {
  const rows = [{ order_id: 5, amount: 1 }];
  const foreign = { ...(await orders(0)), rows: () => rows.values() } as unknown as StepInput;
  expect(await map(foreign, double)).toEqual([{ id: 5, twice: 2 }]);
});

test("an error of the function has the row, its keys, the author's frame and the original as cause", async () => {
  const failing: RowFunction = (row) => {
    if (row["order_id"] === 70_000) throw new RangeError("Invalid time value");
    return undefined;
  };
  await expect(map(await orders(80_000), failing)).rejects.toMatchObject({
    name: "MillraceError",
    code: "STEP_CODE_FAILED",
    fault: "caller",
    failureClass: "terminal",
    message: "RangeError: Invalid time value",
    context: {
      step: "scored",
      row: 70_001,
      keys: { order_id: 70_000, customer_id: "c70000" },
      frame: { file: import.meta.filename, line: expect.any(Number), column: expect.any(Number) },
    },
    cause: new RangeError("Invalid time value"),
  });
  const error: unknown = await map(await orders(80_000), failing).catch((thrown: unknown) => thrown);
  expect((error as MillraceError).context["keys"]).toEqual({ order_id: 70_000, customer_id: "c70000" });
});

test("the keys in an error are short, and only of columns that look like keys", async () => {
  const input = await throughIpc([{ paid: "p", userId: "u".repeat(500), at: new Date(0) }], {
    paid: "VARCHAR",
    userId: "VARCHAR",
    at: "TIMESTAMP",
  });
  const error: unknown = await map(input, () => {
    throw new Error("no");
  }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ context: { keys: { userId: `${"u".repeat(64)}…` } } });
  expect(Object.keys((error as MillraceError).context["keys"] as object)).toEqual(["userId"]);
});

test("a rejected promise is the same error as a throw", async () => {
  const failing: RowFunction = () => Promise.reject(new TypeError("no"));
  await expect(map(await orders(1), failing)).rejects.toMatchObject({
    code: "STEP_CODE_FAILED",
    message: "TypeError: no",
    context: { row: 1 },
  });
});

test("an output that its columns do not allow names the row of the input", async () => {
  const bad: RowFunction = (row) => (row["order_id"] === 2 ? { id: "x" } : undefined);
  await expect(map(await orders(5), bad)).rejects.toMatchObject({
    code: "STEP_OUTPUT_INVALID",
    message: expect.stringContaining(
      'Step "scored", row 3 of the input: column "id": expected INTEGER!, received the string "x"',
    ),
    context: { row: 3, column: "id" },
  });
});

test.each([
  ["null", null, "received null"],
  ["a number", 1, "received the number 1"],
  ["a generator", [].values(), "expected a row: an object of columns"],
])("refuses %s for a row", async (_, result, message) => {
  await expect(map(await orders(1), () => result)).rejects.toThrow(message);
});

test("a value that a row cannot hold is an error of the input, not of the function", async () => {
  const input = await throughIpc([{ id: 1 }, { id: 2n ** 60n }], { id: "BIGINT" });
  const fn = vi.fn<RowFunction>();
  await expect(map(input, fn)).rejects.toMatchObject({
    code: "STEP_VALUE_OUT_OF_RANGE",
    context: { row: 2, column: "id" },
  });
  expect(fn).toHaveBeenCalledTimes(1);
});

test("another attempt is made only where the error asks for it", async () => {
  const thrown = [
    [
      Object.assign(new Error("busy"), { retryable: true, retryAfterMs: 500 }),
      { code: "STEP_CODE_FAILED", failureClass: "retryable", retryAfterMs: 500 },
    ],
    [
      new RetryableError({ code: "HTTP_503", fault: "upstream", message: "busy" }),
      { code: "STEP_CODE_FAILED", failureClass: "retryable", message: "busy" },
    ],
    [new Error("busy"), { code: "STEP_CODE_FAILED", failureClass: "terminal" }],
  ] as const;
  for (const [error, expected] of thrown) {
    const failing: RowFunction = () => {
      throw error;
    };
    await expect(map(await orders(1), failing)).rejects.toMatchObject({ ...expected, cause: error });
  }
});

test("errors of Millrace pass as they are", async () => {
  const error = new TerminalError({ code: "STEP_COLUMN_UNKNOWN", fault: "caller", message: "no" });
  const failing: RowFunction = () => {
    throw error;
  };
  await expect(map(await orders(1), failing)).rejects.toBe(error);
});

test("stops between rows when the signal aborts, also for a function that never waits", async () => {
  const controller = new AbortController();
  const input = await orders(140_000);
  let calls = 0;
  setTimeout(() => controller.abort("enough"), 1);
  const endless: RowFunction = () => {
    calls++;
    const until = performance.now() + 0.01;
    while (performance.now() < until);
    return undefined;
  };
  await expect(map(input, endless, controller.signal)).rejects.toMatchObject({ code: "RUN_CANCELLED" });
  expect(calls).toBeLessThan(140_000);
});

test("what a function throws because of the signal is no error of its code", async () => {
  const controller = new AbortController();
  const timeout = new TerminalError({ code: "STEP_TIMEOUT", fault: "caller", message: "too long" });
  const aborted: RowFunction = (_, { signal }) => {
    controller.abort(timeout);
    signal.throwIfAborted();
  };
  await expect(map(await orders(1), aborted, controller.signal)).rejects.toBe(timeout);
  const plain = new AbortController();
  const reason = new Error("the server stops");
  const stopped: RowFunction = (_, { signal }) => {
    plain.abort(reason);
    signal.throwIfAborted();
  };
  await expect(map(await orders(1), stopped, plain.signal)).rejects.toBe(reason);
  const other = new AbortController();
  const cancelled: RowFunction = () => {
    other.abort();
    throw cancelledError("stop");
  };
  await expect(map(await orders(1), cancelled, other.signal)).rejects.toMatchObject({ code: "RUN_CANCELLED" });
});

test("an abort of the author's own is an error of the code", async () => {
  const own: RowFunction = () => AbortSignal.abort().throwIfAborted();
  await expect(map(await orders(1), own)).rejects.toMatchObject({ code: "STEP_CODE_FAILED", context: { row: 1 } });
});
