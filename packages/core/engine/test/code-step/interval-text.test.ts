import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toDuckdbInterval, toIsoInterval } from "../../src/code-step/interval-text.ts";

test.each([
  // Left: casts of INTERVAL to VARCHAR by DuckDB 1.5.
  ["1 year 2 months 3 days 04:05:06.789", "P1Y2M3DT4H5M6.789S"],
  ["-1 years -2 months 3 days -04:05:06.789", "P-1Y-2M3DT-4H-5M-6.789S"],
  ["100:00:00", "PT100H"],
  ["00:00:00", "PT0S"],
  ["1 day -00:00:00.5", "P1DT-0.5S"],
  ["-00:01:30", "PT-1M-30S"],
  ["-1 months", "P-1M"],
])("%s is %s", (duckdb, iso) => {
  expect(toIsoInterval(duckdb)).toBe(iso);
  expect(toDuckdbInterval(iso)?.replaceAll(/\b1 (year|month|day)s/g, "1 $1")).toBe(
    duckdb.replaceAll(/\b1 (year|month|day)s/g, "1 $1"),
  );
});

test.each([
  ["P2W", "14 days"],
  ["-P1Y2M", "-1 years -2 months"],
  ["PT90M", "01:30:00"],
  ["P14M", "1 years 2 months"],
])("%s is %s in DuckDB's text", (iso, duckdb) => {
  expect(toDuckdbInterval(iso)).toBe(duckdb);
});

test.each(["", "P", "PT", "P1", "1 fortnight", "P1.5D", "PT1.1234567S", "P999999999999Y", "04:99:00"])(
  "refuses %j",
  (text) => {
    expect(toIsoInterval(text)).toBeUndefined();
    expect(toDuckdbInterval(text)).toBeUndefined();
  },
);

test("both texts of an interval name the same interval", () => {
  const part = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n });
  fc.assert(
    fc.property(part, part, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (months, days, micros) => {
      const digits = (micros < 0n ? -micros : micros).toString().padStart(7, "0");
      const seconds = `${micros < 0n ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
      const iso = toIsoInterval(`P${months}M${days}DT${seconds}S`) as string;
      expect(toIsoInterval(toDuckdbInterval(iso) as string)).toBe(iso);
    }),
  );
});
