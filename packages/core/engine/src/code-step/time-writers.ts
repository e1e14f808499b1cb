import type { DataType } from "apache-arrow";
import type { CellPlace } from "./cell-mismatch.ts";
import { FixedWriter } from "./cell-writer.ts";
import type { WriterSettings } from "./cell-writer.ts";
import { infiniteDays, microsPerDay, parseDate, parseInstant, parseOffset, parseTime } from "./civil-time.ts";
import type { TimeUnit } from "./time-readers.ts";

/** DATE: `2024-02-29`. */
export class DateWriter extends FixedWriter<Int32Array> {
  constructor(place: CellPlace, type: DataType, settings: WriterSettings) {
    super(place, type, { ...settings, create: (length) => new Int32Array(length) });
  }

  append(value: unknown): void {
    this.reserve(1);
    if (value === null || value === undefined) this.markNull();
    else this.values[this.length] = this.#convert(value);
    this.length++;
  }

  appendRaw(value: number | bigint): void {
    if (!Number.isInteger(value) || Math.abs(Number(value)) > infiniteDays) {
      throw this.mismatch(value, "A typed array of dates holds days since 1970.");
    }
    this.reserve(1);
    this.values[this.length++] = Number(value);
  }

  /** Days are checked one by one. */
  override appendRun(): boolean {
    return false;
  }

  #convert(value: unknown): number {
    const days = typeof value === "string" ? parseDate(value) : undefined;
    if (days !== undefined) return days;
    const advice = value instanceof Date ? "; for a Date, toISOString().slice(0, 10)" : "";
    throw this.mismatch(value, `Return a day of the calendar as "YYYY-MM-DD"${advice}.`);
  }
}

/** TIME, and TIMETZ as its time in UTC. */
export class TimeWriter extends FixedWriter<BigInt64Array> {
  readonly #zoned: boolean;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings) {
    super(place, type, { ...settings, create: (length) => new BigInt64Array(length) });
    this.#zoned = place.type.type === "TIMETZ";
  }

  append(value: unknown): void {
    this.reserve(1);
    if (value === null || value === undefined) this.markNull();
    else this.values[this.length] = BigInt(this.#convert(value));
    this.length++;
  }

  #convert(value: unknown): number {
    const micros = typeof value !== "string" ? undefined : this.#zoned ? parseZonedTime(value) : parseTime(value);
    if (micros !== undefined) return micros;
    throw this.mismatch(
      value,
      `Return a time as "12:34:56.789${this.#zoned ? "+02:00" : ""}", with at most six digits after the point.`,
    );
  }
}

/** Microseconds in UTC of a time with an offset; a bare `24:00:00` has no counterpart there. */
function parseZonedTime(text: string): number | undefined {
  const match = /^([\d:.]+)(Z|[+-]\d\d(?::?\d\d)?)$/.exec(text);
  const micros = match === null ? undefined : parseTime(match[1] as string);
  const offset = match === null ? undefined : parseOffset(match[2]);
  if (micros === undefined || offset === undefined) return undefined;
  return (micros - offset * 1_000_000 + 2 * microsPerDay) % microsPerDay;
}

/** The range of TIMESTAMP in DuckDB, microseconds: 290309-12-22 BC to 294247-01-10, and infinity. */
const leastMicros = -9_223_372_022_400_000_000n;
const mostMicros = 2n ** 63n - 1n;

/** What a unit of time is in nanoseconds. */
const nanosPerUnit = [1_000_000_000n, 1_000_000n, 1000n, 1n] as const;

/** TIMESTAMP types: `Date`, ISO text, or bigint microseconds. */
export class TimestampWriter extends FixedWriter<BigInt64Array> {
  readonly #zoned: boolean;
  readonly #nanos: bigint;

  constructor(place: CellPlace, type: DataType & { unit: TimeUnit }, settings: WriterSettings) {
    super(place, type, { ...settings, create: (length) => new BigInt64Array(length) });
    this.#zoned = place.type.type === "TIMESTAMPTZ";
    this.#nanos = nanosPerUnit[type.unit];
  }

  append(value: unknown): void {
    this.reserve(1);
    if (value === null || value === undefined) this.markNull();
    else this.values[this.length] = this.#convert(value);
    this.length++;
  }

  /** Microseconds are checked and converted one by one. */
  override appendRun(): boolean {
    return false;
  }

  #convert(value: unknown): bigint {
    if (typeof value === "bigint") return this.#fromMicros(value, value);
    if (value instanceof Date) return this.#fromDate(value);
    if (typeof value !== "string") {
      throw this.mismatch(value, 'Return a Date, a text as "2024-02-29T12:34:56Z", or bigint microseconds since 1970.');
    }
    if (value === "infinity" || value === "-infinity") return value === "infinity" ? mostMicros : -mostMicros;
    return this.#fromText(value);
  }

  #fromDate(value: Date): bigint {
    const millis = value.getTime();
    if (Number.isNaN(millis)) throw this.mismatch(value, "Check what it was made from.");
    return this.#fromMicros(BigInt(millis) * 1000n, value);
  }

  #fromText(value: string): bigint {
    const instant = parseInstant(value);
    if (instant === undefined) throw this.mismatch(value, 'Write it as "2024-02-29T12:34:56.789Z".');
    if (this.#zoned && !instant.zoned) throw this.mismatch(value, "Say which time zone: end it with Z or +02:00.");
    const nanos = BigInt(instant.seconds) * 1_000_000_000n + BigInt(instant.nanos);
    if (nanos % 1000n !== 0n) return this.#toUnits(nanos, value);
    return this.#fromMicros(nanos / 1000n, value);
  }

  #fromMicros(micros: bigint, value: unknown): bigint {
    if (micros < leastMicros && micros !== -mostMicros)
      throw this.mismatch(value, "It is outside of the type's range.");
    if (micros > mostMicros) throw this.mismatch(value, "It is outside of the type's range.");
    return this.#nanos === 1000n ? micros : this.#toUnits(micros * 1000n, value);
  }

  #toUnits(nanos: bigint, value: unknown): bigint {
    if (nanos % this.#nanos !== 0n) throw this.mismatch(value, "The type would lose part of the second; cut it first.");
    const units = nanos / this.#nanos;
    if (units > mostMicros || units < -mostMicros) throw this.mismatch(value, "It is outside of the type's range.");
    return units;
  }
}
