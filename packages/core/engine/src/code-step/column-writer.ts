import type { Column, ColumnType } from "@millrace/protocols";
import type { DataType } from "apache-arrow";
import { toArrowType } from "./arrow-type.ts";
import type { CellPlace } from "./cell-mismatch.ts";
import type { CellWriter, WriterSettings } from "./cell-writer.ts";
import { DecimalWriter, HugeIntegerWriter } from "./decimal-writers.ts";
import { ListWriter, MapWriter, NullWriter, StructWriter } from "./nested-writers.ts";
import { BigIntWriter, BooleanWriter, DoubleWriter, FloatWriter, IntegerWriter } from "./number-writers.ts";
import {
  BitWriter,
  BytesWriter,
  EnumWriter,
  IntervalWriter,
  JsonWriter,
  TextWriter,
  UuidWriter,
} from "./text-writers.ts";
import type { TimeUnit } from "./time-readers.ts";
import { DateWriter, TimestampWriter, TimeWriter } from "./time-writers.ts";

/** The writer for a declared column. */
export function createColumnWriter(column: Column, settings: WriterSettings): CellWriter {
  return createWriter(
    { column: column.name, path: column.name, type: column.type, nullable: column.nullable },
    settings,
  );
}

function createWriter(place: CellPlace, settings: WriterSettings): CellWriter {
  const { type } = place;
  const arrowType = toArrowType(settings.arrow, type);
  const part = (of: ColumnType, suffix: string, nullable = true): CellWriter =>
    createWriter({ column: place.column, path: `${place.path}${suffix}`, type: of, nullable }, settings);
  if (isScalar(type)) return new scalarWriters[type.type](place, arrowType as ParametricType, settings);
  switch (type.type) {
    case "LIST":
    case "ARRAY":
      return new ListWriter(place, arrowType, { ...settings, elements: part(type.element, "[]") });
    case "STRUCT": {
      const names = type.fields.map(({ name }) => name);
      const fields = type.fields.map((field) => part(field.type, `.${field.name}`));
      return new StructWriter(place, arrowType, { ...settings, names, fields });
    }
    case "MAP": {
      const keys = part(type.key, " key", false);
      return new MapWriter(place, arrowType, { ...settings, keys, values: part(type.value, " value") });
    }
    case "ENUM":
      return new EnumWriter(place, arrowType, { ...settings, values: type.values });
    default:
      return type satisfies never;
  }
}

function isScalar(type: ColumnType): type is ColumnType & { readonly type: Scalar } {
  return type.type in scalarWriters;
}

/** What the constructors read of an Arrow type; each is called with the type that has it. */
type ParametricType = DataType & {
  readonly bitWidth: number;
  readonly isSigned: boolean;
  readonly scale: number;
  readonly precision: number;
  readonly unit: TimeUnit;
};
type Scalar = Exclude<ColumnType["type"], "LIST" | "ARRAY" | "STRUCT" | "MAP" | "ENUM">;
type WriterClass = new (place: CellPlace, type: ParametricType, settings: WriterSettings) => CellWriter;

const scalarWriters: Readonly<Record<Scalar, WriterClass>> = {
  BOOLEAN: BooleanWriter,
  TINYINT: IntegerWriter,
  SMALLINT: IntegerWriter,
  INTEGER: IntegerWriter,
  UTINYINT: IntegerWriter,
  USMALLINT: IntegerWriter,
  UINTEGER: IntegerWriter,
  BIGINT: BigIntWriter,
  UBIGINT: BigIntWriter,
  HUGEINT: HugeIntegerWriter,
  UHUGEINT: HugeIntegerWriter,
  FLOAT: FloatWriter,
  DOUBLE: DoubleWriter,
  DECIMAL: DecimalWriter,
  VARCHAR: TextWriter,
  BLOB: BytesWriter,
  BIT: BitWriter,
  UUID: UuidWriter,
  JSON: JsonWriter,
  INTERVAL: IntervalWriter,
  DATE: DateWriter,
  TIME: TimeWriter,
  TIMETZ: TimeWriter,
  TIMESTAMP: TimestampWriter,
  TIMESTAMP_S: TimestampWriter,
  TIMESTAMP_MS: TimestampWriter,
  TIMESTAMP_NS: TimestampWriter,
  TIMESTAMPTZ: TimestampWriter,
  NULL: NullWriter,
};
