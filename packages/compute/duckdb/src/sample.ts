import type { DuckDBValue } from "@duckdb/node-api";
import type { Column, ColumnType, JsonValue } from "@millrace/protocols";

/**
 * A value of a result for people and JSON: 64-bit and larger whole numbers, decimals, NaN and infinities as text, days
 * and times as DuckDB writes them, lists as arrays, structs as objects, maps as objects where their keys are text.
 */
function toSampleValue(value: DuckDBValue, type: ColumnType): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return String(value);
  if ((type.type === "LIST" || type.type === "ARRAY") && "items" in value)
    return value.items.map((item) => toSampleValue(item, type.element));
  if (type.type === "STRUCT" && "entries" in value && !Array.isArray(value.entries)) {
    const entries = value.entries;
    return Object.fromEntries(
      type.fields.map((field) => [field.name, toSampleValue(entries[field.name] ?? null, field.type)]),
    );
  }
  if (type.type === "MAP" && "entries" in value && Array.isArray(value.entries)) return toMap(value.entries, type);
  return String(value);
}

function toMap(
  entries: readonly { readonly key: DuckDBValue; readonly value: DuckDBValue }[],
  type: Extract<ColumnType, { type: "MAP" }>,
): JsonValue {
  const pairs = entries.map(
    ({ key, value }) => [toSampleValue(key, type.key), toSampleValue(value, type.value)] as const,
  );
  return pairs.every(([key]) => typeof key === "string")
    ? Object.fromEntries(pairs as readonly (readonly [string, JsonValue])[])
    : pairs;
}

/** Rows of a result in column order. */
export function toSampleRows(
  rows: readonly (readonly DuckDBValue[])[],
  columns: readonly Column[],
): readonly (readonly JsonValue[])[] {
  return rows.map((row) => columns.map((column, index) => toSampleValue(row[index] as DuckDBValue, column.type)));
}
