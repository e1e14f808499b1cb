import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromKeyPart, toKeyPart } from "../src/key-part.ts";

const name = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
  fc.string({ unit: fc.constantFrom("a", "A", "é", "É", "%", "~", ".", "4", "1"), minLength: 1, maxLength: 8 }),
  fc.string({ unit: fc.constantFrom("A", "b", "ü"), minLength: 100, maxLength: 300 }),
);

describe("a name as a part of a key", () => {
  // By hand: capitals and other characters as the hexadecimal bytes of UTF-8.
  test.each([
    ["daily", "daily"],
    ["dailyTotals", "daily%54otals"],
    ["sales.orders_2-x", "sales.orders_2-x"],
    ["..", "%2E."],
    ["a/b", "a%2Fb"],
    ["ü", "%C3%BC"],
    ["018f0c2e-9d3b-7c11-8f2a-0123456789ab", "018f0c2e-9d3b-7c11-8f2a-0123456789ab"],
  ])("%j is %j", (text, part) => {
    expect([toKeyPart(text), fromKeyPart(part)]).toEqual([part, text]);
  });

  test("differs from that of every other name, also where a file system ignores case", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        fc.pre(one.isWellFormed() && other.isWellFormed());
        expect(toKeyPart(one).toLowerCase() === toKeyPart(other).toLowerCase()).toBe(one === other);
        expect(toKeyPart(one) === toKeyPart(one.toLowerCase())).toBe(one === one.toLowerCase());
      }),
      { numRuns: 2000 },
    );
  });

  test("fits into a file name, leads nowhere, and gives its name back where it was not cut", () => {
    fc.assert(
      fc.property(name, (text) => {
        fc.pre(text.isWellFormed());
        const part = toKeyPart(text);
        expect(part).toMatch(/^(?:[a-z0-9_-]|%[0-9A-Fa-f]{2})[a-z0-9_.%A-F~-]*$/);
        expect(part.length).toBeLessThanOrEqual(180);
        expect(fromKeyPart(part)).toBe(part.includes("~") ? undefined : text);
      }),
    );
  });

  test.each(["", "Daily", "a%zz", "%2e", "%4D", "a~b"])("%j is nobody's part", (part) => {
    expect(fromKeyPart(part)).toBeUndefined();
  });
});
