import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  digestBytes,
  digestOf,
  formatBytes,
  formatCount,
  formatDuration,
  parseByteSize,
  parseDurationMs,
  quoteIdentifier,
  quoteLiteral,
  sqlLiteral,
  toCamelCase,
  toCanonicalText,
  toSnakeCase,
} from "../src/index.ts";

describe("SQL text", () => {
  test("no name ends its quotes", () => {
    expect(quoteIdentifier('x"; DROP TABLE y; --')).toBe('"x""; DROP TABLE y; --"');
    expect(() => quoteIdentifier("a\0b")).toThrow("no NUL");
    expect(() => quoteIdentifier("")).toThrow("a character");
  });

  test("no text ends its quotes", () => {
    expect(quoteLiteral("'; COPY (SELECT 1) TO '/tmp/pwn")).toBe("'''; COPY (SELECT 1) TO ''/tmp/pwn'");
    expect(quoteLiteral("a\0b")).toBe("('a' || chr(0) || 'b')");
  });

  test.each([
    [null, undefined, "NULL"],
    [true, undefined, "TRUE"],
    [5, undefined, "5"],
    [-9_007_199_254_740_991, undefined, "-9007199254740991"],
    [0.1, undefined, "CAST('0.1' AS DOUBLE)"],
    ["it's", undefined, "'it''s'"],
    [["a", 1], undefined, "['a', 1]"],
    [{ "k'": 1 }, undefined, "{'k''': 1}"],
    ["2024-02-29", "date", "CAST('2024-02-29' AS DATE)"],
    [0.1, "DECIMAL(12,2)", "CAST('0.1' AS DECIMAL(12,2))"],
    [null, "BIGINT", "CAST(NULL AS BIGINT)"],
    [[1, 2], "BIGINT[]", "CAST(['1', '2'] AS BIGINT[])"],
    [{ a: 1 }, "JSON", `CAST('{"a":1}' AS JSON)`],
    [{ a: 1 }, "MAP(VARCHAR, BIGINT)", "CAST(MAP(['a'], ['1']) AS MAP(VARCHAR, BIGINT))"],
  ])("%j as %s is %s", (value, type, expected) => {
    expect(sqlLiteral(value, type)).toBe(expected);
  });

  test("a type is parsed, so that it cannot carry SQL", () => {
    expect(() => sqlLiteral(1, "BIGINT); DROP TABLE y; --")).toThrow("expected the end of the type");
  });
});

describe("quantities", () => {
  test.each([
    ["10m", 600_000],
    ["1h 30m", 5_400_000],
    ["1h30m", 5_400_000],
    ["2 days", 172_800_000],
    ["1.5s", 1500],
    ["500ms", 500],
    [250, 250],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  test.each([
    [-1],
    [Number.NaN],
    [Number("1e309")],
    ["5 parsecs"],
    ["10"],
    [""],
    ["-1s"],
    ["1s 2"],
    ["s"],
    ["9".repeat(99)],
    ["1constructor"],
  ])("%s is no duration", (text) => {
    expect(() => parseDurationMs(text)).toThrow("Expected a duration");
  });

  // DuckDB's memory_limit: GB is 10^9, GiB 2^30.
  test.each([
    ["2GB", 2e9],
    ["512 MiB", 536_870_912],
    ["1.5kb", 1500],
    [7, 7],
    ["1g", 1e9],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  test.each([
    [38, "38ms"],
    [99.6, "0.1s"],
    [4000, "4.0s"],
    [59_949, "59.9s"],
    [59_960, "1m 00s"],
    [192_000, "3m 12s"],
    [7_500_000, "2h 05m"],
    [3_599_600, "1h 00m"],
    [273_600_000, "3d 4h"],
  ])("%d ms reads %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 KB"],
    [41_200, "41 KB"],
    [999_600, "1 MB"],
    [1_400_000_000, "1.4 GB"],
    [214e6, "214 MB"],
  ])("%d bytes read %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test("counts have separators", () => {
    expect([formatCount(5_819_079), formatCount(-1234), formatCount(12), formatCount(10n ** 18n)]).toEqual([
      "5,819,079",
      "-1,234",
      "12",
      "1,000,000,000,000,000,000",
    ]);
  });
});

describe("digests", () => {
  test("the order of keys does not count, the order of items does", () => {
    expect(digestOf({ a: 1, b: { d: 2, c: [1, 2] } })).toBe(digestOf({ b: { c: [1, 2], d: 2 }, a: 1 }));
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
  });

  test("is the SHA-256 of JSON with sorted keys", () => {
    // sha256 of {"a":[1,"ü"],"b":null}, computed with sha256sum.
    expect(toCanonicalText({ b: null, a: [1, "ü"] })).toBe('{"a":[1,"ü"],"b":null}');
    expect(digestOf({ b: null, a: [1, "ü"] })).toBe(digestBytes(new TextEncoder().encode('{"a":[1,"ü"],"b":null}')));
    // FIPS 180-2 test vector of "abc".
    expect(digestBytes(new TextEncoder().encode("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("equal texts mean equal values", () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: false,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        // -0 is a number of its own here; JSON.parse reads it back.
        expect(JSON.parse(toCanonicalText(json))).toEqual(json);
      }),
    );
    fc.assert(
      fc.property(value, (item) => {
        expect(toCanonicalText(item)).toBe(toCanonicalText(structuredClone(item)));
      }),
    );
    const different = [
      1,
      1n,
      "1",
      "1n",
      [1],
      { 1: 1 },
      null,
      "null",
      undefined,
      Number.NaN,
      "NaN",
      new Date(1),
      new Set([1]),
      new Map([[1, 1]]),
      Uint8Array.of(1),
      -0,
      0,
      true,
    ];
    expect(new Set(different.map(digestOf)).size).toBe(different.length);
  });

  test("what has no digest is refused", () => {
    expect(() => digestOf({ f: () => 1 })).toThrow("has no digest");
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(() => digestOf(cyclic)).toThrow("contains itself");
    const shared = { a: 1 };
    expect(digestOf([shared, shared])).toBe(digestOf([{ a: 1 }, { a: 1 }]));
  });
});

describe("case on the wire", () => {
  test("fields change deep down, opaque ones keep their author's names", () => {
    const spec = { rowCount: 1, steps: [{ startTime: "t", params: { myKey: { innerKey: 1 } } }], at: new Date(0) };
    const wire = { row_count: 1, steps: [{ start_time: "t", params: { myKey: { innerKey: 1 } } }], at: new Date(0) };
    expect(toSnakeCase(spec, { opaque: ["params"] })).toEqual(wire);
    expect(toCamelCase(wire, { opaque: ["params"] })).toEqual(spec);
  });

  test("identifiers come back, other names do not change", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,12}$/), (name) => {
        expect(toCamelCase(toSnakeCase({ [name]: 1 }))).toEqual({ [name]: 1 });
      }),
    );
    const odd = { "a b": 1, "x.y": 1, Region: 1, "": 1, UPPER_CASE: 1, a__b: 1 };
    expect(toSnakeCase(odd)).toEqual(odd);
    expect(toCamelCase(odd)).toEqual(odd);
  });
});
