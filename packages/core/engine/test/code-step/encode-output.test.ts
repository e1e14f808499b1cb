import { columnsFromText } from "@millrace/foundation";
import * as arrow from "apache-arrow";
import { expect, test, vi } from "vitest";
import { encodeOutput } from "../../src/code-step/index.ts";
import { collect, encode, inputOf, listOf, throughIpc } from "./step-fixture.ts";

const columns = { id: "INTEGER!", name: "VARCHAR" };
const rows = [
  { id: 1, name: "a" },
  { id: 2, name: null },
];
const table = new arrow.Table({
  id: arrow.makeVector(Int32Array.of(1, 2)),
  name: arrow.vectorFromArray(["a", null], new arrow.Utf8()),
});

const shapes: readonly (readonly [string, () => unknown])[] = [
  ["an array of rows", () => rows],
  ["a promise of rows", () => Promise.resolve(rows)],
  ["an array of promises of rows", () => rows.map((row) => Promise.resolve(row))],
  ["a set of rows", () => new Set(rows)],
  ["a generator of rows", () => rows.values()],
  [
    "an async generator of rows",
    async function* () {
      yield* rows;
    },
  ],
  [
    "an async generator of arrays of rows",
    async function* () {
      yield rows.slice(0, 1);
      yield rows.slice(1);
    },
  ],
  ["rows without the columns that are null", () => [{ id: 1, name: "a" }, { id: 2 }]],
  [
    "rows with undefined for null",
    () => [
      { id: 1, name: "a" },
      { id: 2, name: undefined },
    ],
  ],
  [
    "rows whose columns stand in another order",
    () => [
      { name: "a", id: 1 },
      { name: null, id: 2 },
    ],
  ],
  ["rows without a prototype", () => rows.map((row) => Object.assign(Object.create(null) as object, row))],
  ["an object of columns", () => ({ id: Int32Array.of(1, 2), name: ["a", null] })],
  ["a promise of columns", () => Promise.resolve({ id: [1, 2], name: ["a", undefined] })],
  ["columns with a mask of nulls", () => ({ id: [1, 2], name: { data: ["a", "b"], nulls: Uint8Array.of(0, 1) } })],
  [
    "an async generator of columns",
    async function* () {
      yield { id: [1], name: ["a"] };
      yield { id: Int32Array.of(2) };
    },
  ],
  ["an Arrow table", () => table],
  ["an Arrow batch", () => table.batches[0]],
  ["an array of Arrow batches", () => table.batches],
  [
    "an async generator of Arrow tables",
    async function* () {
      yield table.slice(0, 1);
      yield table.slice(1);
    },
  ],
  ["rows of an Arrow table", () => [...table]],
  [
    "an Arrow table with dictionary-encoded texts",
    () => new arrow.Table({ id: arrow.makeVector(Int32Array.of(1, 2)), name: arrow.vectorFromArray(["a", null]) }),
  ],
  [
    "an Arrow table with wider integers",
    () =>
      new arrow.Table({ id: arrow.makeVector(BigInt64Array.of(1n, 2n)), name: table.getChild("name") as arrow.Vector }),
  ],
  ["a mixture of rows, columns and Arrow", () => [rows[0], { id: [2] }]],
];

test.each(shapes)("takes %s", async (_, make) => {
  const made: unknown = make();
  const output = typeof made === "function" ? (made as () => unknown)() : made;
  expect(await listOf((await throughIpc(output, columns)).rows())).toEqual(rows);
});

