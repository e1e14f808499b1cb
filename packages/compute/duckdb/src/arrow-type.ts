import type * as ArrowModule from "apache-arrow";
import type { DataType, Field } from "apache-arrow";
import type { Column, ColumnType } from "@millrace/protocols";
import { toStorageType } from "./storage-type.ts";

/** The module `apache-arrow`, loaded when the first stream is read or written. */
export type Arrow = typeof ArrowModule;

/** Loads Arrow: 70 ms that a run without code steps does not pay. */
export async function loadArrow(): Promise<Arrow> {
  return import("apache-arrow");
}

/**
 * The Arrow type of a column type, by the table `typeMappings` of protocols.
 *
 * Types without a lossless counterpart are text: the export casts them with {@link toStorageType} first.
 */
export function toArrowType(arrow: Arrow, type: ColumnType): DataType {
  const stored = toStorageType(type, "arrow");
  switch (stored.type) {
    case "BOOLEAN":
      return new arrow.Bool();
    case "TINYINT":
      return new arrow.Int8();
    case "SMALLINT":
      return new arrow.Int16();
    case "INTEGER":
      return new arrow.Int32();
    case "BIGINT":
      return new arrow.Int64();
    case "UTINYINT":
      return new arrow.Uint8();
    case "USMALLINT":
      return new arrow.Uint16();
    case "UINTEGER":
      return new arrow.Uint32();
    case "UBIGINT":
      return new arrow.Uint64();
    case "HUGEINT":
      return new arrow.Decimal(0, 38, 128);
    case "UHUGEINT":
      return new arrow.Decimal(0, 39, 256);
    case "FLOAT":
      return new arrow.Float32();
    case "DOUBLE":
      return new arrow.Float64();
    case "DECIMAL":
      return new arrow.Decimal(stored.scale, stored.precision, 128);
    case "BLOB":
      return new arrow.Binary();
    case "DATE":
      return new arrow.DateDay();
    case "TIME":
    case "TIMETZ":
      return new arrow.TimeMicrosecond();
    case "TIMESTAMP":
      return new arrow.TimestampMicrosecond();
    case "TIMESTAMP_S":
      return new arrow.TimestampSecond();
    case "TIMESTAMP_MS":
      return new arrow.TimestampMillisecond();
    case "TIMESTAMP_NS":
      return new arrow.TimestampNanosecond();
    case "TIMESTAMPTZ":
      return new arrow.TimestampMicrosecond("UTC");
    case "NULL":
      return new arrow.Null();
    case "LIST":
    case "ARRAY":
      return new arrow.List(new arrow.Field("item", toArrowType(arrow, stored.element), true));
    case "STRUCT":
      return new arrow.Struct(
        stored.fields.map((field) => new arrow.Field(field.name, toArrowType(arrow, field.type), true)),
      );
    case "MAP":
      return toMapType(arrow, stored);
    case "VARCHAR":
    case "BIT":
    case "INTERVAL":
    case "UUID":
    case "JSON":
    case "ENUM":
      return new arrow.Utf8();
  }
}

function toMapType(arrow: Arrow, type: Extract<ColumnType, { type: "MAP" }>): DataType {
  const entry = new arrow.Struct<{ key: DataType; value: DataType }>([
    new arrow.Field("key", toArrowType(arrow, type.key), false),
    new arrow.Field("value", toArrowType(arrow, type.value), true),
  ]);
  return new arrow.Map_(new arrow.Field("entries", entry, false));
}

/** Fields of a stream. Columns are nullable in Arrow unless something enforces otherwise. */
export function toArrowFields(arrow: Arrow, columns: readonly Column[]): Field[] {
  return columns.map((column) => new arrow.Field(column.name, toArrowType(arrow, column.type), column.nullable));
}
