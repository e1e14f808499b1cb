import type { DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import { TerminalError } from "@millrace/foundation";
import type { Column, ColumnType, ScalarTypeName } from "@millrace/protocols";

// `DuckDBTypeId` by number: importing the enum itself would load the native library.
const scalars: Partial<Record<DuckDBTypeId, ScalarTypeName>> = {
  1: "BOOLEAN",
  2: "TINYINT",
  3: "SMALLINT",
  4: "INTEGER",
  5: "BIGINT",
  6: "UTINYINT",
  7: "USMALLINT",
  8: "UINTEGER",
  9: "UBIGINT",
  10: "FLOAT",
  11: "DOUBLE",
  12: "TIMESTAMP",
  13: "DATE",
  14: "TIME",
  15: "INTERVAL",
  16: "HUGEINT",
  17: "VARCHAR",
  18: "BLOB",
  20: "TIMESTAMP_S",
  21: "TIMESTAMP_MS",
  22: "TIMESTAMP_NS",
  27: "UUID",
  29: "BIT",
  30: "TIMETZ",
  31: "TIMESTAMPTZ",
  32: "UHUGEINT",
  36: "NULL",
};

/**
 * A column type from the binding's type object.
 *
 * @throws MillraceError `SQL_TYPE_MISMATCH` for a type that no dataset can hold, such as UNION or GEOMETRY.
 */
function toColumnType(type: DuckDBType, column: string): ColumnType {
  // JSON is VARCHAR with an alias; DESCRIBE and results agree on that, at every depth.
  if (type.typeId === 17 && type.alias === "JSON") return { type: "JSON" };
  const scalar = scalars[type.typeId];
  if (scalar !== undefined) return { type: scalar };
  if ("width" in type) return { type: "DECIMAL", precision: type.width, scale: type.scale };
  if ("internalTypeId" in type) return { type: "ENUM", values: type.values };
  if ("keyType" in type)
    return { type: "MAP", key: toColumnType(type.keyType, column), value: toColumnType(type.valueType, column) };
  if ("length" in type) return { type: "ARRAY", element: toColumnType(type.valueType, column), length: type.length };
  if ("valueType" in type) return { type: "LIST", element: toColumnType(type.valueType, column) };
  if ("entryNames" in type)
    return {
      type: "STRUCT",
      fields: type.entryNames.map((name, index) => ({
        name,
        type: toColumnType(type.entryTypes[index] as DuckDBType, column),
      })),
    };
  throw new TerminalError({
    code: "SQL_TYPE_MISMATCH",
    fault: "config",
    message: `Column "${column}" has type ${String(type)}, which datasets do not hold; cast it, for example to VARCHAR or JSON.`,
    context: { column, type: String(type) },
  });
}

/** What has columns: a prepared statement or a result. */
interface ColumnSource {
  readonly columnCount: number;
  columnName(index: number): string;
  columnType(index: number): DuckDBType;
}

/** Columns of a statement or result. All are nullable: DuckDB promises nothing else of a query. */
export function toColumns(source: ColumnSource): readonly Column[] {
  return Array.from({ length: source.columnCount }, (_, index) => {
    const name = source.columnName(index);
    return { name, type: toColumnType(source.columnType(index), name), nullable: true };
  });
}