test.each([
  ["nothing", undefined, 'Step "s" returned nothing; expected rows, columns or Arrow. Return [] for no rows.'],
  ["null", null, "returned null"],
  ["a number", 7, "returned the number 7"],
  ["a text", "abc", 'returned the string "abc"'],
  ["bytes", new Uint8Array(3), "returned a Uint8Array"],
  ["a function", () => rows, "returned a function"],
  [
    "a single row",
    { id: 1, name: "a" },
    'row 1 of the output: expected an array for column "id", or an array of rows, received the number 1',
  ],
  ["an empty object", {}, "expected rows, columns or Arrow, received an empty object"],
  ["a Map", new Map([["id", [1]]]), "row 1 of the output: expected a row: an object of columns, received the string"],
  ["rows that are null", [null], "row 1 of the output: expected a row: an object of columns, received null"],
  ["rows that are texts", ["a"], 'received the string "a"'],
  ["rows that are dates", [new Date(0)], "received the Date 1970-01-01T00:00:00.000Z"],
  ["rows that are Maps", [new Map([["id", 1]])], "received a Map"],
  ["rows that are generators", [rows.values()], "received a"],
  ["arrays of arrays", [[[1, "a"]]], "expected a row: an object of columns, received an array of 2"],
  [
    "columns of unequal length",
    { id: [1, 2], name: ["a"] },
    'expected 2 values for column "name", as in the columns before, received an array of 1',
  ],
  ["a column that is not declared", { id: [1], nmae: ["a"] }, '"nmae" is no column of the step. Did you mean "name"?'],
  [
    "a row with a column that is not declared",
    [...rows, { id: 3, surname: "b" }],
    'Step "s", row 3 of the output: "surname" is no column of the step. Did you mean "name"?',
  ],
  ["a row far from any column", [{ id: 1, zzz: 1 }], '"zzz" is no column of the step. Its columns: id, name.'],
  [
    "an Arrow column of another type",
    new arrow.Table({ id: arrow.vectorFromArray(["1"], new arrow.Utf8()) }),
    'expected INTEGER for column "id" and not Arrow Utf8',
  ],
  [
    "an Arrow column that is not declared",
    new arrow.Table({ ids: arrow.makeVector(Int32Array.of(1)) }),
    '"ids" is no column of the step. Did you mean "id"?',
  ],
  [
    "nulls in a column that is never null",
    [{ id: 1 }, { name: "b" }],
    'Step "s", row 2 of the output: column "id": expected INTEGER!, received null. Return a value, or declare the column without `!`.',
  ],
  ["a left-out column that is never null", { name: ["a"] }, 'column "id": expected INTEGER!, received null'],
  [
    "an Arrow column that is null and never null",
    new arrow.Table({ id: arrow.vectorFromArray([1, null], new arrow.Int32()) }),
    'row 2 of the output: column "id": expected INTEGER!, received null',
  ],
])("refuses %s", async (_, output, message) => {
  await expect(encode(output, columns)).rejects.toMatchObject({
    code: "STEP_OUTPUT_INVALID",
    fault: "caller",
    failureClass: "terminal",
    message: expect.stringContaining(message),
  });
});

test("an error says step, row, column, expected and received in its context", async () => {
  await expect(encode([...rows, { id: "3" }], columns)).rejects.toMatchObject({
    context: { step: "s", row: 3, column: "id", expected: "INTEGER!", received: 'the string "3"' },
  });
});

test("counts rows over batches in an error", async () => {
  const many = Array.from({ length: 70_001 }, (_, id) => ({ id: id === 70_000 ? 0.5 : id }));
  await expect(encode(many, columns)).rejects.toMatchObject({ context: { row: 70_001, column: "id" } });
  const ids = Float64Array.from(many, ({ id }) => id);
  await expect(encode({ id: ids }, columns)).rejects.toMatchObject({ context: { row: 70_001, column: "id" } });
});

test("a row that leaves out a column named as a method of every object has null there", async () => {
  const typed = { id: "INTEGER", constructor: "VARCHAR", toString: "VARCHAR" };
  const output: object[] = [{ id: 1 }, { id: 2, constructor: "c", toString: "t" }];
  expect(await listOf((await throughIpc(output, typed)).rows())).toEqual([
    { id: 1, constructor: null, toString: null },
    { id: 2, constructor: "c", toString: "t" },
  ]);
});

test("an object whose columns are all lists is columns on its own and a row among others", async () => {
  const typed = { tags: "INTEGER[]" };
  expect(await listOf((await throughIpc({ tags: [[1], [2]] }, typed)).rows())).toEqual([{ tags: [1] }, { tags: [2] }]);
  expect(await listOf((await throughIpc([{ tags: [1, 2] }], typed)).rows())).toEqual([{ tags: [1, 2] }]);
});

test("rows of an object that changes its columns are checked each time", async () => {
  await expect(
    encode(
      [
        { id: 1, name: "a" },
        { id: 2, nam: "b" },
      ],
      columns,
    ),
  ).rejects.toThrow('Did you mean "name"?');
});

test("reads no further than the piece that is taken", async () => {
  let made = 0;
  function* produce() {
    for (;;) yield { id: made++ };
  }
  const pieces = encodeOutput(produce(), columnsFromText(columns), { step: "s" });
  await pieces.next();
  expect(made).toBe(0);
  await pieces.next();
  expect(made).toBe(65_536);
  await pieces.return(undefined);
  expect(made).toBe(65_536);
});

