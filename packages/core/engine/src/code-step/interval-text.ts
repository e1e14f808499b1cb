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
  /^(?:(-?\d+) years?)?(?:(?:^| )(-?\d+) months?)?(?:(?:^| )(-?\d+) days?)?(?:(?:^| )(-?)(\d+):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?)?$/;

/** ISO 8601 duration (`P1Y2M3DT4H5M6.5S`) of an interval in DuckDB's or in ISO's text; undefined where it is neither. */
export function toIsoInterval(text: string): string | undefined {
  const interval = parseInterval(text);
  return interval === undefined ? undefined : formatIso(interval);
}

/** DuckDB's text (`1 year 2 months 3 days 04:05:06.5`), which is what its cast reads; undefined where it is no interval. */
export function toDuckdbInterval(text: string): string | undefined {
  const interval = parseInterval(text);
  return interval === undefined ? undefined : formatDuckdb(interval);
}

function parseInterval(text: string): Interval | undefined {
  const interval = parseIso(text) ?? parseDuckdb(text);
  if (interval === undefined) return undefined;
  const { months, days, micros } = interval;
  return isWithin(months, int32Limit) && isWithin(days, int32Limit) && isWithin(micros, int64Limit)
    ? interval
    : undefined;
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
  const fraction = BigInt((match[8] ?? "").padEnd(6, "0"));
  const micros = ((part(5) * 60n + part(6)) * 60n + part(7)) * microsPerSecond + fraction;
  return { months: part(1) * 12n + part(2), days: part(3), micros: match[4] === "-" ? -micros : micros };
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

function formatDuckdb({ months, days, micros }: Interval): string {
  const { hours, minutes, seconds, fraction } = clockOf(micros);
  const two = (value: bigint): string => value.toString().padStart(2, "0");
  const date = [unit(months / 12n, " years"), unit(months % 12n, " months"), unit(days, " days")];
  const isZero = months === 0n && days === 0n;
  if (micros !== 0n || isZero) {
    date.push(`${micros < 0n ? "-" : ""}${two(hours)}:${two(minutes)}:${two(seconds)}${fraction}`);
  }
  return date.filter((part) => part !== "").join(" ");
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
