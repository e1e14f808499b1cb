import type { Column, ColumnsText, ColumnType, ScalarTypeName } from "@millrace/protocols";
import { ColumnTypeReader } from "./column-type-reader.ts";
import { formatFieldName } from "./column-type-names.ts";

/**
 * A column type from DuckDB's text, aliases included: `DECIMAL(18,2)`, `int8`, `STRUCT(a INTEGER, "b c" VARCHAR[])[3]`.
 *
 * @throws MillraceError `DEFINITION_INVALID_VALUE` with the offset and a suggestion.
 */
export function parseColumnType(text: string): ColumnType {
  return new ColumnTypeReader(text).readAll();
}

/** The canonical text of a type: `parseColumnType` gives the same type back. */
export function formatColumnType(type: ColumnType): string {
  if (type.type === "DECIMAL") return `DECIMAL(${type.precision},${type.scale})`;
  if (type.type === "ENUM") return `ENUM(${type.values.map(formatEnumValue).join(", ")})`;
  if (type.type === "LIST") return `${formatColumnType(type.element)}[]`;
  if (type.type === "ARRAY") return `${formatColumnType(type.element)}[${type.length}]`;
  if (type.type === "MAP") return `MAP(${formatColumnType(type.key)}, ${formatColumnType(type.value)})`;
  if (type.type === "STRUCT") {
    const fields = type.fields.map((field) => `${formatFieldName(field.name)} ${formatColumnType(field.type)}`);
    return `STRUCT(${fields.join(", ")})`;
  }
  return type.type === "NULL" ? '"NULL"' : type.type;
}

function formatEnumValue(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A column from its text: `"BIGINT!"` is never null. */
export function parseColumn(name: string, text: string): Column {
  const plain = text.trimEnd();
  const never = plain.endsWith("!");
  return { name, type: parseColumnType(never ? plain.slice(0, -1) : plain), nullable: !never };
}

/** The text of a column without its name: `BIGINT!` where it is never null. */
export function formatColumn(column: Pick<Column, "type" | "nullable">): string {
  return `${formatColumnType(column.type)}${column.nullable ? "" : "!"}`;
}

/** Columns from their wire form, in its order. */
export function columnsFromText(columns: ColumnsText): Column[] {
  return Object.entries(columns).map(([name, text]) => parseColumn(name, text));
}

/**
 * The wire form of columns, in their order.
 *
 * Names that are whole numbers come first, as JavaScript orders the keys of every object.
 */
export function columnsToText(columns: readonly Column[]): ColumnsText {
  return Object.fromEntries(columns.map((column) => [column.name, formatColumn(column)]));
}

/** Whether two types are one, nested parts and their names included. */
export function isSameColumnType(a: ColumnType, b: ColumnType): boolean {
  return a === b || formatColumnType(a) === formatColumnType(b);
}

/** Whole numbers by what they hold: digits of the largest value, and whether negative ones exist. */
const integers: Partial<
  Record<ColumnType["type"], { readonly bits: number; readonly signed: boolean; readonly digits: number }>
> = {
  TINYINT: { bits: 8, signed: true, digits: 3 },
  SMALLINT: { bits: 16, signed: true, digits: 5 },
  INTEGER: { bits: 32, signed: true, digits: 10 },
  BIGINT: { bits: 64, signed: true, digits: 19 },
  HUGEINT: { bits: 128, signed: true, digits: 39 },
  UTINYINT: { bits: 8, signed: false, digits: 3 },
  USMALLINT: { bits: 16, signed: false, digits: 5 },
  UINTEGER: { bits: 32, signed: false, digits: 10 },
  UBIGINT: { bits: 64, signed: false, digits: 20 },
  UHUGEINT: { bits: 128, signed: false, digits: 39 },
};

/** Types that keep every value of another one, beside themselves. Whole numbers and nested types have rules of their own. */
const widerScalars: Partial<Record<ColumnType["type"], readonly ScalarTypeName[]>> = {
  FLOAT: ["DOUBLE"],
  DATE: ["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS"],
  TIMESTAMP_S: ["TIMESTAMP_MS", "TIMESTAMP"],
  TIMESTAMP_MS: ["TIMESTAMP"],
  JSON: ["VARCHAR"],
  ENUM: ["VARCHAR"],
};

/** Whether every value of `from` is a value of `to`, the same type included: a change of a source that breaks nobody. */
export function isWidening(from: ColumnType, to: ColumnType): boolean {
  if (from.type === "NULL" || isSameColumnType(from, to)) return true;
  const integer = integers[from.type];
  if (integer !== undefined) return isWiderThanInteger(integer, to);
  if (from.type === "DECIMAL" && to.type === "DECIMAL")
    return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
  if (from.type === "ENUM" && to.type === "ENUM") return from.values.every((value) => to.values.includes(value));
  if (from.type === "LIST" && to.type === "LIST") return isWidening(from.element, to.element);
  if (from.type === "ARRAY" && to.type === "ARRAY")
    return from.length === to.length && isWidening(from.element, to.element);
  if (from.type === "ARRAY" && to.type === "LIST") return isWidening(from.element, to.element);
  if (from.type === "MAP" && to.type === "MAP") return isWidening(from.key, to.key) && isWidening(from.value, to.value);
  if (from.type === "STRUCT" && to.type === "STRUCT")
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, index) => {
        const other = to.fields[index];
        return other !== undefined && other.name === field.name && isWidening(field.type, other.type);
      })
    );
  return widerScalars[from.type]?.some((name) => name === to.type) ?? false;
}

function isWiderThanInteger(from: { bits: number; signed: boolean; digits: number }, to: ColumnType): boolean {
  // A float of 24 and a double of 53 bits of mantissa hold every whole number of 16 and 32 bits.
  if (to.type === "FLOAT") return from.bits <= 16;
  if (to.type === "DOUBLE") return from.bits <= 32;
  if (to.type === "DECIMAL") return to.precision - to.scale >= from.digits;
  const other = integers[to.type];
  if (other === undefined) return false;
  return from.signed === other.signed ? other.bits >= from.bits : other.signed && other.bits > from.bits;
}
