import type { Data, DataType } from "apache-arrow";
import type { CellPlace } from "./cell-mismatch.ts";
import { FixedWriter, grow, NullableWriter } from "./cell-writer.ts";
import type { WriterSettings } from "./cell-writer.ts";

/** BOOLEAN. */
export class BooleanWriter extends NullableWriter {
  #bits: Uint8Array = new Uint8Array(0);

  append(value: unknown): void {
    if (value === null || value === undefined) this.markNull();
    else if (typeof value !== "boolean") throw this.mismatch(value, "Return true or false.");
    this.#push(value === true);
  }

  appendRaw(value: number | bigint): void {
    if (value !== 0 && value !== 1) throw this.mismatch(value, "A typed array of booleans holds 0 and 1.");
    this.#push(value === 1);
  }

  finish(): Data {
    return this.take({ data: this.#bits.subarray(0, (this.length + 7) >> 3) });
  }

  #push(value: boolean): void {
    const byte = this.length >> 3;
    if (byte >= this.#bits.length) this.#bits = grow(this.#bits, (length) => new Uint8Array(length), byte + 1);
    const bit = 1 << (this.length & 7);
    if (value) (this.#bits[byte] as number) |= bit;
    else (this.#bits[byte] as number) &= ~bit;
    this.length++;
  }
}

/** DOUBLE. */
export class DoubleWriter extends FixedWriter<Float64Array> {
  constructor(place: CellPlace, type: DataType, settings: WriterSettings) {
    super(place, type, { ...settings, create: (length) => new Float64Array(length) });
  }

  append(value: unknown): void {
    this.reserve(1);
    if (typeof value === "number") this.values[this.length] = value;
    else if (value === null || value === undefined) this.markNull();
    else this.values[this.length] = this.#fromOther(value);
    this.length++;
  }

  #fromOther(value: unknown): number {
    const number = typeof value === "bigint" ? Number(value) : Number.NaN;
    if (Number.isFinite(number) && BigInt(number) === value) return number;
    throw this.mismatch(value, "Return a number; a Decimal has toNumber().");
  }
}

/** FLOAT: the nearest single-precision number. */
export class FloatWriter extends FixedWriter<Float32Array> {
  constructor(place: CellPlace, type: DataType, settings: WriterSettings) {
    super(place, type, { ...settings, create: (length) => new Float32Array(length) });
  }

  append(value: unknown): void {
    this.reserve(1);
    if (value === null || value === undefined) this.markNull();
    else this.values[this.length] = this.#convert(value);
    this.length++;
  }

  #convert(value: unknown): number {
    if (typeof value !== "number") throw this.mismatch(value, "Return a number; a Decimal has toNumber().");
    const single = Math.fround(value);
    if (Number.isFinite(value) && !Number.isFinite(single)) throw this.mismatch(value, "It is too large; use DOUBLE.");
    return single;
  }
}

type SmallIntegers = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** Integers of 8, 16 and 32 bits. */
export class IntegerWriter extends FixedWriter<SmallIntegers> {
  readonly #least: number;
  readonly #most: number;

  constructor(place: CellPlace, type: DataType & { bitWidth: number; isSigned: boolean }, settings: WriterSettings) {
    const Values = type.ArrayType as new (length: number) => SmallIntegers;
    super(place, type, { ...settings, create: (length) => new Values(length) });
    this.#least = type.isSigned ? -(2 ** (type.bitWidth - 1)) : 0;
    this.#most = 2 ** (type.isSigned ? type.bitWidth - 1 : type.bitWidth) - 1;
  }

  append(value: unknown): void {
    this.reserve(1);
    if (typeof value === "number" && Number.isInteger(value) && value >= this.#least && value <= this.#most) {
      this.values[this.length] = value;
    } else if (value === null || value === undefined) {
      this.markNull();
    } else if (typeof value === "bigint" && value >= this.#least && value <= this.#most) {
      this.values[this.length] = Number(value);
    } else {
      throw this.mismatch(value, `Return an integer from ${this.#least} to ${this.#most}.`);
    }
    this.length++;
  }
}

/** BIGINT and UBIGINT. */
export class BigIntWriter extends FixedWriter<BigInt64Array | BigUint64Array> {
  readonly #signed: boolean;
  readonly #least: bigint;
  readonly #most: bigint;
  /** The memory of `values` as 32-bit words: a number is written without making a BigInt. */
  #words: Int32Array = new Int32Array(0);

  constructor(place: CellPlace, type: DataType & { isSigned: boolean }, settings: WriterSettings) {
    super(place, type, {
      ...settings,
      create: (length) => (type.isSigned ? new BigInt64Array(length) : new BigUint64Array(length)),
    });
    this.#signed = type.isSigned;
    this.#least = type.isSigned ? -(2n ** 63n) : 0n;
    this.#most = type.isSigned ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  }

  append(value: unknown): void {
    this.reserve(1);
    if (typeof value === "number" && Number.isSafeInteger(value) && (this.#signed || value >= 0)) {
      this.#words[this.length * 2] = value;
      this.#words[this.length * 2 + 1] = Math.floor(value / 4_294_967_296);
    } else if (typeof value === "bigint" && value >= this.#least && value <= this.#most) {
      this.values[this.length] = value;
    } else if (value === null || value === undefined) {
      this.markNull();
    } else {
      throw this.mismatch(value, this.#advise(value));
    }
    this.length++;
  }

  protected override reserve(cells: number): boolean {
    const isNew = super.reserve(cells);
    if (isNew) this.#words = new Int32Array(this.values.buffer);
    return isNew;
  }

  #advise(value: unknown): string {
    if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      return "Numbers above 2^53 are not exact; return a bigint.";
    }
    return `Return an integer from ${this.#least} to ${this.#most}, as a number or a bigint.`;
  }
}
