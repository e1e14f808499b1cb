import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatDate,
  formatTime,
  infiniteDays,
  microsPerDay,
  parseDate,
  parseInstant,
  parseTime,
} from "../../src/code-step/civil-time.ts";

test("dates agree with JavaScript's calendar over the range of Date", () => {
  const most = 100_000_000;
  fc.assert(
    fc.property(fc.integer({ min: -most, max: most }), (days) => {
      const expected = new Date(days * 86_400_000).toISOString().replace(/T.*/, "");
      expect(formatDate(days)).toBe(expected);
      expect(parseDate(expected)).toBe(days);
    }),
  );
});

test.each([
  // `select '5877642-06-25 (BC)'::date` and `'5881580-07-10'::date` of DuckDB 1.5: the ends of its DATE.
  [-2_147_483_646, "-5877641-06-25"],
  [2_147_483_646, "+5881580-07-10"],
  [infiniteDays, "infinity"],
  [-infiniteDays, "-infinity"],
])("writes and reads day %d as %s", (days, text) => {
  expect(formatDate(days)).toBe(text);
  expect(parseDate(text)).toBe(days);
});

test.each([
  "2023-02-29",
  "1900-02-29",
  "2024-13-01",
  "2024-00-10",
  "2024-01-00",
  "2024-04-31",
  "2024-1-1",
  "24-01-01",
  "+5881580-07-11",
])("refuses the date %s", (text) => {
  expect(parseDate(text)).toBeUndefined();
});

test("a time and back is the same time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: microsPerDay }), (micros) => {
      expect(parseTime(formatTime(micros))).toBe(micros);
    }),
  );
});

test.each([
  [0, "00:00:00"],
  [45_296_120_000, "12:34:56.12"],
  [microsPerDay, "24:00:00"],
])("writes %d microseconds as %s, as DuckDB does", (micros, text) => {
  expect(formatTime(micros)).toBe(text);
});

test.each(["24:00:01", "12:60", "12:00:60", "1:00", "12", "12:00:00.1234567", "noon"])(
  "refuses the time %s",
  (text) => {
    expect(parseTime(text)).toBeUndefined();
  },
);

test("instants agree with Date.parse", () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), fc.integer({ min: -900, max: 900 }), (date, minutes) => {
      const local = new Date(date.getTime() + minutes * 60_000);
      fc.pre(!Number.isNaN(local.getTime()));
      const sign = minutes < 0 ? "-" : "+";
      const [hour, minute] = [Math.abs(Math.trunc(minutes / 60)), Math.abs(minutes % 60)].map((n) =>
        `${n}`.padStart(2, "0"),
      );
      const text = local.toISOString().replace("Z", `${sign}${hour}:${minute}`);
      const instant = parseInstant(text);
      expect((instant?.seconds ?? 0) * 1000 + (instant?.nanos ?? 0) / 1e6).toBe(date.getTime());
    }),
  );
});

test.each([
  ["2024-02-29", { seconds: 1_709_164_800, nanos: 0, zoned: false }],
  ["2024-02-29 12:34", { seconds: 1_709_210_040, nanos: 0, zoned: false }],
  ["2024-02-29T12:34:56.123456789Z", { seconds: 1_709_210_096, nanos: 123_456_789, zoned: true }],
  ["2024-02-29T12:34:56+0530", { seconds: 1_709_190_296, nanos: 0, zoned: true }],
])("reads %s", (text, instant) => {
  expect(parseInstant(text)).toEqual(instant);
});

test.each([
  "2024-02-30T00:00Z",
  "2024-02-29T25:00Z",
  "2024-02-29T00:00+16",
  "2024-02-29T00:00:00.1234567890Z",
  "today",
  "2024-02-29Z",
])("refuses the instant %s", (text) => {
  expect(parseInstant(text)).toBeUndefined();
});
