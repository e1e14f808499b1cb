import { parseColumnType } from "@millrace/foundation";
import { typeMappings } from "@millrace/protocols";
import * as arrow from "apache-arrow";
import { expect, test } from "vitest";
import { toArrowSchema, toArrowType } from "../../src/code-step/arrow-type.ts";
import { Decimal } from "../../src/code-step/index.ts";
import { encode } from "./step-fixture.ts";
import { everyType } from "./value-arbitraries.ts";

/** How `typeMappings` writes an Arrow type, against how apache-arrow 21 prints it. */
const printed: Readonly<Record<string, string>> = {
  "Decimal128(38,0)": "Decimal[38e0]",
  "Decimal256(39,0)": "Decimal[39e0]",
  "Decimal128(p,s)": "Decimal[4e+1]",
  DateDay: "Date32<DAY>",
  TimeMicrosecond: "Time64<MICROSECOND>",
  TimestampSecond: "Timestamp<SECOND>",
  TimestampMillisecond: "Timestamp<MILLISECOND>",
  TimestampMicrosecond: "Timestamp<MICROSECOND>",
  TimestampNanosecond: "Timestamp<NANOSECOND>",
  "TimestampMicrosecond(UTC)": "Timestamp<MICROSECOND, UTC>",
  "List<T>": "List<Int64>",
  "Struct<…>": "Struct<{lat:Float64, tags:List<Utf8>, __proto__:Int32}>",
  "Map<K,V>": "Map<{key:Utf8, value:Decimal[9e+3]}>",
};

test.each(Object.entries(typeMappings))("%s becomes the Arrow type of typeMappings", (name, mapping) => {
  const text = everyType.find((one) => parseColumnType(one).type === name) as string;
  const expected = (printed[mapping.arrow] ?? mapping.arrow).replace(
    "List<Int64>",
    name === "ARRAY" ? "List<Float64>" : "List<Int64>",
  );
  const type: { toString(): string } = toArrowType(arrow, parseColumnType(text));
  expect(type.toString()).toBe(expected);
});

test("wide integers have the widths of typeMappings", () => {
  expect((toArrowType(arrow, { type: "HUGEINT" }) as arrow.Decimal).bitWidth).toBe(128);
  expect((toArrowType(arrow, { type: "UHUGEINT" }) as arrow.Decimal).bitWidth).toBe(256);
});

test("columns that are never null are not nullable in Arrow", () => {
  const schema = toArrowSchema(arrow, [
    { name: "a", type: { type: "BIGINT" }, nullable: false },
    { name: "b", type: { type: "BIGINT" }, nullable: true },
  ]);
  expect(schema.fields.map(({ nullable }) => nullable)).toEqual([false, true]);
});

test("apache-arrow reads the values that were encoded", async () => {
  const pieces = await encode(
    [
      { i: 7, d: Decimal.from("-1.50"), t: "né🦆", day: "1970-01-03", at: new Date(1500), l: [1, null], s: { a: "x" } },
      { i: null, d: null, t: null, day: null, at: null, l: null, s: null },
    ],
    {
      i: "BIGINT",
      d: "DECIMAL(9,2)",
      t: "VARCHAR",
      day: "DATE",
      at: "TIMESTAMP",
      l: "DOUBLE[]",
      s: "STRUCT(a VARCHAR)",
    },
  );
  const table = arrow.tableFromIPC(pieces);
  const cell = (name: string): unknown => table.getChild(name)?.get(0);
  expect(cell("i")).toBe(7n);
  // apache-arrow gives a decimal as its unscaled words.
  expect([...(cell("d") as Uint32Array)].map((word) => word | 0)).toEqual([-150, -1, -1, -1]);
  expect(cell("t")).toBe("né🦆");
  expect(Number(cell("day"))).toBe(2 * 86_400_000);
  expect(Number(cell("at"))).toBe(1500);
  expect([...(cell("l") as Iterable<unknown>)]).toEqual([1, null]);
  expect((cell("s") as { toJSON(): unknown }).toJSON()).toEqual({ a: "x" });
  for (const name of table.schema.names) expect(table.getChild(name)?.get(1)).toBeNull();
});
