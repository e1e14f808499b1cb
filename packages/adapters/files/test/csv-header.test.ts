import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvDialectOf, readCsvHeader } from "../src/csv-header.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = csvDialectOf({});
const read = (text: string, options = {}): ReturnType<typeof readCsvHeader> =>
  readCsvHeader(encode(text), csvDialectOf(options), true);

describe("the header of a CSV", () => {
  // RFC 4180, and what DuckDB 1.5 reads with the same options.
  test.each([
    ["a,b\n1,2\n", ["a", "b"], 4],
    ["a,b\r\n1", ["a", "b"], 5],
    ["a,b\r1", ["a", "b"], 4],
    ["a,b", ["a", "b"], 3],
    ['"a","b"\n', ["a", "b"], 8],
    ['"a""b",c\n', ['a"b', "c"], 9],
    ['"a\nb",c\n', ["a\nb", "c"], 8],
    ['a"b,c\n', ['a"b', "c"], 6],
    [",\n", ["", ""], 2],
    ["\ufeffé\n1", ["é"], 6],
    ["", [""], 0],
  ])("of %j is %j", (text, fields, endByte) => {
    expect(read(text)).toEqual({ fields, endByte });
  });

  test("follows the dialect that it was written in", () => {
    expect(read("'a''b'||c\n", { delim: "||", quote: "'" })).toEqual({ fields: ["a'b", "c"], endByte: 10 });
    expect(read('"a\\"b",c\n', { escape: "\\" })).toEqual({ fields: ['a"b', "c"], endByte: 9 });
    expect(read('a"\tb\n', { delim: "\t", quote: "" })).toEqual({ fields: ['a"', "b"], endByte: 5 });
  });

  test("is unknown where its end is not there", () => {
    expect(read('"a,b\n1,2\n')).toBeUndefined();
    for (const text of ["a,b", '"a"', "a\r"]) expect(readCsvHeader(encode(text), plain, false)).toBeUndefined();
  });

  test("is what was written, and its end is where the rows begin", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "ü", '"', ",", "\n", "\r", " ", "😀"), maxLength: 6 });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), fc.constantFrom("\n", "\r\n"), (names, end) => {
        const header = `${names.map(quoted).join(",")}${end}`;
        expect(read(`${header}1,2\n`)).toEqual({ fields: names, endByte: encode(header).length });
      }),
    );
  });

  test.each([
    [{}, true],
    [{ header: true }, true],
    [{ header: false }, false],
    [{ header: "false" }, false],
    [{ header: 0 }, false],
  ])("with options %j is expected: %s", (options, header) => {
    expect(csvDialectOf(options).header).toBe(header);
  });
});
