import { columnsFromText } from "@millrace/foundation";
import type { StepInput } from "@millrace/protocols";
import * as arrow from "apache-arrow";
import { expect, test } from "vitest";
import { createStepInput, Decimal, encodeOutput } from "../../src/code-step/index.ts";
import { collect, inputOf, throughIpc } from "./step-fixture.ts";

const columns = {
  d: "DOUBLE",
  f: "FLOAT",
  i: "INTEGER",
  day: "DATE",
  big: "BIGINT",
  ubig: "UBIGINT",
  at: "TIMESTAMP",
  zoned: "TIMESTAMPTZ",
  flag: "BOOLEAN",
  name: "VARCHAR",
  amount: "DECIMAL(9,2)",
};
const row = {
  d: 1.5,
  f: 0.5,
  i: -7,
  day: "1970-01-02",
  big: 12n,
  ubig: 13n,
  at: new Date(1000),
  zoned: new Date(2000),
  flag: true,
  name: "né",
  amount: Decimal.from("1.50"),
};

async function sample(): Promise<StepInput> {
  return throughIpc([row, {}, row], columns);
}

test("gives typed arrays by type, with 0 where a row is null", async () => {
  const read = await (await sample()).columns(...Object.keys(columns));
  expect(Object.fromEntries(Object.entries(read).map(([name, { data }]) => [name, data]))).toEqual({
    d: Float64Array.of(1.5, 0, 1.5),
    f: Float32Array.of(0.5, 0, 0.5),
    i: Int32Array.of(-7, 0, -7),
    day: Int32Array.of(1, 0, 1),
    big: BigInt64Array.of(12n, 0n, 12n),
    ubig: BigUint64Array.of(13n, 0n, 13n),
    at: BigInt64Array.of(1_000_000n, 0n, 1_000_000n),
    zoned: BigInt64Array.of(2_000_000n, 0n, 2_000_000n),
    flag: Uint8Array.of(1, 0, 1),
    name: ["né", null, "né"],
    amount: [Decimal.from("1.50"), null, Decimal.from("1.50")],
  });
  for (const column of Object.values(read)) expect(column.nulls).toEqual(Uint8Array.of(0, 1, 0));
});

test("what a sender left below its nulls does not show", async () => {
  const dirty = (type: arrow.DataType, data: unknown): arrow.Vector =>
    arrow.makeVector(arrow.makeData({ type, length: 2, nullCount: 1, nullBitmap: Uint8Array.of(0b01), data } as never));
  const table = new arrow.Table({
    d: dirty(new arrow.Float64(), Float64Array.of(1, 99)),
    big: dirty(new arrow.Int64(), BigInt64Array.of(1n, 99n)),
    flag: dirty(new arrow.Bool(), Uint8Array.of(0b11)),
    ns: dirty(new arrow.TimestampNanosecond(), BigInt64Array.of(1000n, 99n)),
  });
  const types = { d: "DOUBLE", big: "BIGINT", flag: "BOOLEAN", ns: "TIMESTAMP_NS" };
  const read = await inputOf(columnsFromText(types), [arrow.tableToIPC(table, "stream")]).columns();
  expect(Object.values(read).map(({ data }) => data)).toEqual([
    Float64Array.of(1, 0),
    BigInt64Array.of(1n, 0n),
    Uint8Array.of(1, 0),
    BigInt64Array.of(1n, 0n),
  ]);
});

test("at() gives what rows() gives", async () => {
  const read = await (await sample()).columns();
  const at = (index: number): unknown =>
    Object.fromEntries(Object.entries(read).map(([name, column]) => [name, column.at(index)]));
  expect(at(0)).toEqual({ ...row, big: 12, ubig: 13 });
  expect(new Set(Object.values(at(1) as object))).toEqual(new Set([null]));
  expect(new Set(Object.values(at(3) as object))).toEqual(new Set([undefined]));
});

