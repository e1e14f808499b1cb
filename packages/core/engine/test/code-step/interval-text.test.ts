import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toDuckdbInterval, toIsoInterval } from "../../src/code-step/interval-text.ts";

test.each([
  // Left: casts of INTERVAL to VARCHAR by DuckDB 1.5.
  ["1 year 2 months 3 days 04:05:06.789", "P1Y2M3DT4H5M6.789S"],
  ["-1 years -2 months 3 days -04:05:06.789", "P-1Y-2M3DT-4H-5M-6.789S"],
  [
    "178956970 years 7 months -2147483648 days 2562047788:00:54.775807",
    "P178956970Y7M-2147483648DT2562047788H54.775807S",
  ],
  ["100:00:00", "PT100H"],
  ["00:00:00", "PT0S"],
  ["1 day -00:00:00.5", "P1DT-0.5S"],
  ["-00:01:30", "PT-1M-30S"],
  ["-1 month", "P-1M"],
])("%s is %s", (duckdb, iso) => {
  expect(toIsoInterval(duckdb)).toBe(iso);
  expect(toIsoInterval(iso)).toBe(iso);
});

test.each([
  ["P2W", "0 months 14 days 0 microseconds"],
  ["-P1Y2M", "-14 months 0 days 0 microseconds"],
  ["P1Y2M3DT4H5M6.789S", "14 months 3 days 14706789000 microseconds"],
  ["1 year -00:00:01", "12 months 0 days -1000000 microseconds"],
])("%s is %s for DuckDB's cast", (text, duckdb) => {
  expect(toDuckdbInterval(text)).toBe(duckdb);
});

test.each([
  "",
  "P",
  "PT",
  "P1",
  "1 fortnight",
  "P1.5D",
  "PT1.1234567S",
  "P999999999999Y",
  "04:99:00",
  "-9223372036854775808 microseconds",
])("refuses %j", (text) => {
  expect(toIsoInterval(text)).toBeUndefined();
  expect(toDuckdbInterval(text)).toBeUndefined();
});

test("both texts of an interval name the same interval", () => {
  const part = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n });
  const time = fc.bigInt({ min: 1n - 2n ** 63n, max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(part, part, time, (months, days, micros) => {
      const text = `${months} months ${days} days ${micros} microseconds`;
      expect(toDuckdbInterval(toIsoInterval(text) as string)).toBe(text);
    }),
  );
});
