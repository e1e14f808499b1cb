import type { DataType } from "apache-arrow";
import type { CellPlace } from "./cell-mismatch.ts";
import { FixedWriter } from "./cell-writer.ts";
import type { WriterSettings } from "./cell-writer.ts";
import { isDecimal, readDecimal, rescale } from "./decimal.ts";
import type { Decimal } from "./decimal.ts";

/** Integers of 128 or 256 bits in 32-bit words, lowest first, two's complement. */
abstract class WideWriter extends FixedWriter<Int32Array> {
  readonly #words: number;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings & { readonly words: number }) {
    super(place, type, { ...settings, create: (length) => new Int32Array(length), stride: settings.words });
    this.#words = settings.words;
  }

  /** Wide cells have no typed array of JavaScript. */
  override appendRun(): boolean {
    return false;
  }

  protected pushInteger(value: number): void {
    const start = this.length * this.#words;
    const high = Math.floor(value / 4_294_967_296);
    this.values[start] = value;
    this.values[start + 1] = high;
    this.values.fill(high < 0 ? -1 : 0, start + 2, start + this.#words);
    this.length++;
  }

  protected pushBigInt(value: bigint): void {
    const number = Number(value);
    // Most are small, and words of a number are made in half the time.
    if (Number.isSafeInteger(number)) {
      this.pushInteger(number);
      return;
    }
    let rest = value;
    for (let word = 0; word < this.#words; word++) {
      this.values[this.length * this.#words + word] = Number(BigInt.asIntN(32, rest));
      rest >>= 32n;
    }
    this.length++;
  }

  protected pushNull(): void {
    this.markNull();
    this.length++;
  }
}

/** HUGEINT and UHUGEINT. */
export class HugeIntegerWriter extends WideWriter {
  readonly #least: bigint;
  readonly #most: bigint;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings) {
    const isSigned = place.type.type === "HUGEINT";
    super(place, type, { ...settings, words: isSigned ? 4 : 8 });
    this.#least = isSigned ? -(2n ** 127n) : 0n;
    this.#most = isSigned ? 2n ** 127n - 1n : 2n ** 128n - 1n;
  }

  append(value: unknown): void {
    this.reserve(1);
    if (typeof value === "bigint" && value >= this.#least && value <= this.#most) this.pushBigInt(value);
    else if (typeof value === "number" && Number.isSafeInteger(value) && value >= this.#least) this.pushInteger(value);
    else if (value === null || value === undefined) this.pushNull();
    else throw this.mismatch(value, "Return a bigint in the range of the type, or an integer up to 2^53.");
  }
}

/** A double divides exactly rounded only while both numbers are exact: 10^22 is the last power of ten that is. */
const largestExactPower = 22;

/** DECIMAL: a `Decimal`, bigint, text, or a number whose shortest text fits the scale. Nothing is rounded. */
export class DecimalWriter extends WideWriter {
  readonly #scale: number;
  readonly #power: number;
  /** The first integer with too many digits. */
  readonly #limit: bigint;
  readonly #numberLimit: number;

  constructor(place: CellPlace, type: DataType & { scale: number; precision: number }, settings: WriterSettings) {
    super(place, type, { ...settings, words: 4 });
    this.#scale = type.scale;
    this.#power = type.scale <= largestExactPower ? 10 ** type.scale : Number.NaN;
    this.#limit = 10n ** BigInt(type.precision);
    this.#numberLimit = Math.min(Number(this.#limit), Number.MAX_SAFE_INTEGER);
  }

  append(value: unknown): void {
    this.reserve(1);
    if (typeof value === "number") this.#appendNumber(value);
    else if (value === null || value === undefined) this.pushNull();
    else if (typeof value === "string" || typeof value === "bigint") this.#appendDecimal(value, readDecimal(value));
    else this.#appendDecimal(value, isDecimal(value) ? value : undefined);
  }

  #appendNumber(value: number): void {
    // Exact: the quotient of two exact numbers is the double nearest to it, so it is `value` only if that is its text.
    const scaled = Math.round(value * this.#power);
    if (Math.abs(scaled) < this.#numberLimit && scaled / this.#power === value) {
      this.pushInteger(scaled);
    } else if (Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      throw this.mismatch(value, "Numbers above 2^53 are not exact; return a Decimal, a bigint or a text.");
    } else {
      this.#appendDecimal(value, readDecimal(value));
    }
  }

  #appendDecimal(value: unknown, decimal: Decimal | undefined): void {
    if (decimal === undefined) throw this.mismatch(value, "Return a Decimal, a number, a bigint or a text of digits.");
    const scaled = rescale(decimal, this.#scale);
    if (scaled === undefined) {
      throw this.mismatch(value, `It has more than ${this.#scale} digits after the point; round it first.`);
    }
    if (scaled.value >= this.#limit || scaled.value <= -this.#limit) {
      throw this.mismatch(value, "It has too many digits; declare a larger precision.");
    }
    this.pushBigInt(scaled.value);
  }
}
