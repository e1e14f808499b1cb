import type { Data } from "apache-arrow";
import { BoundReader, isNullAt, LossyValue } from "./cell-reader.ts";
import { formatDate, formatTime } from "./civil-time.ts";
import { toWords } from "./number-readers.ts";

/** Arrow's `TimeUnit`: seconds, milliseconds, microseconds, nanoseconds. */
export type TimeUnit = 0 | 1 | 2 | 3;

const millisPerUnit = [1000, 1, 1, 1] as const;
const unitsPerMilli = [1, 1, 1000, 1_000_000] as const;
/** Beyond this many milliseconds from 1970 there is no `Date`. **Source** ECMA-262, Time Values and Time Range. */
const largestTime = 8.64e15;
/** Data of a few years has few days; above this the texts are thrown away and made again. */
const mostTexts = 20_000;
const dateAdvice = 'Ask for rows({ time: "micros" }) in a transform step, or cut it with date_trunc before.';
const nanosAdvice = "Read it with batches(), or cast the column to TIMESTAMP before.";

/** TIMESTAMP types as `Date`; loud where a `Date` would lose something. */
export class DateTimeReader extends BoundReader {
  #words: Int32Array = new Int32Array(0);
  readonly #unit: TimeUnit;
  readonly #multiplier: number;
  readonly #divisor: number;

  constructor(unit: TimeUnit) {
    super();
    this.#unit = unit;
    this.#multiplier = millisPerUnit[unit];
    this.#divisor = unitsPerMilli[unit];
  }

  override bind(data: Data): void {
    super.bind(data);
    this.#words = toWords(data);
  }

  get(index: number): Date | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    const low = (this.#words[index * 2] as number) >>> 0;
    const high = this.#words[index * 2 + 1] as number;
    if (high < 2_097_152 && high >= -2_097_152) {
      // Below 2^53: numbers are exact, and no BigInt is made.
      const units = high * 4_294_967_296 + low;
      const whole = Math.round(units / this.#divisor);
      const millis = whole * this.#multiplier;
      if (whole * this.#divisor === units && Math.abs(millis) <= largestTime) return new Date(millis);
    }
    return toDate((BigInt(high) << 32n) | BigInt(low), this.#unit);
  }
}

/** The `Date` of a time since 1970. */
export function toDate(units: bigint, unit: TimeUnit): Date {
  const divisor = BigInt(unitsPerMilli[unit]);
  const rest = ((units % divisor) + divisor) % divisor;
  if (rest !== 0n) {
    throw new LossyValue(`a Date would lose ${rest} ${unit === 3 ? "nanoseconds" : "microseconds"}`, dateAdvice);
  }
  const millis = Number(units / divisor) * millisPerUnit[unit];
  if (Math.abs(millis) <= largestTime) return new Date(millis);
  throw new LossyValue("the time is infinite or outside of what a Date holds", dateAdvice);
}

/** TIMESTAMP types as bigint microseconds since 1970. */
export class MicrosReader extends BoundReader {
  #values: BigInt64Array = new BigInt64Array(0);
  readonly #unit: TimeUnit;

  constructor(unit: TimeUnit) {
    super();
    this.#unit = unit;
  }

  override bind(data: Data): void {
    super.bind(data);
    this.#values = data.values as BigInt64Array;
  }

  get(index: number): bigint | null {
    return isNullAt(this.validity, index + this.offset) ? null : toMicros(this.#values[index] as bigint, this.#unit);
  }
}

/** Microseconds of a time in another unit. */
export function toMicros(value: bigint, unit: TimeUnit): bigint {
  if (unit === 2) return value;
  if (unit === 0) return value * 1_000_000n;
  if (unit === 1) return value * 1000n;
  if (value % 1000n !== 0n) throw new LossyValue("microseconds would lose nanoseconds", nanosAdvice);
  return value / 1000n;
}

/** DATE as `2024-02-29`. */
export class DateTextReader extends BoundReader {
  #values: Int32Array = new Int32Array(0);
  readonly #texts = new Map<number, string>();

  override bind(data: Data): void {
    super.bind(data);
    this.#values = data.values as Int32Array;
  }

  get(index: number): string | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    const days = this.#values[index] as number;
    const known = this.#texts.get(days);
    if (known !== undefined) return known;
    if (this.#texts.size >= mostTexts) this.#texts.clear();
    const text = formatDate(days);
    this.#texts.set(days, text);
    return text;
  }
}

/** TIME as `12:34:56.5`; with `suffix`, TIMETZ in UTC. */
export class TimeTextReader extends BoundReader {
  #values: ArrayLike<number | bigint> = [];
  readonly #unit: TimeUnit;
  readonly #suffix: string;

  constructor(unit: TimeUnit, suffix: "" | "+00") {
    super();
    this.#unit = unit;
    this.#suffix = suffix;
  }

  override bind(data: Data): void {
    super.bind(data);
    this.#values = data.values as ArrayLike<number | bigint>;
  }

  get(index: number): string | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    const micros = toMicros(BigInt(this.#values[index] as number | bigint), this.#unit);
    return formatTime(Number(micros)) + this.#suffix;
  }
}
