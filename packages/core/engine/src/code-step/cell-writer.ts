import type { Data, DataType } from "apache-arrow";
import type { Arrow } from "./arrow-type.ts";
import { CellMismatch } from "./cell-mismatch.ts";
import type { CellPlace } from "./cell-mismatch.ts";

/** Adds the cells of one column to a batch. Buffers are used again for the next batch. */
export interface CellWriter {
  readonly place: CellPlace;
  /** Adds a value; null and undefined are null. Throws {@link CellMismatch}. */
  append(value: unknown): void;
  /** Adds a value as the typed array of the column's type holds it: days, 0 and 1. Absent where `append` takes it. */
  appendRaw?(value: number | bigint): void;
  /** Adds values without nulls at once. False where the array is of another kind; then nothing was added. */
  appendRun?(values: ArrayLike<unknown>, start: number, end: number): boolean;
  /** The cells so far, as views of the writer's buffers; the next batch begins. */
  finish(): Data;
}

/** What the writers of one output share. */
export interface WriterSettings {
  readonly arrow: Arrow;
  readonly budget: ByteBudget;
}

/** Counts the bytes of a batch that its number of rows does not bound: texts, blobs and elements of lists. */
export class ByteBudget {
  bytes = 0;
}

/** Rows of a fresh buffer; it doubles from there to what a batch needs. */
const firstRows = 1024;

type FixedArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** A copy of a buffer with room for at least `needed` elements. */
export function grow<T extends FixedArray>(buffer: T, create: (length: number) => T, needed: number): T {
  const larger = create(Math.max(needed, buffer.length * 2, firstRows));
  (larger as Float64Array).set(buffer as Float64Array);
  return larger;
}

/** Nulls and length of a column that is being written. */
export abstract class NullableWriter implements CellWriter {
  readonly place: CellPlace;
  protected readonly arrow: Arrow;
  protected readonly type: DataType;
  protected length = 0;
  #nulls = new Uint8Array(0);
  #nullCount = 0;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings) {
    this.place = place;
    this.type = type;
    this.arrow = settings.arrow;
  }

  abstract append(value: unknown): void;
  abstract finish(): Data;

  /** Marks the next row as null; the caller moves on. */
  protected markNull(): void {
    if (!this.place.nullable) throw this.mismatch(null, "Return a value, or declare the column without `!`.");
    const byte = this.length >> 3;
    if (byte >= this.#nulls.length) {
      const filled = this.#nulls.length;
      this.#nulls = grow(this.#nulls, (length) => new Uint8Array(length), byte + 1);
      this.#nulls.fill(255, filled);
    }
    (this.#nulls[byte] as number) &= ~(1 << (this.length & 7));
    this.#nullCount++;
  }

  protected mismatch(value: unknown, advice: string): CellMismatch {
    return new CellMismatch(this.place, value, advice);
  }

  /** Makes the Arrow data of the rows so far and begins anew. */
  protected take(buffers: Readonly<Record<string, unknown>>): Data {
    const { length } = this;
    const data = this.arrow.makeData({
      type: this.type,
      length,
      nullCount: this.#nullCount,
      ...(this.#nullCount === 0 ? {} : { nullBitmap: this.#takeNulls() }),
      ...buffers,
    } as Parameters<Arrow["makeData"]>[0]);
    this.length = 0;
    this.#nullCount = 0;
    return data;
  }

  #takeNulls(): Uint8Array {
    const bytes = (this.length + 7) >> 3;
    const written = this.#nulls.slice(0, bytes);
    const bitmap = new Uint8Array(bytes).fill(255);
    bitmap.set(written);
    this.#nulls.fill(255);
    return bitmap;
  }
}

/** Cells of a fixed width. Subclasses write to `values[length]` after `reserve`. */
export abstract class FixedWriter<T extends FixedArray> extends NullableWriter {
  protected values: T;
  /** Elements of the array that make a cell. */
  readonly #stride: number;
  readonly #create: (length: number) => T;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings & FixedBuffer<T>) {
    super(place, type, settings);
    this.#stride = settings.stride ?? 1;
    this.#create = settings.create;
    this.values = settings.create(0);
  }

  appendRun(values: ArrayLike<unknown>, start: number, end: number): boolean {
    if (values.constructor !== this.values.constructor) return false;
    this.reserve(end - start);
    // Both are of one class; TypeScript cannot follow that.
    (this.values as Float64Array).set((values as Float64Array).subarray(start, end), this.length);
    this.length += end - start;
    return true;
  }

  finish(): Data {
    return this.take({ data: this.values.subarray(0, this.length * this.#stride) });
  }

  /** Makes room for more cells. True where the buffer is a new one. */
  protected reserve(cells: number): boolean {
    const needed = (this.length + cells) * this.#stride;
    if (needed <= this.values.length) return false;
    this.values = grow(this.values, this.#create, needed);
    return true;
  }
}

/** How the buffer of a writer is made. */
export interface FixedBuffer<T> {
  readonly create: (length: number) => T;
  /** Elements of the array that make a cell. @defaultValue 1 */
  readonly stride?: number;
}
