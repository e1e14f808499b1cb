import type { ColumnType } from "@millrace/protocols";
import type { Data, DataType, RecordBatch } from "apache-arrow";
import type { CellWriter } from "./cell-writer.ts";
import { arrowTypeId, carries, createCellReader, typeIdOf } from "./column-reader.ts";
import { isColumnArray, isColumnData } from "./output-shape.ts";

/** A whole column on its way to its writer. */
export interface ColumnSource {
  readonly writer: CellWriter;
  /** An array without nulls that the writer may take in runs. */
  readonly values: ArrayLike<unknown> | undefined;
  /** Adds the cell at an index to the writer. */
  readonly add: (index: number) => void;
}

/** Sources of one piece of output, of equal length. */
export interface ColumnSources {
  readonly length: number;
  readonly sources: readonly ColumnSource[];
}

/** Makes the error for a piece that is not what was expected. */
type Refuse = (value: unknown, expected: string) => Error;

/** Sources of an object of columns: arrays, typed arrays, or what `input.columns()` gives. Left-out columns are null. */
export function readColumnArrays(columns: object, writers: readonly CellWriter[], refuse: Refuse): ColumnSources {
  let length: number | undefined;
  const sources = writers.map((writer): ColumnSource => {
    const { path } = writer.place;
    const given = Object.hasOwn(columns, path) ? (columns as Readonly<Record<string, unknown>>)[path] : undefined;
    if (given === undefined) return nullSource(writer);
    const values = isColumnData(given) ? given.data : given;
    if (!isColumnArray(values)) throw refuse(given, `an array for column "${path}", or an array of rows`);
    if (length !== undefined && values.length !== length) {
      throw refuse(values, `${length} values for column "${path}", as in the columns before`);
    }
    ({ length } = values);
    return arraySource(writer, values, isColumnData(given) ? given.nulls : null);
  });
  if (length === undefined) throw refuse(columns, "rows, columns or Arrow");
  return { length, sources };
}

function arraySource(writer: CellWriter, values: ArrayLike<unknown>, nulls: Uint8Array | null): ColumnSource {
  const isRaw = ArrayBuffer.isView(values) && writer.appendRaw !== undefined;
  return {
    writer,
    values: nulls === null ? values : undefined,
    add(index) {
      if (nulls?.[index] === 1) writer.append(null);
      else if (isRaw) writer.appendRaw?.(values[index] as number | bigint);
      else writer.append(values[index]);
    },
  };
}

function nullSource(writer: CellWriter): ColumnSource {
  return { writer, values: undefined, add: () => writer.append(null) };
}

/** Sources of an Arrow batch. Numbers may be of another width; all else has to be the declared type. */
export function readArrowColumns(batch: RecordBatch, writers: readonly CellWriter[], refuse: Refuse): ColumnSources {
  const sources = writers.map((writer): ColumnSource => {
    const { path, type } = writer.place;
    const index = batch.schema.fields.findIndex(({ name }) => name === path);
    if (index < 0) return nullSource(writer);
    const data = batch.data.children[index] as Data;
    const reader = fits(data.type, type) ? createCellReader(data.type, type, lossless) : undefined;
    if (reader === undefined) {
      const arrowName = (data.type as { toString(): string }).toString();
      throw refuse(undefined, `${type.type} for column "${path}" and not Arrow ${arrowName}`);
    }
    reader.bind(data);
    const id = typeIdOf(data.type);
    const isNumber = id === arrowTypeId.int || id === arrowTypeId.float;
    return {
      writer,
      values: isNumber && data.nullCount === 0 ? (data.values as ArrayLike<unknown>) : undefined,
      add: (row) => writer.append(reader.get(row)),
    };
  });
  return { length: batch.numRows, sources };
}

const lossless = { int64: "bigint", time: "micros" } as const;
const numberIds: ReadonlySet<number> = new Set([arrowTypeId.int, arrowTypeId.float, arrowTypeId.decimal]);
const numberTypes: ReadonlySet<ColumnType["type"]> = new Set([
  "TINYINT",
  "SMALLINT",
  "INTEGER",
  "BIGINT",
  "HUGEINT",
  "UTINYINT",
  "USMALLINT",
  "UINTEGER",
  "UBIGINT",
  "UHUGEINT",
  "FLOAT",
  "DOUBLE",
  "DECIMAL",
] as const);

function fits(arrowType: DataType, type: ColumnType): boolean {
  return carries(arrowType, type) || (numberIds.has(typeIdOf(arrowType)) && numberTypes.has(type.type));
}
