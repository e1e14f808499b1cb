import type { Column, ColumnData, ColumnType } from "@millrace/protocols";
import type { Data } from "apache-arrow";
import { isNullAt, locateLossyValue, LossyValue, validityOf } from "./cell-reader.ts";
import type { CellReader } from "./cell-reader.ts";
import { formatDate } from "./civil-time.ts";
import { toDate, toMicros } from "./time-readers.ts";
import type { TimeUnit } from "./time-readers.ts";

type NumberArray = Float64Array | Float32Array | Int32Array;

/** The batches of one column, in order, and how its cells are read where its type has no array. */
export interface ColumnChunks {
  readonly column: Pick<Column, "name" | "type">;
  readonly chunks: readonly Data[];
  /** Undefined where there are no batches. */
  readonly reader: CellReader | undefined;
}

/** How a column type is gathered into a typed array, and what a value of that array is in a row. */
interface ArrayKind {
  readonly gather: (chunks: readonly Data[], length: number) => ArrayLike<unknown>;
  readonly toRowValue: (value: unknown) => unknown;
}

const int64Kind: Pick<ArrayKind, "toRowValue"> = {
  toRowValue(value) {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new LossyValue(`${String(value)} does not fit a JavaScript number`, "Read it from `data`: a bigint.");
  },
};
const timestampKind: ArrayKind = {
  gather: gatherMicros,
  toRowValue: (value) => toDate(value as bigint, 2),
};

/** Column types that have a typed array. Its null rows hold 0. */
const arrayKinds: Partial<Record<ColumnType["type"], ArrayKind>> = {
  BOOLEAN: { gather: gatherBits, toRowValue: (value) => value === 1 },
  INTEGER: { gather: (chunks, length) => gatherNumbers(chunks, new Int32Array(length)), toRowValue: (value) => value },
  FLOAT: { gather: (chunks, length) => gatherNumbers(chunks, new Float32Array(length)), toRowValue: (value) => value },
  DOUBLE: { gather: (chunks, length) => gatherNumbers(chunks, new Float64Array(length)), toRowValue: (value) => value },
  DATE: {
    gather: (chunks, length) => gatherNumbers(chunks, new Int32Array(length)),
    toRowValue: (value) => formatDate(value as number),
  },
  BIGINT: { gather: (chunks, length) => gatherBigInts(chunks, new BigInt64Array(length)), ...int64Kind },
  UBIGINT: { gather: (chunks, length) => gatherBigInts(chunks, new BigUint64Array(length)), ...int64Kind },
  TIMESTAMP: timestampKind,
  TIMESTAMP_S: timestampKind,
  TIMESTAMP_MS: timestampKind,
  TIMESTAMP_NS: timestampKind,
  TIMESTAMPTZ: timestampKind,
};

/** A whole column: a typed array where its type has one, else an array of row values. */
export function toColumnData({ column, chunks, reader }: ColumnChunks): ColumnData {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const nulls = gatherNulls(chunks, length);
  const kind = arrayKinds[column.type.type];
  if (kind === undefined)
    return new WholeColumn(column.name, { data: gatherValues(chunks, reader, column.name), nulls });
  try {
    return new WholeColumn(column.name, { data: kind.gather(chunks, length), nulls, toRowValue: kind.toRowValue });
  } catch (error) {
    throw error instanceof LossyRow ? locateLossyValue(error.lossy, column.name, error.row) : error;
  }
}

interface ColumnContent {
  readonly data: ArrayLike<unknown>;
  readonly nulls: Uint8Array | null;
  readonly toRowValue?: (value: unknown) => unknown;
}

class WholeColumn implements ColumnData {
  readonly data: ArrayLike<unknown>;
  readonly nulls: Uint8Array | null;
  readonly #name: string;
  readonly #toRowValue: ((value: unknown) => unknown) | undefined;

  constructor(name: string, content: ColumnContent) {
    this.#name = name;
    this.data = content.data;
    this.nulls = content.nulls;
    this.#toRowValue = content.toRowValue;
  }

