import { typeMappings } from "@millrace/protocols";
import type { ColumnType, ScalarTypeName } from "@millrace/protocols";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  columnsFromText,
  columnsToText,
  formatColumn,
  formatColumnType,
  isMillraceError,
  isSameColumnType,
  isWidening,
  parseColumn,
  parseColumnType,
} from "../src/index.ts";

const nestedTypes = new Set(["DECIMAL", "ENUM", "LIST", "ARRAY", "STRUCT", "MAP"]);
const scalarNames = Object.keys(typeMappings).filter((name) => !nestedTypes.has(name)) as ScalarTypeName[];
const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
  fc.constantFrom("select", "order", "a b", 'q"q', "int"),
);
const columnType = fc.letrec<{ type: ColumnType }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...scalarNames).map((type): ColumnType => ({ type })),
    fc
      .integer({ min: 1, max: 38 })
      .chain((precision) =>
        fc.integer({ min: 0, max: precision }).map((scale): ColumnType => ({ type: "DECIMAL", precision, scale })),
      ),
    fc
      .uniqueArray(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 4 })
      .map((values): ColumnType => ({ type: "ENUM", values })),
    tie("type").map((element): ColumnType => ({ type: "LIST", element })),
    fc
      .tuple(tie("type"), fc.integer({ min: 1, max: 100_000 }))
      .map(([element, length]): ColumnType => ({ type: "ARRAY", element, length })),
    fc
      .uniqueArray(fc.record({ name, type: tie("type") }), {
        minLength: 1,
        maxLength: 4,
        selector: (field) => field.name.toLowerCase(),
      })
      .map((fields): ColumnType => ({ type: "STRUCT", fields })),
    fc.tuple(tie("type"), tie("type")).map(([key, value]): ColumnType => ({ type: "MAP", key, value })),
  ),
})).type;

