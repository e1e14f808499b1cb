/** Types without parameters. Names are DuckDB's; `typeMappings` says what each is elsewhere. */
export type ScalarTypeName =
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
 * The type of a column: one closed union for every compute, format and contract.
 *
 * The text form (`DECIMAL(18,2)`, `STRUCT(lat DOUBLE, lon DOUBLE)[]`) is DuckDB's; `parseColumnType` and
 * `formatColumnType` of `@millrace/foundation` convert without loss.
 */
export type ColumnType =
  | { readonly type: ScalarTypeName }
  | { readonly type: "DECIMAL"; readonly precision: number; readonly scale: number }
  | { readonly type: "ENUM"; readonly values: readonly string[] }
  | { readonly type: "LIST"; readonly element: ColumnType }
  | { readonly type: "ARRAY"; readonly element: ColumnType; readonly length: number }
  | { readonly type: "STRUCT"; readonly fields: readonly StructField[] }
  | { readonly type: "MAP"; readonly key: ColumnType; readonly value: ColumnType };

/** A field of a STRUCT. Fields are nullable: no compute enforces otherwise. */
export interface StructField {
  readonly name: string;
  readonly type: ColumnType;
}

/** A column of a dataset. `nullable: false` only where something enforces it. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** Where the columns of a dataset come from: bound from SQL or a source, declared by an author, or unknown before the run. */
export type SchemaOrigin = "bound" | "declared" | "open";

/** Columns of a dataset, in order. Below an `open` schema, checks move to run time. */
export interface DatasetSchema {
  readonly origin: SchemaOrigin;
  readonly columns: readonly Column[];
}

/** Text form of columns on the wire: name to SQL type, `!` at the end for never null. */
export type ColumnsText = Readonly<Record<string, string>>;
