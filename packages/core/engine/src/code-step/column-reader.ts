import type { ColumnType, StructField } from "@millrace/protocols";
import type { DataType, Field } from "apache-arrow";
import { NullReader } from "./cell-reader.ts";
import type { CellReader, ResolvedRowOptions } from "./cell-reader.ts";
import { DictionaryReader, ListReader, MapReader, StructReader } from "./nested-readers.ts";
import {
  BigIntReader,
  BooleanReader,
  DecimalReader,
  DoubleReader,
  HugeIntegerReader,
  NumberReader,
  SafeIntegerReader,
} from "./number-readers.ts";
import { BytesReader, IntervalReader, TextReader } from "./text-readers.ts";
import { DateTextReader, DateTimeReader, MicrosReader, TimeTextReader } from "./time-readers.ts";
import type { TimeUnit } from "./time-readers.ts";

/** Arrow's type numbers: part of its format, so that the module need not be loaded to know them. */
export const arrowTypeId = {
  dictionary: -1,
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  list: 12,
  struct: 13,
  fixedSizeList: 16,
  map: 17,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
} as const;

/** The number of an Arrow type, to compare with `arrowTypeId`. */
export function typeIdOf(arrowType: DataType): number {
  return arrowType.typeId;
}

const { int, float, utf8, largeUtf8, decimal, timestamp, list, largeList, fixedSizeList } = arrowTypeId;
const integers: readonly number[] = [int];
const texts: readonly number[] = [utf8, largeUtf8];
const times: readonly number[] = [timestamp];
const lists: readonly number[] = [list, largeList, fixedSizeList];

/** Arrow types that hold the values of a column type. */
const carriers: Readonly<Record<ColumnType["type"], readonly number[]>> = {
  BOOLEAN: [arrowTypeId.bool],
  TINYINT: integers,
  SMALLINT: integers,
  INTEGER: integers,
  BIGINT: integers,
  UTINYINT: integers,
  USMALLINT: integers,
  UINTEGER: integers,
  UBIGINT: integers,
  HUGEINT: [decimal],
  UHUGEINT: [decimal],
  DECIMAL: [decimal],
  FLOAT: [float],
  DOUBLE: [float],
  VARCHAR: texts,
  JSON: texts,
  UUID: texts,
  ENUM: texts,
  BIT: texts,
  INTERVAL: texts,
  BLOB: [arrowTypeId.binary, arrowTypeId.largeBinary],
  DATE: [arrowTypeId.date],
  TIME: [arrowTypeId.time],
  TIMETZ: [arrowTypeId.time, ...texts],
  TIMESTAMP: times,
  TIMESTAMP_S: times,
  TIMESTAMP_MS: times,
  TIMESTAMP_NS: times,
  TIMESTAMPTZ: times,
  NULL: [arrowTypeId.null],
  LIST: lists,
  ARRAY: lists,
  STRUCT: [arrowTypeId.struct],
  MAP: [arrowTypeId.map],
};

/** Whether an Arrow column can hold a column type at all. */
export function carries(arrowType: DataType, type: ColumnType): boolean {
  const plain =
    typeIdOf(arrowType) === arrowTypeId.dictionary ? (arrowType as { dictionary?: DataType }).dictionary : arrowType;
  return plain !== undefined && carriers[type.type].includes(typeIdOf(plain));
}

/**
 * The reader for a column, by its Arrow type; the column type tells apart what Arrow does not.
 * Undefined where the Arrow type has no counterpart here.
 *
 * @param type - Undefined where only Arrow is known.
 */
export function createCellReader(
  arrowType: DataType,
  type: ColumnType | undefined,
  options: ResolvedRowOptions,
): CellReader | undefined {
  switch (typeIdOf(arrowType)) {
    case arrowTypeId.null:
      return new NullReader();
    case arrowTypeId.bool:
      return new BooleanReader();
    case arrowTypeId.int:
      return createIntegerReader(arrowType as DataType & { bitWidth: number; isSigned: boolean }, options);
    case arrowTypeId.float:
      return createFloatReader((arrowType as DataType & { precision: number }).precision);
    case arrowTypeId.decimal:
      return type?.type === "HUGEINT" || type?.type === "UHUGEINT"
        ? new HugeIntegerReader()
        : new DecimalReader((arrowType as DataType & { scale: number }).scale);
    case arrowTypeId.binary:
    case arrowTypeId.largeBinary:
      return new BytesReader();
    case arrowTypeId.utf8:
    case arrowTypeId.largeUtf8:
      return type?.type === "INTERVAL" ? new IntervalReader() : new TextReader();
    case arrowTypeId.date:
      return unitOf(arrowType) === 0 ? new DateTextReader() : createTimestampReader(1, options);
    case arrowTypeId.time:
      return new TimeTextReader(unitOf(arrowType), type?.type === "TIMETZ" ? "+00" : "");
    case arrowTypeId.timestamp:
      return createTimestampReader(unitOf(arrowType), options);
    default:
      return createNestedReader(arrowType, type, options);
  }
}

function createNestedReader(
  arrowType: DataType,
  type: ColumnType | undefined,
  options: ResolvedRowOptions,
): CellReader | undefined {
  const children = (arrowType.children ?? []) as readonly Field[];
  switch (typeIdOf(arrowType)) {
    case arrowTypeId.list:
    case arrowTypeId.largeList:
    case arrowTypeId.fixedSizeList: {
      const element = type?.type === "LIST" || type?.type === "ARRAY" ? type.element : undefined;
      const elements = createCellReader((children[0] as Field).type, element, options);
      return elements && new ListReader(elements);
    }
    case arrowTypeId.struct: {
      const readers = createFieldReaders(children, type?.type === "STRUCT" ? type.fields : [], options);
      return (
        readers &&
        new StructReader(
          children.map((child) => child.name),
          readers,
        )
      );
    }
    case arrowTypeId.map: {
      const fields =
        type?.type === "MAP" ? [type.key, type.value].map((of, index) => ({ name: `${index}`, type: of })) : [];
      const entries = (children[0] as Field).type.children as readonly Field[];
      const [keys, values] = createFieldReaders(entries, fields, options) ?? [];
      return keys && values && new MapReader(keys, values);
    }
    case arrowTypeId.dictionary: {
      const entries = createCellReader((arrowType as unknown as { dictionary: DataType }).dictionary, type, options);
      return entries && new DictionaryReader(entries);
    }
    default:
      return undefined;
  }
}

function createFieldReaders(
  children: readonly Field[],
  fields: readonly StructField[],
  options: ResolvedRowOptions,
): readonly CellReader[] | undefined {
  const readers = children.map((child, index) => createCellReader(child.type, fields[index]?.type, options));
  return readers.every((reader) => reader !== undefined) ? readers : undefined;
}

function createIntegerReader(
  { bitWidth, isSigned }: { readonly bitWidth: number; readonly isSigned: boolean },
  options: ResolvedRowOptions,
): CellReader {
  if (bitWidth < 64) return new NumberReader();
  return options.int64 === "bigint" ? new BigIntReader() : new SafeIntegerReader(isSigned);
}

/** Half floats have no counterpart in DuckDB. */
function createFloatReader(precision: number): CellReader | undefined {
  if (precision === 0) return undefined;
  return precision === 2 ? new DoubleReader() : new NumberReader();
}

function createTimestampReader(unit: TimeUnit, options: ResolvedRowOptions): CellReader {
  return options.time === "micros" ? new MicrosReader(unit) : new DateTimeReader(unit);
}

function unitOf(arrowType: DataType): TimeUnit {
  return (arrowType as DataType & { readonly unit: TimeUnit }).unit;
}
