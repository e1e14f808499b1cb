import { columnsFromText } from "@millrace/foundation";
import * as arrow from "apache-arrow";
import { expect, test } from "vitest";
import { createStepInput, Decimal, encodeOutput } from "../../src/code-step/index.ts";
import { collect, inputOf, listOf, throughIpc } from "./step-fixture.ts";

/** An input over Arrow that apache-arrow itself wrote: expected values do not pass through our encoder. */
function arrowInput(columns: Record<string, string>, table: arrow.Table) {
  return inputOf(columnsFromText(columns), [arrow.tableToIPC(table, "stream")], table.numRows);
}

const micros = (values: readonly bigint[]): arrow.Vector =>
  arrow.makeVector(
    arrow.makeData({ type: new arrow.TimestampMicrosecond(), length: values.length, data: BigInt64Array.from(values) }),
  );

test("gives integers, decimals, times and texts as JavaScript values in column order", async () => {
  const table = new arrow.Table({
    id: arrow.makeVector(BigInt64Array.of(-1n, 9_007_199_254_740_991n)),
    n: arrow.makeVector(Int16Array.of(-3, 4)),
    at: micros([1_700_000_000_123_000n, -1000n]),
    name: arrow.vectorFromArray(["a", null], new arrow.Utf8()),
    ok: arrow.vectorFromArray([true, false], new arrow.Bool()),
    day: arrow.makeVector(arrow.makeData({ type: new arrow.DateDay(), length: 2, data: Int32Array.of(0, -1) })),
    time: arrow.makeVector(
      arrow.makeData({ type: new arrow.TimeMicrosecond(), length: 2, data: BigInt64Array.of(0n, 86_399_999_999n) }),
    ),
    amount: arrow.makeVector(
      arrow.makeData({
        type: new arrow.Decimal(2, 12, 128),
        length: 2,
        data: Uint32Array.of(1050, 0, 0, 0, -5 >>> 0, -1 >>> 0, -1 >>> 0, -1 >>> 0),
      }),
    ),
  });
  const input = arrowInput(
    {
      id: "BIGINT",
      n: "SMALLINT",
      at: "TIMESTAMP",
      name: "VARCHAR",
      ok: "BOOLEAN",
      day: "DATE",
      time: "TIME",
      amount: "DECIMAL(12,2)",
    },
    table,
  );
  const rows = await listOf(input.rows());
  expect(rows).toEqual([
    {
      id: -1,
      n: -3,
      at: new Date(1_700_000_000_123),
      name: "a",
      ok: true,
      day: "1970-01-01",
      time: "00:00:00",
      amount: new Decimal(1050n, 2),
    },
    {
      id: 9_007_199_254_740_991,
      n: 4,
      at: new Date(-1),
      name: null,
      ok: false,
      day: "1969-12-31",
      time: "23:59:59.999999",
      amount: new Decimal(-5n, 2),
    },
  ]);
  expect(Object.keys(rows[0] as object)).toEqual(["id", "n", "at", "name", "ok", "day", "time", "amount"]);
});

test.each([9_007_199_254_740_992n, -9_007_199_254_740_992n, 2n ** 63n - 1n, -(2n ** 63n)])(
  "refuses the BIGINT %s as a number, naming column and row, and gives it as a bigint",
  async (value) => {
    const table = new arrow.Table({
      k: arrow.makeVector(Int32Array.of(1, 2)),
      id: arrow.makeVector(BigInt64Array.of(5n, value)),
    });
    const input = arrowInput({ k: "INTEGER", id: "BIGINT" }, table);
    const read: unknown[] = [];
    await expect(
      (async () => {
        for await (const row of input.rows()) read.push(row);
      })(),
    ).rejects.toMatchObject({
      code: "STEP_VALUE_OUT_OF_RANGE",
      message: expect.stringContaining(`Column "id", row 2 of the input: ${value} does not fit`),
      context: { column: "id", row: 2 },
    });
    expect(read).toEqual([{ k: 1, id: 5 }]);
    expect((await listOf(input.rows({ int64: "bigint" })))[1]).toEqual({ k: 2, id: value });
  },
);