  /** The value of a row, from 0, as `rows()` gives it; undefined beyond the end. */
  at(row: number): unknown {
    if (row >= this.data.length) return undefined;
    if (this.nulls?.[row] === 1) return null;
    if (this.#toRowValue === undefined) return this.data[row];
    try {
      return this.#toRowValue(this.data[row]);
    } catch (error) {
      throw locateLossyValue(error, this.#name, row + 1);
    }
  }
}

/** A lossy value with its row in the column, from 1. */
class LossyRow extends Error {
  readonly lossy: unknown;
  readonly row: number;

  constructor(lossy: unknown, row: number) {
    super("lossy");
    this.lossy = lossy;
    this.row = row;
  }
}

function gatherNumbers(chunks: readonly Data[], target: NumberArray): NumberArray {
  eachChunk(chunks, (chunk, start) => {
    // Arrow pads buffers: there are more values than rows.
    target.set((chunk.values as NumberArray).subarray(0, chunk.length), start);
    eachNull(chunk, (row) => (target[start + row] = 0));
  });
  return target;
}

function gatherBigInts(
  chunks: readonly Data[],
  target: BigInt64Array | BigUint64Array,
): BigInt64Array | BigUint64Array {
  eachChunk(chunks, (chunk, start) => {
    target.set((chunk.values as BigInt64Array).subarray(0, chunk.length), start);
    eachNull(chunk, (row) => (target[start + row] = 0n));
  });
  return target;
}

function gatherMicros(chunks: readonly Data[], length: number): BigInt64Array {
  const target = new BigInt64Array(length);
  if (chunks.every((chunk) => timeUnitOf(chunk) === 2)) return gatherBigInts(chunks, target) as BigInt64Array;
  eachChunk(chunks, (chunk, start) => {
    const validity = validityOf(chunk);
    const values = chunk.values as BigInt64Array;
    for (let row = 0; row < chunk.length; row++) {
      if (isNullAt(validity, row + chunk.offset)) continue;
      try {
        target[start + row] = toMicros(values[row] as bigint, timeUnitOf(chunk));
      } catch (error) {
        throw new LossyRow(error, start + row + 1);
      }
    }
  });
  return target;
}

function timeUnitOf(chunk: Data): TimeUnit {
  return (chunk.type as unknown as { readonly unit: TimeUnit }).unit;
}

function gatherBits(chunks: readonly Data[], length: number): Uint8Array {
  const target = new Uint8Array(length);
  eachChunk(chunks, (chunk, start) => {
    const bits = chunk.values as Uint8Array;
    // A bit of 1 is true as a validity bit of 1 is a value.
    for (let row = 0; row < chunk.length; row++) target[start + row] = isNullAt(bits, row + chunk.offset) ? 0 : 1;
    eachNull(chunk, (row) => (target[start + row] = 0));
  });
  return target;
}

function gatherValues(chunks: readonly Data[], reader: CellReader | undefined, column: string): unknown[] {
  const values: unknown[] = [];
  for (const chunk of chunks) {
    reader?.bind(chunk);
    for (let row = 0; row < chunk.length; row++) {
      try {
        values.push(reader?.get(row));
      } catch (error) {
        throw locateLossyValue(error, column, values.length + 1);
      }
    }
  }
  return values;
}

function gatherNulls(chunks: readonly Data[], length: number): Uint8Array | null {
  if (chunks.every((chunk) => chunk.nullCount === 0)) return null;
  const nulls = new Uint8Array(length);
  eachChunk(chunks, (chunk, start) => eachNull(chunk, (row) => (nulls[start + row] = 1)));
  return nulls;
}

function eachChunk(chunks: readonly Data[], visit: (chunk: Data, start: number) => void): void {
  let start = 0;
  for (const chunk of chunks) {
    visit(chunk, start);
    start += chunk.length;
  }
}

function eachNull(chunk: Data, visit: (row: number) => void): void {
  const validity = validityOf(chunk);
  if (validity === null) return;
  for (let row = 0; row < chunk.length; row++) if (isNullAt(validity, row + chunk.offset)) visit(row);
}
