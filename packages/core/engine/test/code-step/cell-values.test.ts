import { expect, test } from "vitest";
import { Decimal } from "../../src/code-step/index.ts";
import { encode, listOf, throughIpc } from "./step-fixture.ts";

const exact = { int64: "bigint", time: "micros" } as const;

// What is taken beside the form in which rows() gives a value; the latter is the round trip's.
test.each<[string, unknown, unknown]>([
  ["BIGINT", 9_007_199_254_740_991, 9_007_199_254_740_991n],
  ["BIGINT", -1, -1n],
  ["BIGINT", -0, 0n],
  ["INTEGER", 5n, 5],
  ["UBIGINT", 4_294_967_296, 4_294_967_296n],
  ["HUGEINT", -5, -5n],
  ["UHUGEINT", 9_007_199_254_740_991, 9_007_199_254_740_991n],
  ["DOUBLE", 3n, 3],
  ["FLOAT", 0.1, Math.fround(0.1)],
  ["FLOAT", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  // 1.005 is below 1.005 in binary; its text has three digits and fits.
  ["DECIMAL(9,3)", 1.005, new Decimal(1005n, 3)],
  ["DECIMAL(12,2)", 0.1, new Decimal(10n, 2)],
  ["DECIMAL(12,2)", -0, new Decimal(0n, 2)],
  ["DECIMAL(12,2)", "12.5", new Decimal(1250n, 2)],
  ["DECIMAL(12,2)", 7n, new Decimal(700n, 2)],
  ["DECIMAL(12,2)", Decimal.from("1.500"), new Decimal(150n, 2)],
  ["DECIMAL(12,2)", { value: 15n, scale: 1 }, new Decimal(150n, 2)],
  ["DECIMAL(38,6)", 123_456_789_012.345, new Decimal(123_456_789_012_345_000n, 6)],
  ["DECIMAL(38,30)", 0.5, new Decimal(5n * 10n ** 29n, 30)],
  ["TIMESTAMP", new Date("2024-02-29T12:00:00.001Z"), 1_709_208_000_001_000n],
  ["TIMESTAMP", "2024-02-29 12:00:00.000001", 1_709_208_000_000_001n],
  ["TIMESTAMP", "2024-02-29T14:00:00+02:00", 1_709_208_000_000_000n],
  ["TIMESTAMP", "2024-02-29", 1_709_164_800_000_000n],
  ["TIMESTAMP", "infinity", 2n ** 63n - 1n],
  ["TIMESTAMP", "-infinity", -(2n ** 63n - 1n)],
  ["TIMESTAMP", -(2n ** 63n - 1n), -(2n ** 63n - 1n)],
  ["TIMESTAMPTZ", "2024-02-29T12:00:00Z", 1_709_208_000_000_000n],
  ["TIMESTAMP_S", new Date(5000), 5_000_000n],
  ["TIMESTAMP_NS", "1970-01-01T00:00:00.000002", 2n],
  ["TIME", "12:34", "12:34:00"],
  ["TIMETZ", "01:00:00+02", "23:00:00+00"],
  ["TIMETZ", "23:00:00-02:30", "01:30:00+00"],
  ["UUID", "018F3C5E-7B7A-7C3D-9C1E-2F5A6B7C8D9E", "018f3c5e-7b7a-7c3d-9c1e-2f5a6b7c8d9e"],
  ["INTERVAL", "1 year 2 days 00:00:01", "P1Y2DT1S"],
  ["JSON", { a: [1, null] }, '{"a":[1,null]}'],
  ["JSON", 5, "5"],
  ["JSON", '"text"', '"text"'],
  ["BLOB", Buffer.from("né"), Uint8Array.of(0x6e, 0xc3, 0xa9)],
  ["DOUBLE[]", Float64Array.of(1, 2), [1, 2]],
  ["MAP(VARCHAR, INTEGER)", [["a", 1]], new Map([["a", 1]])],
  ["STRUCT(a INTEGER, b INTEGER)", { a: 1 }, { a: 1, b: null }],
])("%s takes %o", async (type, value, expected) => {
  expect(await listOf((await throughIpc([{ v: value }], { v: type })).rows(exact))).toEqual([{ v: expected }]);
});

test.each<[string, unknown, string]>([
  ["BOOLEAN", 1, "received the number 1. Return true or false."],
  ["BOOLEAN", "true", 'received the string "true"'],
  ["TINYINT", 128, "an integer from -128 to 127"],
  ["UTINYINT", -1, "an integer from 0 to 255"],
  ["INTEGER", 2_147_483_648, "received the number 2147483648. Return an integer from -2147483648 to 2147483647."],
  ["INTEGER", -2_147_483_649n, "received the bigint -2147483649n"],
  ["INTEGER", 1.5, "received the number 1.5"],
  ["INTEGER", Number.NaN, "received the number NaN"],
  ["INTEGER", "7", 'received the string "7"'],
  ["UINTEGER", 4_294_967_296, "from 0 to 4294967295"],
  ["BIGINT", 9_007_199_254_740_992, "Numbers above 2^53 are not exact; return a bigint."],
  ["BIGINT", 2n ** 63n, "received the bigint 9223372036854775808n"],
  ["BIGINT", 0.5, "an integer from -9223372036854775808"],
  ["UBIGINT", -1, "an integer from 0 to 18446744073709551615"],
  ["UBIGINT", -1n, "received the bigint -1n"],
  ["HUGEINT", 2n ** 127n, "Return a bigint in the range"],
  ["UHUGEINT", -1, "Return a bigint in the range"],
  ["UHUGEINT", 2n ** 128n, "Return a bigint in the range"],
  ["FLOAT", 1e300, "It is too large; use DOUBLE."],
  ["DOUBLE", "1.5", 'received the string "1.5"'],
  ["DOUBLE", 2n ** 60n + 1n, "received the bigint"],
  ["DOUBLE", Decimal.from("1.5"), "received the Decimal 1.5. Return a number; a Decimal has toNumber()."],
  ["DECIMAL(4,1)", 1000, "too many digits"],
  ["DECIMAL(4,1)", "-1000.0", "too many digits"],
  ["DECIMAL(4,1)", 0.25, "It has more than 1 digits after the point; round it first."],
  ["DECIMAL(12,2)", 0.1 + 0.2, "received the number 0.30000000000000004. It has more than 2 digits"],
  ["DECIMAL(12,2)", Number.NaN, "received the number NaN"],
  ["DECIMAL(38,0)", 2 ** 60, "Numbers above 2^53 are not exact"],
  ["DECIMAL(12,2)", "1,5", 'received the string "1,5"'],
  ["DECIMAL(12,2)", true, "received the boolean true"],
  ["VARCHAR", 5, "received the number 5. Return a string."],
  ["VARCHAR", "a\uD800", "half of a surrogate pair"],
  ["VARCHAR", `${"x".repeat(50)}\uDC00`, "half of a surrogate pair"],
  ["ENUM('eu', 'uk')", "Asia", "Return one of its values"],
  ["ENUM('europe', 'uk')", "europa", 'Did you mean "europe"?'],
  ["UUID", "018f3c5e", "Return a text as"],
  ["BIT", "012", "text of 0 and 1"],
  ["JSON", "{a:1}", "A string is JSON text: write JSON.stringify(…)."],
  ["JSON", 1n, "It has no JSON form"],
  ["JSON", new Map([["a", 1]]), "received a Map. It has no JSON form."],
  ["JSON", { at: [Number.NaN] }, "It has no JSON form"],
  ["JSON", { f: () => 1 }, "It has no JSON form"],
  ["JSON", { bytes: Uint8Array.of(1) }, "It has no JSON form"],
  ["STRUCT(a INTEGER)", new Set([1]), "received a Set. Return an object."],
  ["STRUCT(a INTEGER)", Promise.resolve(), "received a Promise. Return an object."],
  ["BLOB", "abc", "Buffer.from(text)"],
  ["DATE", "2023-02-29", 'received the string "2023-02-29". Return a day of the calendar as "YYYY-MM-DD".'],
  ["DATE", new Date(0), "for a Date, toISOString().slice(0, 10)"],
  ["DATE", 19_000, "received the number 19000"],
  ["TIME", "25:00:00", 'received the string "25:00:00"'],
  ["TIMETZ", "12:00:00", '"12:34:56.789+02:00"'],
  ["TIMESTAMP", new Date(Number.NaN), "received an invalid Date"],
  ["TIMESTAMP", 1_700_000_000_000, "Return a Date, a text"],
  ["TIMESTAMP", "tomorrow", 'Write it as "2024-02-29T12:34:56.789Z"'],
  ["TIMESTAMP", "2024-02-29T12:00:00.0000001", "would lose part of the second"],
  ["TIMESTAMP", -(2n ** 63n), "outside of the type's range"],
  ["TIMESTAMP", 2n ** 63n, "outside of the type's range"],
  ["TIMESTAMP_S", new Date(1), "would lose part of the second"],
  ["TIMESTAMP_MS", 1n, "would lose part of the second"],
  ["TIMESTAMP_NS", "2300-01-01", "outside of the type's range"],
  ["TIMESTAMPTZ", "2024-02-29T12:00:00", "Say which time zone"],
  ["INTERVAL", "soon", 'Return a duration as "P1Y2M3DT4H5M6.5S"'],
  ['"NULL"', 1, "The column holds NULL only"],
  ["INTEGER[]", 5, "Return an array."],
  ["INTEGER[]", [1, "x"], 'column "v[]": expected INTEGER, received the string "x"'],
  ["INTEGER[2]", [1], "Return 2 elements."],
  ["STRUCT(a INTEGER)", [1], "Return an object."],
  ["STRUCT(a INTEGER)", { price: 1 }, 'It has no field "price". Its fields: a.'],
  ["STRUCT(amount INTEGER)", { amout: 1 }, 'Did you mean "amount"?'],
  ["STRUCT(a STRUCT(b DATE)[])", { a: [{ b: "x" }] }, 'column "v.a[].b": expected DATE'],
  ["MAP(VARCHAR, INTEGER)", { a: 1 }, "Return a Map, or an array of [key, value]."],
  [
    "MAP(VARCHAR, INTEGER)",
    [
      ["a", 1],
      ["a", 2],
    ],
    "The key stands twice.",
  ],
  ["MAP(VARCHAR, INTEGER)", ["a"], "An entry is [key, value]."],
  ["MAP(VARCHAR, INTEGER)", new Map([[null, 1]]), 'column "v key": expected VARCHAR!, received null'],
])("%s refuses %o", async (type, value, message) => {
  await expect(encode([{ v: value }], { v: type })).rejects.toMatchObject({
    code: "STEP_OUTPUT_INVALID",
    message: expect.stringContaining(message),
  });
});

test("typed arrays of days, microseconds and booleans are taken as columns() gives them", async () => {
  const output = { day: Int32Array.of(0, -1), at: BigInt64Array.of(1n, 2n), flag: Uint8Array.of(0, 1) };
  const input = await throughIpc(output, { day: "DATE", at: "TIMESTAMP", flag: "BOOLEAN" });
  expect(await listOf(input.rows(exact))).toEqual([
    { day: "1970-01-01", at: 1n, flag: false },
    { day: "1969-12-31", at: 2n, flag: true },
  ]);
});

test.each<[string, ArrayLike<unknown>]>([
  ["BOOLEAN", Uint8Array.of(2)],
  ["DATE", Float64Array.of(0.5)],
  ["DATE", Float64Array.of(2 ** 31)],
  ["INTEGER", Float64Array.of(0.5)],
  ["SMALLINT", Int32Array.of(32_768)],
  ["UINTEGER", Int32Array.of(-1)],
  ["TIMESTAMP", Float64Array.of(1)],
  ["FLOAT", Float64Array.of(1e300)],
])("a %s column refuses what its typed array cannot mean: %o", async (type, values) => {
  await expect(encode({ v: values }, { v: type })).rejects.toMatchObject({
    code: "STEP_OUTPUT_INVALID",
    context: { row: 1 },
  });
});

test("cuts long values in messages", async () => {
  await expect(encode([{ v: "x".repeat(1000) }], { v: "DATE" })).rejects.toMatchObject({
    message: expect.stringMatching(/^.{1,200}$/),
  });
});
