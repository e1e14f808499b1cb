import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNameMatcher, expandBraces, hasGlob } from "../src/glob.ts";

describe("names", () => {
  // As bash 5 with extglob off, dotglob off, in the C locale, but for names that end in .tmp.
  test.each([
    ["*.csv", ["a.csv", ".csv", "a.csv.gz", "a\nb.csv"], ["a.csv", "a\nb.csv"]],
    ["?.csv", ["a.csv", "ab.csv", "ü.csv", "😀.csv", ".csv"], ["a.csv", "ü.csv", "😀.csv"]],
    ["[a-c]x", ["ax", "bx", "dx", "-x"], ["ax", "bx"]],
    ["[!a-c]x", ["ax", "dx", "-x"], ["dx", "-x"]],
    ["[^a]x", ["ax", "bx"], ["bx"]],
    ["[]a]x", ["]x", "ax", "bx"], ["]x", "ax"]],
    ["[a-]x", ["ax", "-x", "bx"], ["ax", "-x"]],
    ["[*]x", ["*x", "ax"], ["*x"]],
    ["[ax", ["[ax", "a"], ["[ax"]],
    [".*", [".a", "a", "."], [".a", "."]],
    ["*", ["a", ".a", "-rf", "it's"], ["a", "-rf", "it's"]],
    ["a*b*c", ["abc", "aXbYc", "acb", "abcbc"], ["abc", "aXbYc", "abcbc"]],
    ["", ["", "a"], [""]],
    ["*", ["a.csv", "b.csv.tmp"], ["a.csv"]],
    ["b*.tmp", ["b.csv.tmp", "a.tmp"], ["b.csv.tmp"]],
    ["a.c", ["a.c", "abc"], ["a.c"]],
  ])("%s matches as a shell does", (pattern, names, expected) => {
    expect(names.filter(createNameMatcher(pattern))).toEqual(expected);
  });

  test("a name without special characters matches itself and nothing else", () => {
    const plain = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[*?[]/.test(text));
    fc.assert(
      fc.property(plain, plain, (name, other) => {
        expect(createNameMatcher(name)(name)).toBe(true);
        expect(createNameMatcher(name)(other)).toBe(name === other);
      }),
    );
  });

  test("stars take any text between what is written", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), text, (parts, filling) => {
        expect(createNameMatcher(parts.join("*"))(parts.join(filling))).toBe(true);
      }),
    );
  });

  test("agrees with a regular expression of the same meaning", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, name, (glob, text) => {
        const expression = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(createNameMatcher(glob)(text)).toBe(expression.test(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("a pattern of many stars takes no longer than pattern times name", () => {
    const started = performance.now();
    expect(createNameMatcher(`${"*a".repeat(60)}b`)("a".repeat(250))).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe("braces", () => {
  // As bash 5, `echo`.
  test.each([
    ["{a,b}.csv", ["a.csv", "b.csv"]],
    ["x{a,b{c,d}}y", ["xay", "xbcy", "xbdy"]],
    ["{a,}b", ["ab", "b"]],
    ["{a}", ["{a}"]],
    ["{a", ["{a"]],
    ["a}", ["a}"]],
    ["{}", ["{}"]],
    ["{a}{b,c}", ["{a}b", "{a}c"]],
    ["{a,a}", ["a"]],
    ["d/{2024/01,2023/12}/*.csv", ["d/2024/01/*.csv", "d/2023/12/*.csv"]],
  ])("%s stands for %j", (text, expected) => {
    expect(expandBraces(text)).toEqual(expected);
  });

  test("a text that would stand for millions is refused at once", () => {
    const started = performance.now();
    expect(() => expandBraces("{a,b}".repeat(20))).toThrow("stand for more than 1000 patterns");
    expect(performance.now() - started).toBeLessThan(500);
    expect(expandBraces("{a,b}".repeat(9))).toHaveLength(512);
  });

  test.each([
    ["a.csv", false],
    ["a*.csv", true],
    ["a?.csv", true],
    ["a[1].csv", true],
    ["a[.csv", false],
    ["{a,b}", true],
    ["{a}", false],
  ])("%s has a glob: %s", (text, expected) => {
    expect(hasGlob(text)).toBe(expected);
  });
});