test("refuses an UBIGINT above 2^53 as a number, also with the highest bit set", async () => {
  for (const value of [2n ** 53n, 2n ** 64n - 1n]) {
    const input = arrowInput({ id: "UBIGINT" }, new arrow.Table({ id: arrow.makeVector(BigUint64Array.of(value)) }));
    await expect(listOf(input.rows())).rejects.toThrow(`${value} does not fit`);
    expect(await listOf(input.rows({ int64: "bigint" }))).toEqual([{ id: value }]);
  }
});

test.each([
  [1_700_000_000_123_456n, "would lose 456 microseconds"],
  [-1n, "would lose 999 microseconds"],
  // Above 2^53 microseconds: the year 2255.
  [9_007_199_254_740_993n, "would lose 993 microseconds"],
  // Infinity of DuckDB, and the year 290000.
  [2n ** 63n - 1n, "would lose 807 microseconds"],
  [9_100_000_000_000_000_000n, "outside of what a Date holds"],
])("refuses the time %s as a Date, and gives it as microseconds", async (value, message) => {
  const input = arrowInput({ at: "TIMESTAMP" }, new arrow.Table({ at: micros([value]) }));
  await expect(listOf(input.rows())).rejects.toMatchObject({
    code: "STEP_VALUE_OUT_OF_RANGE",
    message: expect.stringContaining(message),
  });
  expect(await listOf(input.rows({ time: "micros" }))).toEqual([{ at: value }]);
});

test("gives a Date beyond the year 2255, where microseconds are no safe number", async () => {
  const input = arrowInput({ at: "TIMESTAMP" }, new arrow.Table({ at: micros([64_060_588_800_000_000n]) }));
  expect(await listOf(input.rows())).toEqual([{ at: new Date("4000-01-01") }]);
});

test("refuses nanoseconds both as a Date and as microseconds", async () => {
  const data = arrow.makeData({ type: new arrow.TimestampNanosecond(), length: 1, data: BigInt64Array.of(1_000_001n) });
  const input = arrowInput({ at: "TIMESTAMP_NS" }, new arrow.Table({ at: arrow.makeVector(data) }));
  await expect(listOf(input.rows())).rejects.toThrow("would lose 1 nanoseconds");
  await expect(listOf(input.rows({ time: "micros" }))).rejects.toThrow("batches()");
});

test("reads dictionary-encoded texts, which other computes send", async () => {
  const table = new arrow.Table({ name: arrow.vectorFromArray(["b", "a", null, "b"]) });
  expect(arrow.DataType.isDictionary(table.getChild("name")?.type)).toBe(true);
  expect(await listOf(arrowInput({ name: "VARCHAR" }, table).rows())).toEqual([
    { name: "b" },
    { name: "a" },
    { name: null },
    { name: "b" },
  ]);
});

test("decodes each text alone where bytes are not valid UTF-8", async () => {
  const bytes = Uint8Array.of(0xc3, 0x41, 0xe2, 0x82, 0xac);
  const data = arrow.makeData({
    type: new arrow.Utf8(),
    length: 3,
    valueOffsets: Int32Array.of(0, 1, 2, 5),
    data: bytes,
  });
  const input = arrowInput({ t: "VARCHAR" }, new arrow.Table({ t: arrow.makeVector(data) }));
  expect(await listOf(input.rows())).toEqual([{ t: "\uFFFD" }, { t: "A" }, { t: "€" }]);
});

test("reads texts that are together longer than a window", async () => {
  const values = Array.from({ length: 600 }, (_, index) => (index % 100 === 0 ? "ü".repeat(50_000) : `x${index}`));
  const input = await throughIpc({ t: values }, { t: "VARCHAR" });
  expect((await listOf(input.rows())).map((row) => row["t"])).toEqual(values);
});

test("bytes of a row are a copy, which keeps no batch alive", async () => {
  const rows = await listOf(
    (await throughIpc([{ b: Uint8Array.of(1, 2) }, { b: Uint8Array.of(3) }], { b: "BLOB" })).rows(),
  );
  expect(rows).toEqual([{ b: Uint8Array.of(1, 2) }, { b: Uint8Array.of(3) }]);
  expect(rows.map(({ b }) => (b as Uint8Array).buffer.byteLength)).toEqual([2, 1]);
});

test("texts of a small batch are not those of the batch before", async () => {
  const tables = ["a", "b"].map((name) => new arrow.Table({ name: arrow.vectorFromArray([name], new arrow.Utf8()) }));
  const both = new arrow.Table(tables.flatMap(({ batches }) => batches));
  expect(both.batches).toHaveLength(2);
  expect(await listOf(arrowInput({ name: "VARCHAR" }, both).rows())).toEqual([{ name: "a" }, { name: "b" }]);
});