describe("text of a column type", () => {
  test("every type comes back from its text", () => {
    fc.assert(
      fc.property(columnType, (type) => {
        expect(parseColumnType(formatColumnType(type))).toEqual(type);
      }),
      { numRuns: 500 },
    );
  });

  test("text is not changed by a second round", () => {
    fc.assert(
      fc.property(columnType, (type) => {
        const text = formatColumnType(type);
        expect(formatColumnType(parseColumnType(text))).toBe(text);
      }),
    );
  });

  // Texts as DuckDB 1.5.6 prints them (`typeof`, DESCRIBE), run on 2025-11-21.
  test.each([
    ['"NULL"', '"NULL"'],
    ['STRUCT(Lat INTEGER, "b c" INTEGER, "select" INTEGER, "ä" INTEGER, "int" INTEGER, "left" INTEGER)', undefined],
    ["ENUM('a', 'b''c')", undefined],
    ["MAP(INTEGER, VARCHAR)", undefined],
    ["INTEGER[][]", undefined],
    ["INTEGER[2][]", undefined],
    ["TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"],
    ["TIME WITH TIME ZONE", "TIMETZ"],
    ["DECIMAL(18,3)", undefined],
  ])("%s as DuckDB prints it", (text, canonical = text) => {
    expect(formatColumnType(parseColumnType(text))).toBe(canonical);
  });

  // Aliases of DuckDB's documentation, data types overview.
  test.each([
    ["int8", "BIGINT"],
    ["Text", "VARCHAR"],
    ["varchar(20)", "VARCHAR"],
    ["double  precision", "DOUBLE"],
    ["numeric(10)", "DECIMAL(10,0)"],
    ["dec", "DECIMAL(18,3)"],
    ["timestamp(3)", "TIMESTAMP_MS"],
    ["timestamp without time zone [ ] ", "TIMESTAMP[]"],
    ["int[]", "INTEGER[]"],
    [" struct( a int , b struct(c text)[] ) ", "STRUCT(a INTEGER, b STRUCT(c VARCHAR)[])"],
  ])("%s is %s", (text, canonical) => {
    expect(formatColumnType(parseColumnType(text))).toBe(canonical);
  });

  test.each([
    ["", 0, undefined],
    ["VARCAHR", 0, "VARCHAR"],
    ["DECIMAL(39,2)", 8, undefined],
    ["DECIMAL(5,6)", 10, undefined],
    ["INTEGER[0]", 8, undefined],
    ["STRUCT()", 7, undefined],
    ["STRUCT(a INTEGER, A TEXT)", 18, undefined],
    ["ENUM('a', 'a')", 10, undefined],
    ["ENUM('a", 5, undefined],
    ["BIGINT; DROP TABLE y", 6, undefined],
    ["MAP(INTEGER)", 11, undefined],
    ["UNION(a INTEGER)", 0, undefined],
  ])("%s is refused at its place", (text, offset, suggestion) => {
    let thrown: unknown;
    try {
      parseColumnType(text);
    } catch (error) {
      thrown = error;
    }
    expect(isMillraceError(thrown) && thrown.code).toBe("DEFINITION_INVALID_VALUE");
    expect(thrown).toMatchObject({ context: { offset, ...(suggestion === undefined ? {} : { suggestion }) } });
  });

  test("any text is either a type or refused", () => {
    const outcome = (text: string): string => {
      try {
        return parseColumnType(text).type;
      } catch (error) {
        return isMillraceError(error) ? error.code : String(error);
      }
    };
    const known = [...Object.keys(typeMappings), "DEFINITION_INVALID_VALUE"];
    const unit = fc.constantFrom("STRUCT", "MAP", "INTEGER", "(", ")", "[", "]", ",", "'", '"', " ", "a", "1", "😀");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), (text) => {
        expect(known).toContain(outcome(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("deep types end soon", () => {
    expect(() => parseColumnType(`INTEGER${"[]".repeat(5000)}`)).toThrow("at most 64 nested types");
    expect(() => parseColumnType("STRUCT(a ".repeat(5000))).toThrow("at most 64 nested types");
  });
});

describe("columns", () => {
  test("an exclamation mark means never null", () => {
    expect(parseColumn("id", "bigint!")).toEqual({ name: "id", type: { type: "BIGINT" }, nullable: false });
    expect(parseColumn("tags", "VARCHAR[] ! ")).toEqual({
      name: "tags",
      type: { type: "LIST", element: { type: "VARCHAR" } },
      nullable: false,
    });
    expect(formatColumn({ type: { type: "BIGINT" }, nullable: false })).toBe("BIGINT!");
  });

  test("the wire form keeps order and comes back", () => {
    const text = { zone: "VARCHAR", id: "BIGINT!", "a b": "DECIMAL(12,2)" };
    expect(columnsToText(columnsFromText(text))).toEqual(text);
    expect(columnsFromText(text).map((column) => column.name)).toEqual(["zone", "id", "a b"]);
  });
});

describe("widening", () => {
  const widens = (from: string, to: string): boolean => isWidening(parseColumnType(from), parseColumnType(to));

  // Ranges by hand: 64 bits hold 19 digits, unsigned 20; a double is exact up to 2^53, a float up to 2^24.
  test.each([
    ["INTEGER", "BIGINT", true],
    ["BIGINT", "INTEGER", false],
    ["UINTEGER", "BIGINT", true],
    ["UINTEGER", "INTEGER", false],
    ["INTEGER", "UBIGINT", false],
    ["INTEGER", "DOUBLE", true],
    ["BIGINT", "DOUBLE", false],
    ["SMALLINT", "FLOAT", true],
    ["INTEGER", "FLOAT", false],
    ["BIGINT", "DECIMAL(19,0)", true],
    ["BIGINT", "DECIMAL(19,2)", false],
    ["UBIGINT", "DECIMAL(19,0)", false],
    ["DECIMAL(10,2)", "DECIMAL(12,3)", true],
    ["DECIMAL(10,2)", "DECIMAL(10,3)", false],
    ["FLOAT", "DOUBLE", true],
    ["DATE", "TIMESTAMP", true],
    ["TIMESTAMP", "DATE", false],
    ["TIMESTAMP", "TIMESTAMP_NS", false],
    ["TIMESTAMP", "TIMESTAMPTZ", false],
    ["VARCHAR", "BIGINT", false],
    ["BIGINT", "VARCHAR", false],
    ["ENUM('a')", "ENUM('b', 'a')", true],
    ["ENUM('a', 'b')", "ENUM('a')", false],
    ["ENUM('a')", "VARCHAR", true],
    ["INTEGER[]", "BIGINT[]", true],
    ["INTEGER[3]", "INTEGER[]", true],
    ["INTEGER[]", "INTEGER[3]", false],
    ["STRUCT(a INTEGER)", "STRUCT(a BIGINT)", true],
    ["STRUCT(a INTEGER)", "STRUCT(b BIGINT)", false],
    ["STRUCT(a INTEGER, b INTEGER)", "STRUCT(a INTEGER)", false],
    ['"NULL"', "DATE", true],
  ])("%s to %s: %s", (from, to, expected) => {
    expect(widens(from, to)).toBe(expected);
  });

  test("is reflexive and transitive", () => {
    const types = [
      ...scalarNames.map((type): ColumnType => ({ type })),
      ...[
        "DECIMAL(5,0)",
        "DECIMAL(10,2)",
        "DECIMAL(38,2)",
        "ENUM('a')",
        "ENUM('a', 'b')",
        "INTEGER[]",
        "BIGINT[]",
        "INTEGER[3]",
      ].map(parseColumnType),
    ];
    const wider = new Map(types.map((from) => [from, types.filter((to) => isWidening(from, to))]));
    const missing = types.flatMap((from) =>
      (wider.get(from) ?? []).flatMap((middle) =>
        (wider.get(middle) ?? [])
          .filter((to) => !isWidening(from, to))
          .map((to) => [from, middle, to].map(formatColumnType).join(" < ")),
      ),
    );
    expect(missing).toEqual([]);
    fc.assert(
      fc.property(columnType, (type) => {
        expect(isWidening(type, type)).toBe(true);
        expect(isSameColumnType(type, structuredClone(type))).toBe(true);
      }),
    );
  });
});
