/** Column types without parts, by their SQL name. `DECIMAL` takes precision and scale. */
export type ScalarType =
  | "BOOLEAN"
  | "TINYINT"
  | "SMALLINT"
  | "INTEGER"
  | "BIGINT"
  | "HUGEINT"
  | "UTINYINT"
  | "USMALLINT"
  | "UINTEGER"
  | "UBIGINT"
  | "UHUGEINT"
  | "FLOAT"
  | "DOUBLE"
  | `DECIMAL(${number},${number})`
  | "VARCHAR"
  | "BLOB"
  | "BIT"
  | "DATE"
  | "TIME"
  | "TIMETZ"
  | "TIMESTAMP"
  | "TIMESTAMP_S"
  | "TIMESTAMP_MS"
  | "TIMESTAMP_NS"
  | "TIMESTAMPTZ"
  | "INTERVAL"
  | "UUID"
  | "JSON"
  | "NULL";

/**
 * A type with parts. Elements, fields and values have no `!`: no compute enforces that they are never null.
 * `length` makes a list an array of fixed length.
 */
export type NestedType =
  | { readonly list: ElementType; readonly length?: number; readonly notNull?: true }
  | { readonly struct: { readonly [field: string]: ElementType }; readonly notNull?: true }
  | { readonly map: { readonly key: ElementType; readonly value: ElementType }; readonly notNull?: true }
  | { readonly enum: readonly string[]; readonly notNull?: true };

/** The type of an element, field, key or value inside another type. */
export type ElementType = ScalarType | NestedType;

/** The type of a column: `"BIGINT"` may be null, `"BIGINT!"` never is; nested types say `notNull: true`. */
export type ColumnDefinition = ScalarType | `${ScalarType}!` | NestedType;

/** Columns by name, in order. */
export interface Columns {
  readonly [name: string]: ColumnDefinition;
}