test("each loop reads from the start", async () => {
  const input = await throughIpc([{ id: 1 }, { id: 2 }], { id: "INTEGER" });
  const rows = input.rows();
  expect(await listOf(rows)).toEqual(await listOf(rows));
  expect(await listOf(input.batches())).toHaveLength(1);
});

test("closes its source when a loop ends early or a value is refused", async () => {
  const columns = columnsFromText({ id: "BIGINT" });
  const pieces = await collect(encodeOutput([{ id: 1 }, { id: 2n ** 60n }], columns, { step: "s" }));
  let closed = 0;
  const input = createStepInput({
    schema: { origin: "bound", columns },
    present: true,
    count: () => Promise.resolve(2),
    async *ipc() {
      try {
        yield* pieces;
      } finally {
        closed++;
      }
    },
  });
  for await (const row of input.rows()) {
    expect(row).toEqual({ id: 1 });
    break;
  }
  expect(closed).toBe(1);
  await expect(listOf(input.rows())).rejects.toThrow("does not fit");
  expect(closed).toBe(2);
  for await (const batch of input.batches()) {
    expect(batch).toBeDefined();
    break;
  }
  expect(closed).toBe(3);
});

test("answers calls that do not wait for each other in their order", async () => {
  const input = await throughIpc([{ id: 1 }, { id: 2 }], { id: "INTEGER" });
  const rows = input.rows()[Symbol.asyncIterator]();
  const answers = await Promise.all([rows.next(), rows.next(), rows.next(), rows.next()]);
  expect(answers.map(({ value }) => (value as { id: number } | undefined)?.id)).toEqual([1, 2, undefined, undefined]);
});

test("a call that follows an answer comes after those that were made before it", async () => {
  const input = await throughIpc([{ id: 1 }, { id: 2 }, { id: 3 }], { id: "INTEGER" });
  const rows = input.rows()[Symbol.asyncIterator]();
  const first = rows.next();
  const second = rows.next();
  const third = first.then(() => rows.next());
  const answers = await Promise.all([first, second, third]);
  expect(answers.map(({ value }) => (value as { id: number }).id)).toEqual([1, 2, 3]);
});

test("counts rows over batches in an error", async () => {
  const ids = BigInt64Array.from({ length: 70_000 }, (_, index) => (index === 69_999 ? 2n ** 60n : BigInt(index)));
  const input = await throughIpc({ id: ids }, { id: "BIGINT" });
  await expect(listOf(input.rows())).rejects.toMatchObject({ context: { column: "id", row: 70_000 } });
});

test("passes on an error of its source", async () => {
  const input = createStepInput({
    schema: { origin: "bound", columns: columnsFromText({ id: "BIGINT" }) },
    present: true,
    count: () => Promise.resolve(0),
    async *ipc() {
      yield new Uint8Array(0);
      throw new RangeError("disk");
    },
  });
  await expect(listOf(input.rows())).rejects.toThrow(new RangeError("disk"));
});

test("an optional input that is missing has no rows, and its source is not asked", async () => {
  const input = createStepInput({
    schema: { origin: "declared", columns: columnsFromText({ id: "BIGINT", name: "VARCHAR" }) },
    present: false,
    count: () => Promise.reject(new Error("asked")),
    ipc: () => {
      throw new Error("asked");
    },
  });
  expect(input.present).toBe(false);
  expect(await input.count()).toBe(0);
  expect(await listOf(input.rows())).toEqual([]);
  expect(await listOf(input.batches())).toEqual([]);
  expect((await input.columns("id", "name"))["id"]?.data).toEqual(new BigInt64Array(0));
});

test("refuses an option of rows() that it does not know", async () => {
  const input = await throughIpc([], { id: "BIGINT" });
  const options = JSON.parse('{ "int64": "string" }') as { int64: "number" };
  expect(() => input.rows(options)).toThrow('rows({ int64 }) takes "number" or "bigint", not "string"');
});

test("refuses Arrow that is not the type of its column", async () => {
  const table = new arrow.Table({ id: arrow.vectorFromArray(["1"], new arrow.Utf8()) });
  await expect(listOf(arrowInput({ id: "BIGINT" }, table).rows())).rejects.toMatchObject({ code: "INTERNAL" });
});