test("nulls is null where no row is", async () => {
  const { id } = await (await throughIpc([{ id: 1 }], { id: "BIGINT" })).columns("id");
  expect(id?.nulls).toBeNull();
});

test("at() is loud where data holds more than a number or Date can", async () => {
  const input = await throughIpc([{ big: 2n ** 60n, at: 1n }], { big: "BIGINT", at: "TIMESTAMP" });
  const { big, at } = await input.columns("big", "at");
  expect([big?.data[0], at?.data[0]]).toEqual([2n ** 60n, 1n]);
  expect(() => big?.at(0)).toThrow('Column "big", row 1 of the input');
  expect(() => at?.at(0)).toThrow(expect.objectContaining({ code: "STEP_VALUE_OUT_OF_RANGE" }));
});

test("puts other units of time into microseconds, loud where nanoseconds would be lost", async () => {
  const types = { s: "TIMESTAMP_S", ms: "TIMESTAMP_MS", ns: "TIMESTAMP_NS" };
  const read = await (await throughIpc([{ s: new Date(3000), ms: new Date(3), ns: 3n }, {}], types)).columns();
  expect([read["s"]?.data, read["ms"]?.data, read["ns"]?.data]).toEqual([
    BigInt64Array.of(3_000_000n, 0n),
    BigInt64Array.of(3000n, 0n),
    BigInt64Array.of(3n, 0n),
  ]);
  const lossy = await throughIpc([{}, { ns: "1970-01-01T00:00:00.000000001" }], types);
  await expect(lossy.columns("ns")).rejects.toThrow('Column "ns", row 2 of the input: microseconds would lose');
});

test("joins the batches of a column", async () => {
  const values = Float64Array.from({ length: 140_000 }, (_, index) => index);
  const { d } = await (await throughIpc({ d: values }, { d: "DOUBLE!" })).columns("d");
  expect(d?.data).toEqual(values);
});

test("reads only the columns that are asked for, each once", async () => {
  const typed = columnsFromText({ a: "INTEGER", b: "INTEGER", c: "INTEGER" });
  const asked: unknown[] = [];
  const input = createStepInput({
    schema: { origin: "bound", columns: typed },
    present: true,
    count: () => Promise.resolve(1),
    async *ipc(names) {
      asked.push(names);
      const some = typed.filter(({ name }) => names?.includes(name) === true);
      yield* await collect(encodeOutput([Object.fromEntries(some.map(({ name }) => [name, 1]))], some, { step: "s" }));
    },
  });
  const read = await input.columns("c", "a", "c");
  expect(asked).toEqual([["c", "a"]]);
  expect(Object.keys(read)).toEqual(["c", "a"]);
  expect(read["a"]?.at(0)).toBe(1);
});

test("refuses a source that leaves out a column", async () => {
  const typed = columnsFromText({ a: "INTEGER", b: "INTEGER" });
  const input = createStepInput({
    schema: { origin: "bound", columns: typed },
    present: true,
    count: () => Promise.resolve(1),
    async *ipc() {
      yield* await collect(encodeOutput([{ a: 1 }], typed.slice(0, 1), { step: "s" }));
    },
  });
  await expect(input.columns("b")).rejects.toMatchObject({ code: "INTERNAL" });
});

test("suggests a name for a column that is not there", async () => {
  await expect((await sample()).columns("amout")).rejects.toMatchObject({
    code: "STEP_COLUMN_UNKNOWN",
    message: 'The input has no column "amout". Did you mean "amount"?',
    context: { column: "amout", suggestion: "amount" },
  });
});

test("columns go out again as they came in", async () => {
  const read = await (await sample()).columns();
  const again = await (await throughIpc(read, columns)).columns();
  expect(Object.values(again).map(({ data, nulls }) => [data, nulls])).toEqual(
    Object.values(read).map(({ data, nulls }) => [data, nulls]),
  );
});
