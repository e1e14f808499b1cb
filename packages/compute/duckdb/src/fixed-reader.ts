import type { Data, DataType } from "apache-arrow";
import { GrowableBuffer } from "./growable-buffer.ts";
import { ValidityBitmap } from "./validity-bitmap.ts";
import { validityOf } from "./vector-range.ts";
import type { ReaderTools, VectorRange, VectorReader } from "./vector-range.ts";

/** How values of `from` bytes become values of `to` bytes. */
export interface FixedLayout {
  readonly from: number;
  readonly to: number;
  /** Writes the converted `source` into `target` from byte `at` on. */
  readonly copy: (source: Uint8Array, target: Uint8Array, at: number) => void;
}

/** Values that DuckDB and Arrow lay out alike. */
export function copyPlain(width: number): FixedLayout {
  return { from: width, to: width, copy: (source, target, at) => target.set(source, at) };
}

/** DuckDB keeps a DECIMAL in 2, 4, 8 or 16 bytes by its precision, Arrow always in 16. */
export function widenDecimal(precision: number): FixedLayout {
  const from = precision <= 4 ? 2 : precision <= 9 ? 4 : 8;
  const copy = (source: Uint8Array, target: Uint8Array, start: number): void => {
    const words = new Int32Array(target.buffer, target.byteOffset + start, (source.byteLength / from) * 4);
    const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    for (let at = 0, to = 0; at < source.byteLength; at += from, to += 4) {
      const low = from === 2 ? view.getInt16(at, true) : view.getInt32(at, true);
      const high = from === 8 ? view.getInt32(at + 4, true) : low >> 31;
      words[to] = low;
      words[to + 1] = high;
      words[to + 2] = high >> 31;
      words[to + 3] = high >> 31;
    }
  };
  return { from, to: 16, copy };
}

function widenUhugeintBytes(source: Uint8Array, target: Uint8Array, start: number): void {
  target.fill(0, start, start + source.length * 2);
  for (let at = 0; at < source.length; at += 16) target.set(source.subarray(at, at + 16), start + at * 2);
}

/** A UHUGEINT has 128 bits; its 39 digits need Arrow's Decimal of 256. */
export const widenUhugeint: FixedLayout = { from: 16, to: 32, copy: widenUhugeintBytes };

const dayMicros = 86_400_000_000n;

/** TIMETZ is 40 bits of microseconds and 24 of `57,599 − offset` in seconds (DuckDB's `dtime_tz_t`). */
function shiftBytesToUtc(source: Uint8Array, target: Uint8Array, start: number): void {
  const from = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const to = new DataView(target.buffer, target.byteOffset + start);
  for (let at = 0; at < source.byteLength; at += 8) {
    const bits = from.getBigUint64(at, true);
    const offsetMicros = (57_599n - (bits & 0xff_ffffn)) * 1_000_000n;
    const utc = ((bits >> 24n) - offsetMicros) % dayMicros;
    to.setBigInt64(at, utc < 0n ? utc + dayMicros : utc, true);
  }
}

/** A TIMETZ as Arrow has it: its time of day in UTC. */
export const shiftToUtc: FixedLayout = { from: 8, to: 8, copy: shiftBytesToUtc };

/** Values of a fixed width: one copy a vector. */
export class FixedReader implements VectorReader {
  readonly #type: DataType;
  readonly #tools: ReaderTools;
  readonly #layout: FixedLayout;
  readonly #values: GrowableBuffer;
  #validity = new ValidityBitmap();

  constructor(type: DataType, tools: ReaderTools, layout: FixedLayout) {
    this.#type = type;
    this.#tools = tools;
    this.#layout = layout;
    this.#values = new GrowableBuffer(tools.rows * layout.to);
  }

  get byteLength(): number {
    return this.#values.length;
  }

  append({ vector, start, count }: VectorRange): void {
    const { from, to, copy } = this.#layout;
    const { bindings } = this.#tools;
    const values = this.#values;
    const at = values.length / to;
    values.reserve(count * to);
    const source = bindings.vector_get_data(vector, (start + count) * from);
    copy(start === 0 ? source : source.subarray(start * from), values.bytes, values.length);
    values.length += count * to;
    this.#validity.append(validityOf(bindings, vector, start + count), start, { count, at });
  }

  finish(): Data {
    const { bytes, length: byteLength } = this.#values;
    const length = byteLength / this.#layout.to;
    const type = this.#type;
    const ArrayType = type.ArrayType as new (
      buffer: ArrayBuffer,
      offset: number,
      length: number,
    ) => Uint8Array & { readonly BYTES_PER_ELEMENT: number };
    const size = (type.ArrayType as unknown as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
    const data = this.#tools.arrow.makeData({
      type,
      length,
      nullCount: this.#validity.nulls,
      nullBitmap: this.#validity.toBytes(length),
      data: new ArrayType(bytes.buffer, 0, byteLength / size),
    } as never);
    this.#values.length = 0;
    this.#validity = new ValidityBitmap();
    return data as Data;
  }
}

/** A byte a value in DuckDB, a bit in Arrow. */
export class BooleanReader implements VectorReader {
  readonly #type: DataType;
  readonly #tools: ReaderTools;
  readonly #bits: GrowableBuffer;
  #length = 0;
  #validity = new ValidityBitmap();

  constructor(type: DataType, tools: ReaderTools) {
    this.#type = type;
    this.#tools = tools;
    this.#bits = new GrowableBuffer(tools.rows / 8);
  }

  get byteLength(): number {
    return this.#bits.length;
  }

  append({ vector, start, count }: VectorRange): void {
    const source = this.#tools.bindings.vector_get_data(vector, start + count);
    const at = this.#length;
    const bits = this.#bits;
    if (at === 0) bits.bytes.fill(0);
    bits.length = Math.ceil(at / 8);
    bits.reserve(Math.ceil(count / 8) + 1);
    for (let row = 0; row < count; row++)
      if (source[start + row] === 1)
        bits.bytes[(at + row) >> 3] = (bits.bytes[(at + row) >> 3] ?? 0) | (1 << ((at + row) & 7));
    this.#length += count;
    this.#validity.append(validityOf(this.#tools.bindings, vector, start + count), start, { count, at });
  }

  finish(): Data {
    const length = this.#length;
    const data = this.#tools.arrow.makeData({
      type: this.#type,
      length,
      nullCount: this.#validity.nulls,
      nullBitmap: this.#validity.toBytes(length),
      data: this.#bits.bytes.subarray(0, Math.ceil(length / 8)),
    } as never);
    this.#length = 0;
    this.#validity = new ValidityBitmap();
    return data as Data;
  }
}

/** Columns that are NULL throughout. */
export class NullReader implements VectorReader {
  readonly byteLength = 0;
  readonly #type: DataType;
  readonly #tools: ReaderTools;
  #length = 0;

  constructor(type: DataType, tools: ReaderTools) {
    this.#type = type;
    this.#tools = tools;
  }

  append({ count }: VectorRange): void {
    this.#length += count;
  }

  finish(): Data {
    const length = this.#length;
    this.#length = 0;
    return this.#tools.arrow.makeData({ type: this.#type, length, nullCount: length } as never) as Data;
  }
}
