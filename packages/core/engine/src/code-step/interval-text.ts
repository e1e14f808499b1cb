/** An INTERVAL has three parts that do not convert into each other: a month has no fixed number of days. */
interface Interval {
  readonly months: bigint;
  readonly days: bigint;
  readonly micros: bigint;
}

const microsPerSecond = 1_000_000n;
const int32Limit = 2n ** 31n;
const int64Limit = 2n ** 63n;

const isoPattern =
  /^([+-]?)P(?=[\dT+-])(?:([+-]?\d+)Y)?(?:([+-]?\d+)M)?(?:([+-]?\d+)W)?(?:([+-]?\d+)D)?(?:T(?=[\d+-])(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?)(\d+)(?:\.(\d{1,6}))?S)?)?$/;
const duckdbPattern =
  /^(?:(-?\d+) years?)?(?:(?:^| )(-?\d+) months?)?(?:(?:^| )(-?\d+) days?)?(?:(?:^| )(-?\d+) microseconds?|(?:^| )(-?)(\d+):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?)?$/;

/** ISO 8601 duration (`P1Y2M3DT4H5M6.5S`) of an interval in DuckDB's or in ISO's text; undefined where it is neither. */
export function toIsoInterval(text: string): string | undefined {
  const interval = parseInterval(text);
  return interval === undefined ? undefined : formatIso(interval);
}

/**
 * A text that DuckDB's cast reads, `14 months 3 days 5 microseconds`; undefined where the input is no interval. The cast
 * refuses ISO durations, and clock times above a billion hours, which it writes itself.
 */
export function toDuckdbInterval(text: string): string | undefined {
  const interval = parseInterval(text);
  if (interval === undefined) return undefined;
  return `${interval.months} months ${interval.days} days ${interval.micros} microseconds`;
}

function parseInterval(text: string): Interval | undefined {
  const interval = parseIso(text) ?? parseDuckdb(text);
  if (interval === undefined) return undefined;
  const { months, days, micros } = interval;
  // DuckDB's cast refuses the least number of microseconds.
  const isTimeWithin = isWithin(micros, int64Limit) && micros !== -int64Limit;
  return isWithin(months, int32Limit) && isWithin(days, int32Limit) && isTimeWithin ? interval : undefined;
}

function isWithin(value: bigint, limit: bigint): boolean {
  return value >= -limit && value < limit;
}

function parseIso(text: string): Interval | undefined {
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const part = (index: number): bigint => BigInt((match[index] ?? "0").replace("+", ""));
  const sign = match[1] === "-" ? -1n : 1n;
  const fraction = BigInt((match[10] ?? "").padEnd(6, "0"));
  const seconds = (part(9) * microsPerSecond + fraction) * (match[8] === "-" ? -1n : 1n);
  return {
    months: sign * (part(2) * 12n + part(3)),
    days: sign * (part(4) * 7n + part(5)),
    micros: sign * ((part(6) * 60n + part(7)) * 60n * microsPerSecond + seconds),
  };
}

function parseDuckdb(text: string): Interval | undefined {
  const match = text === "" ? null : duckdbPattern.exec(text);
  if (match === null) return undefined;
  const part = (index: number): bigint => BigInt(match[index] ?? "0");
  const fraction = BigInt((match[9] ?? "").padEnd(6, "0"));
  const clock = ((part(6) * 60n + part(7)) * 60n + part(8)) * microsPerSecond + fraction;
  return { months: part(1) * 12n + part(2), days: part(3), micros: part(4) + (match[5] === "-" ? -clock : clock) };
}

function formatIso({ months, days, micros }: Interval): string {
  const sign = micros < 0n ? "-" : "";
  const { hours, minutes, seconds, fraction } = clockOf(micros);
  const date = `${unit(months / 12n, "Y")}${unit(months % 12n, "M")}${unit(days, "D")}`;
  const whole = seconds === 0n && fraction === "" ? "" : `${sign}${seconds}${fraction}S`;
  const time = `${unit(hours, `H`, sign)}${unit(minutes, "M", sign)}${whole}`;
  if (date === "" && time === "") return "PT0S";
  return time === "" ? `P${date}` : `P${date}T${time}`;
}

function unit(value: bigint, name: string, sign = ""): string {
  return value === 0n ? "" : `${sign}${value}${name}`;
}

function clockOf(micros: bigint): { hours: bigint; minutes: bigint; seconds: bigint; fraction: string } {
  const positive = micros < 0n ? -micros : micros;
  const whole = positive / microsPerSecond;
  const digits = (positive % microsPerSecond).toString().padStart(6, "0").replace(/0+$/, "");
  return {
    hours: whole / 3600n,
    minutes: (whole / 60n) % 60n,
    seconds: whole % 60n,
    fraction: digits === "" ? "" : `.${digits}`,
  };
}
