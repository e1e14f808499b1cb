import { formatColumnType, isSameColumnType, quoteIdentifier } from "@millrace/foundation";
import type { Column, ColumnType } from "@millrace/protocols";

/** Where values are kept: `parquet` for files that people read, `scratch` for our own, `arrow` for the way out. */
export type Storage = "parquet" | "scratch" | "arrow";

/**
 * What a type is stored as, so that the scan's cast gives the same values back.
 *
 * DuckDB 1.5.6 writes HUGEINT, which every `sum` of integers is, to Parquet as DOUBLE and loses digits beyond 2^53; it
 * cuts INTERVAL to milliseconds and shifts TIMETZ to UTC. None of this is an error there.
 */
export function toStorageType(type: ColumnType, storage: Storage): ColumnType {
  switch (type.type) {
    case "HUGEINT":
      // 38 digits are what Parquet and other readers have; a longer value fails in the cast, by name.
      return storage === "parquet"
        ? { type: "DECIMAL", precision: 38, scale: 0 }
        : storage === "scratch"
          ? { type: "VARCHAR" }
          : type;
    case "UHUGEINT":
      return storage === "parquet"
        ? { type: "DECIMAL", precision: 38, scale: 0 }
        : storage === "scratch"
          ? { type: "VARCHAR" }
          : type;
    case "TIMETZ":
      // Arrow has no offsets: the reader of vectors turns it into a time in UTC.
      return storage === "arrow" ? type : { type: "VARCHAR" };
    case "INTERVAL":
    case "BIT":
      return { type: "VARCHAR" };
    case "TIMESTAMP_S":
    case "TIMESTAMP_MS":
      return storage === "arrow" ? type : { type: "TIMESTAMP" };
    case "NULL":
      return storage === "arrow" ? type : { type: "INTEGER" };
    case "UUID":
    case "ENUM":
    case "JSON":
      return storage === "arrow" ? { type: "VARCHAR" } : type;
    case "LIST":
    case "ARRAY":
      return { type: "LIST", element: toStorageType(type.element, storage) };
    case "MAP":
      return { type: "MAP", key: toStorageType(type.key, storage), value: toStorageType(type.value, storage) };
    case "STRUCT":
      return {
        type: "STRUCT",
        fields: type.fields.map((field) => ({ name: field.name, type: toStorageType(field.type, storage) })),
      };
    default:
      return type;
  }
}

/** A select list that casts columns to what they are stored as; columns that need no cast stand as they are. */
export function toStorageSelect(columns: readonly Column[], storage: Storage): string {
  return columns.map((column) => castColumn(column, toStorageType(column.type, storage))).join(", ");
}

/** A column, cast where the type differs. */
export function castColumn({ name, type }: Column, target: ColumnType): string {
  const quoted = quoteIdentifier(name);
  return isSameColumnType(type, target) ? quoted : `CAST(${quoted} AS ${formatColumnType(target)}) AS ${quoted}`;
}

/** Whether any column is stored as another type. */
export function needsStorageCast(columns: readonly Column[], storage: Storage): boolean {
  return columns.some((column) => !isSameColumnType(column.type, toStorageType(column.type, storage)));
}
