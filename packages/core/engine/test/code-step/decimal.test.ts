import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Decimal } from "../../src/code-step/index.ts";

test("keeps the digits of a text", () => {
  const decimal = Decimal.from("-12.50");
  expect([decimal.value, decimal.scale, decimal.toString()]).toEqual([-1250n, 2, "-12.50"]);
});

test.each([
  ["0.07", 7n, 2],
  [".5", 5n, 1],
  ["5.", 5n, 0],
  ["+1e3", 1000n, 0],
  ["1.5e-3", 15n, 4],
  [" 8 ", 8n, 0],
])("reads %j", (text, value, scale) => {
  expect(Decimal.from(text)).toEqual(new Decimal(value, scale));
});

test("reads a number by its shortest text, not by its binary value", () => {
  // 0.1 is 0.1000000000000000055… in binary.
  expect(Decimal.from(0.1).toString()).toBe("0.1");
  expect(Decimal.from(1e21).toString()).toBe("1000000000000000000000");
});

test.each(["", ".", "abc", "1,5", "0x10", "1e99999", "Infinity", Number.NaN, Number.POSITIVE_INFINITY])(
  "refuses %j",
  (input) => {
    expect(() => Decimal.from(input)).toThrow(expect.objectContaining({ code: "DECIMAL_INVALID", fault: "caller" }));
  },
);

test("widens to a scale, and refuses to drop digits for one", () => {
  expect(Decimal.from("1.5", 3)).toEqual(new Decimal(1500n, 3));
  expect(Decimal.from("1.500", 1)).toEqual(new Decimal(15n, 1));
  expect(() => Decimal.from("1.005", 2)).toThrow("more than 2 digits");
});

test("pads a fraction below one", () => {
  expect(new Decimal(-5n, 3).toString()).toBe("-0.005");
});

test("gives the nearest number, also beyond 2^53 and 10^22", () => {
  expect(new Decimal(1050n, 2).toNumber()).toBe(10.5);
  expect(new Decimal(12345678901234567890n, 4).toNumber()).toBe(Number("1234567890123456.789"));
  expect(new Decimal(15n, 25).toNumber()).toBe(1.5e-24);
});

test("is equal to the same number with another scale", () => {
  expect(Decimal.from("1.5").equals(Decimal.from("1.50"))).toBe(true);
  expect(Decimal.from("1.5").equals(Decimal.from("1.51"))).toBe(false);
});

test("compares as a number, not as a text", () => {
  expect(Decimal.from("10") > Decimal.from("9")).toBe(true);
  expect(String(Decimal.from("1.50"))).toBe("1.50");
});

test("is its text in JSON", () => {
  expect(JSON.stringify({ amount: Decimal.from("12.50") })).toBe('{"amount":"12.50"}');
});

test("text and back is the same decimal", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), fc.integer({ min: 0, max: 38 }), (value, scale) => {
      const decimal = new Decimal(value, scale);
      expect(Decimal.from(decimal.toString())).toEqual(decimal);
    }),
  );
});

test("a number and back is the same number", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (number) => {
      expect(Decimal.from(number).toNumber()).toBe(number === 0 ? 0 : number);
    }),
  );
});
