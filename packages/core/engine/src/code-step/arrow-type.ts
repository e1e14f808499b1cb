import type { Column, ColumnType } from "@millrace/protocols";
import type * as arrowModule from "apache-arrow";
import type { DataType, Field, Schema } from "apache-arrow";

/** The `apache-arrow` module, loaded on first use. */
export type Arrow = typeof arrowModule;

/** Loads `apache-arrow`: on first use, since it takes longer than the start of Node. */
export function loadArrow(): Promise<Arrow> {
  return import("apache-arrow");
}

/** The Arrow schema of declared columns, by protocols' `typeMappings`. */
export function toArrowSchema(arrow: Arrow, columns: readonly Column[]): Schema {
  return new arrow.Schema(
    columns.map(({ name, type, nullable }) => new arrow.Field(name, toArrowType(arrow, type), nullable)),
  );
}

/** The Arrow type of a column type, by protocols' `typeMappings`. */
export function toArrowType(arrow: Arrow, type: ColumnType): DataType {
  if (isScalar(type)) return scalarTypes[type.type](arrow);
  switch (type.type) {
    case "DECIMAL":
      // The parameters stand in the other order than in `DECIMAL(precision, scale)`.
      return new arrow.Decimal(type.scale, type.precision, 128);
    case "LIST":
    case "ARRAY":
      return new arrow.List(createField(arrow, "item", type.element));
    case "STRUCT":
      return new arrow.Struct(type.fields.map((field) => createField(arrow, field.name, field.type)));
    case "MAP": {
      const key = new arrow.Field("key", toArrowType(arrow, type.key), false);
      const entries = new arrow.Struct<MapEntry>([key, createField(arrow, "value", type.value)]);
      const { Map_: ArrowMap } = arrow;
      return new ArrowMap(new arrow.Field("entries", entries, false));
    }
    default:
      return type satisfies never;
  }
}

function isScalar(type: ColumnType): type is Extract<ColumnType, { readonly type: Scalar }> {
  return type.type in scalarTypes;
}

/** Parts of nested values are nullable: no compute enforces otherwise. */
function createField(arrow: Arrow, name: string, type: ColumnType): Field {
  return new arrow.Field(name, toArrowType(arrow, type), true);
}

type MapEntry = { key: DataType; value: DataType };
type Scalar = Exclude<ColumnType["type"], "DECIMAL" | "LIST" | "ARRAY" | "STRUCT" | "MAP">;

const scalarTypes: Readonly<Record<Scalar, (arrow: Arrow) => DataType>> = {
  BOOLEAN: (arrow) => new arrow.Bool(),
  TINYINT: (arrow) => new arrow.Int8(),
  SMALLINT: (arrow) => new arrow.Int16(),
  INTEGER: (arrow) => new arrow.Int32(),
  BIGINT: (arrow) => new arrow.Int64(),
  // All 128 bits are used: ±1.7e38, a little more than 38 digits.
  HUGEINT: (arrow) => new arrow.Decimal(0, 38, 128),
  UTINYINT: (arrow) => new arrow.Uint8(),
  USMALLINT: (arrow) => new arrow.Uint16(),
  UINTEGER: (arrow) => new arrow.Uint32(),
  UBIGINT: (arrow) => new arrow.Uint64(),
  UHUGEINT: (arrow) => new arrow.Decimal(0, 39, 256),
  FLOAT: (arrow) => new arrow.Float32(),
  DOUBLE: (arrow) => new arrow.Float64(),
  VARCHAR: (arrow) => new arrow.Utf8(),
  BLOB: (arrow) => new arrow.Binary(),
  BIT: (arrow) => new arrow.Utf8(),
  DATE: (arrow) => new arrow.DateDay(),
  TIME: (arrow) => new arrow.TimeMicrosecond(),
  TIMETZ: (arrow) => new arrow.TimeMicrosecond(),
  TIMESTAMP: (arrow) => new arrow.TimestampMicrosecond(),
  TIMESTAMP_S: (arrow) => new arrow.TimestampSecond(),
  TIMESTAMP_MS: (arrow) => new arrow.TimestampMillisecond(),
  TIMESTAMP_NS: (arrow) => new arrow.TimestampNanosecond(),
  TIMESTAMPTZ: (arrow) => new arrow.TimestampMicrosecond("UTC"),
  INTERVAL: (arrow) => new arrow.Utf8(),
  UUID: (arrow) => new arrow.Utf8(),
  JSON: (arrow) => new arrow.Utf8(),
  NULL: (arrow) => new arrow.Null(),
  ENUM: (arrow) => new arrow.Utf8(),
};