test("closes the author's iterator when the reader stops and when a row is refused", async () => {
  const closed = vi.fn<() => void>();
  async function* produce(id: unknown) {
    try {
      for (;;) yield { id };
    } finally {
      closed();
    }
  }
  const pieces = encodeOutput(produce(1), columnsFromText(columns), { step: "s" });
  await pieces.next();
  await pieces.next();
  await pieces.return(undefined);
  expect(closed).toHaveBeenCalledTimes(1);
  await expect(encode(produce("x"), columns)).rejects.toThrow("received the string");
  expect(closed).toHaveBeenCalledTimes(2);
});

async function* failing() {
  yield { id: 1 };
  throw new RangeError("Invalid time value");
}
function* failingSync() {
  yield { id: 1 };
  throw new RangeError("Invalid time value");
}

test("an error of the author's generator is STEP_CODE_FAILED with the author's frame", async () => {
  for (const output of [failing(), failingSync(), Promise.reject(new RangeError("Invalid time value"))]) {
    await expect(encode(output, columns)).rejects.toMatchObject({
      code: "STEP_CODE_FAILED",
      message: "RangeError: Invalid time value",
      context: { step: "s", frame: { file: import.meta.filename } },
      cause: expect.any(RangeError),
    });
  }
});

test("takes iterators that were written by hand, and their errors are those of the author's code too", async () => {
  let left = 2;
  const sync = { next: () => ({ done: left === 0, value: { id: left-- } }) };
  const byHand = { [Symbol.asyncIterator]: () => sync } as unknown as AsyncIterable<unknown>;
  expect(await listOf((await throughIpc(byHand, columns)).rows())).toEqual([
    { id: 2, name: null },
    { id: 1, name: null },
  ]);
  const fail = (): never => {
    throw new TypeError("by hand");
  };
  const failures = [
    { [Symbol.asyncIterator]: fail },
    { [Symbol.iterator]: fail },
    { [Symbol.iterator]: () => ({ next: fail }) },
  ];
  for (const output of [...failures, { [Symbol.asyncIterator]: () => ({ next: fail }) }]) {
    await expect(encode(output, columns)).rejects.toMatchObject({
      code: "STEP_CODE_FAILED",
      message: "TypeError: by hand",
    });
  }
});

test("stops at the next batch when its signal aborts", async () => {
  const controller = new AbortController();
  function* produce() {
    for (let id = 0; ; id++) {
      if (id === 100_000) controller.abort("enough");
      yield { id };
    }
  }
  const pieces = encodeOutput(produce(), columnsFromText(columns), { step: "s", signal: controller.signal });
  await expect(collect(pieces)).rejects.toMatchObject({ code: "RUN_CANCELLED" });
});

test("Arrow decimals are no integers, although their words are", async () => {
  const data = arrow.makeData({ type: new arrow.Decimal(0, 9, 128), length: 1, data: Uint32Array.of(1, 0, 0, 0) });
  const decimals = new arrow.Table({ n: arrow.makeVector(data) });
  await expect(encode(decimals, { n: "UINTEGER" })).rejects.toThrow('"n": expected UINTEGER, received the Decimal 1');
});

test("columns after rows fill the same batch, and not more than it holds", async () => {
  const typed = columnsFromText(columns);
  const output = [{ id: 0 }, { id: Int32Array.from({ length: 70_000 }, (_, index) => index + 1) }];
  const batches = await listOf(inputOf(typed, await collect(encodeOutput(output, typed, { step: "s" }))).batches());
  expect(batches.map((batch) => (batch as arrow.RecordBatch).numRows)).toEqual([65_536, 4465]);
});

test("rows long after the last null have values", async () => {
  const output = Array.from({ length: 20_000 }, (_, id) => ({ id, ...(id === 0 ? {} : { name: "x" }) }));
  const { name } = await (await throughIpc(output, columns)).columns("name");
  expect(name?.nulls?.reduce((sum, one) => sum + one, 0)).toBe(1);
});

test("the buffers of a batch are not shared with the next", async () => {
  const typed = columnsFromText(columns);
  const output = Array.from({ length: 131_072 }, (_, id) => ({ id, name: id % 2 === 0 ? `n${id}` : null }));
  const batches = await listOf(inputOf(typed, await collect(encodeOutput(output, typed, { step: "s" }))).batches());
  const [first, second] = batches as [arrow.RecordBatch, arrow.RecordBatch];
  expect([first.get(0)?.["id"], first.get(0)?.["name"], first.get(1)?.["name"]]).toEqual([0, "n0", null]);
  expect([second.get(0)?.["id"], second.get(0)?.["name"], second.get(1)?.["name"]]).toEqual([65_536, "n65536", null]);
});
