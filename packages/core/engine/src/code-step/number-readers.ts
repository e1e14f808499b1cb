import type { Data } from "apache-arrow";
import { BoundReader, isNullAt, LossyValue } from "./cell-reader.ts";
import { Decimal } from "./decimal.ts";

/** 2^32: one 32-bit word above the next. */
const word = 4_294_967_296;
/** The high word of every integer up to 2^53 is below this. */
const safeHigh = 2_097_152;

/** BOOLEAN: one bit a value. */
export class BooleanReader extends BoundReader {
  #bits: Uint8Array = new Uint8Array(0);

  override bind(data: Data): void {
    super.bind(data);
    this.#bits = data.values as Uint8Array;
  }

  get(index: number): boolean | null {
    const position = index + this.offset;
    if (isNullAt(this.validity, position)) return null;
    return ((this.#bits[position >> 3] as number) & (1 << (position & 7))) !== 0;
  }
}

/** DOUBLE, apart from the other numbers: its code never meets another array type. */
export class DoubleReader extends BoundReader {
  #values: Float64Array = new Float64Array(0);

  override bind(data: Data): void {
    super.bind(data);
    this.#values = data.values as Float64Array;
  }

  get(index: number): number | null {
    return isNullAt(this.validity, index + this.offset) ? null : (this.#values[index] as number);
  }
}

/** FLOAT and integers of up to 32 bits. */
export class NumberReader extends BoundReader {
  #values: ArrayLike<number> = [];

  override bind(data: Data): void {
    super.bind(data);
    this.#values = data.values as ArrayLike<number>;
  }

  get(index: number): number | null {
    return isNullAt(this.validity, index + this.offset) ? null : (this.#values[index] as number);
  }
}

/** 64-bit integers as numbers, from two words: no BigInt is made. */
export class SafeIntegerReader extends BoundReader {
  #words: Int32Array = new Int32Array(0);
  readonly #signed: boolean;

  constructor(signed: boolean) {
    super();
    this.#signed = signed;
  }

  override bind(data: Data): void {
    super.bind(data);
    this.#words = toWords(data);
  }

  get(index: number): number | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    const low = (this.#words[index * 2] as number) >>> 0;
    const top = this.#words[index * 2 + 1] as number;
    const high = this.#signed ? top : top >>> 0;
    if (high >= safeHigh || high < -safeHigh || (high === -safeHigh && low === 0)) {
      const exact = BigInt(high) * BigInt(word) + BigInt(low);
      throw new LossyValue(`${exact} does not fit a JavaScript number`, integerAdvice);
    }
    return high * word + low;
  }
}

const integerAdvice = 'Ask for rows({ int64: "bigint" }) in a transform step, or cast the column to VARCHAR before.';

/** 64-bit integers as bigint. */
export class BigIntReader extends BoundReader {
  #values: ArrayLike<bigint> = [];

  override bind(data: Data): void {
    super.bind(data);
    this.#values = data.values as ArrayLike<bigint>;
  }

  get(index: number): bigint | null {
    return isNullAt(this.validity, index + this.offset) ? null : (this.#values[index] as bigint);
  }
}

/** HUGEINT and UHUGEINT: integers of 128 or 256 bits. */
export class HugeIntegerReader extends BoundReader {
  #words: Int32Array = new Int32Array(0);
  #stride = 4;

  override bind(data: Data): void {
    super.bind(data);
    this.#stride = data.stride;
    this.#words = toWords(data);
  }

  get(index: number): bigint | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    return toBigInt(this.#words, index * this.#stride, this.#stride);
  }
}

/** DECIMAL. */
export class DecimalReader extends BoundReader {
  readonly #scale: number;
  readonly #integers = new HugeIntegerReader();

  constructor(scale: number) {
    super();
    this.#scale = scale;
  }

  override bind(data: Data): void {
    this.#integers.bind(data);
  }

  get(index: number): Decimal | null {
    const value = this.#integers.get(index);
    return value === null ? null : new Decimal(value, this.#scale);
  }
}

function toBigInt(words: Int32Array, start: number, count: number): bigint {
  const low = (words[start] as number) >>> 0;
  const next = words[start + 1] as number;
  const sign = next >> 31;
  let short = next < safeHigh && next >= -safeHigh;
  for (let index = 2; index < count; index++) short &&= words[start + index] === sign;
  if (short) return BigInt(next * word + low);
  let value = BigInt(words[start + count - 1] as number);
  for (let index = count - 2; index >= 0; index--)
    value = (value << 32n) | BigInt((words[start + index] as number) >>> 0);
  return value;
}

/** The values of a column as signed 32-bit words, lowest first. */
export function toWords(data: Data): Int32Array {
  const values = data.values as ArrayBufferView;
  return new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}
