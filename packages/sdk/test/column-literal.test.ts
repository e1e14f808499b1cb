import * as fc from "fast-check";
import { parseColumn } from "@millrace/foundation";
import { describe, expect, test } from "vitest";
import { toColumnsText } from "../src/builder/columns-text.ts";
import type { ColumnDefinition } from "../src/builder/columns.ts";
import { toColumnLiteral } from "../src/types/column-literal.ts";

/** Reads the TypeScript that was generated: type literals are object literals with `;` and `readonly`. */
const read = (literal: string): ColumnDefinition =>
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
  new Function(
    `return (${literal.replaceAll("readonly [", "[").replaceAll(/;(?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)/g, ",")})`,
  )() as ColumnDefinition;

const scalar = fc.constantFrom(
  "BOOLEAN",
  "BIGINT",
  "DOUBLE",
  "DECIMAL(18,2)",
  "VARCHAR",
  "DATE",
  "TIMESTAMPTZ",
  "UUID",
  "BLOB",
);
const name = fc.stringMatching(/^[a-z][a-z0-9 "'-]{0,8}$/);
const element: fc.Arbitrary<ColumnDefinition> = fc.letrec<{ readonly type: ColumnDefinition }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    scalar as fc.Arbitrary<ColumnDefinition>,
    fc.record({ list: tie("type") }) as fc.Arbitrary<ColumnDefinition>,
    fc.record({ list: tie("type"), length: fc.integer({ min: 1, max: 9 }) }) as fc.Arbitrary<ColumnDefinition>,
    fc.record({
      struct: fc.dictionary(name, tie("type"), { minKeys: 1, maxKeys: 3 }),
    }) as fc.Arbitrary<ColumnDefinition>,
    fc.record({ map: fc.record({ key: scalar, value: tie("type") }) }) as fc.Arbitrary<ColumnDefinition>,
    fc.record({ enum: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<ColumnDefinition>,
  ),
})).type;

describe("columns of the builder", () => {
  test.each<readonly [ColumnDefinition, string]>([
    ["BIGINT!", "BIGINT!"],
    [{ list: "VARCHAR" }, "VARCHAR[]"],
    [{ list: { list: "DATE" }, length: 3, notNull: true }, "DATE[][3]!"],
    [{ struct: { lat: "DOUBLE", "a b": { list: "JSON" } } }, 'STRUCT("lat" DOUBLE, "a b" JSON[])'],
    [{ map: { key: "VARCHAR", value: "BIGINT" } }, "MAP(VARCHAR, BIGINT)"],
    [{ enum: ["it's", "b"], notNull: true }, "ENUM('it''s', 'b')!"],
  ])("%j is %s on the wire", (definition, text) => {
    expect(toColumnsText({ a: definition })).toEqual({ a: text });
  });

  test("what is generated for a column is what an author would have to write for it", () => {
    fc.assert(
      fc.property(element, fc.boolean(), (definition, notNull) => {
        const text = `${toColumnsText({ a: definition })["a"]}${notNull ? "!" : ""}`;
        const column = parseColumn("a", text);
        const again = toColumnsText({ a: read(toColumnLiteral(column)) })["a"] ?? "";
        expect(parseColumn("a", again)).toEqual(column);
      }),
    );
  });
});
