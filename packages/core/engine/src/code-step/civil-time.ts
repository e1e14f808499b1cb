/** What DuckDB stores for DATE `infinity`; its negative stands for `-infinity`. */
export const infiniteDays = 2_147_483_647;
export const microsPerDay = 86_400_000_000;

/** Days since 1970-01-01 of a proleptic Gregorian date. **Source** Howard Hinnant, chrono-compatible date algorithms. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** `2024-02-29`; years outside 0 to 9999 as in ISO 8601 with a sign and at least six digits; `infinity`. */
export function formatDate(days: number): string {
  if (Math.abs(days) === infiniteDays) return days > 0 ? "infinity" : "-infinity";
  const { year, month, day } = civilFromDays(days);
  const digits =
    year >= 0 && year <= 9999
      ? String(year).padStart(4, "0")
      : `${year < 0 ? "-" : "+"}${String(Math.abs(year)).padStart(6, "0")}`;
  return `${digits}-${two(month)}-${two(day)}`;
}

/** Days since 1970-01-01, or undefined where the text is no date of the calendar. */
export function parseDate(text: string): number | undefined {
  const match = /^(\d{4}|[+-]\d{6,7})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) {
    return text === "infinity" ? infiniteDays : text === "-infinity" ? -infiniteDays : undefined;
  }
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1) return undefined;
  const days = daysFromCivil(year, month, day);
  const last = month === 12 ? 31 : daysFromCivil(year, month + 1, 1) - daysFromCivil(year, month, 1);
  return day <= last && Math.abs(days) < infiniteDays ? days : undefined;
}

/** `12:34:56` or `12:34:56.5`: trailing zeros of the fraction are left out, as DuckDB does. */
export function formatTime(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = micros - seconds * 1_000_000;
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === 0 ? clock : `${clock}.${String(fraction).padStart(6, "0").replace(/0+$/, "")}`;
}

/** Microseconds since midnight, at most 24:00:00, or undefined. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const micros = (hours * 3600 + minutes * 60 + seconds) * 1_000_000 + Number((match[4] ?? "").padEnd(6, "0"));
  return minutes < 60 && seconds < 60 && micros <= microsPerDay ? micros : undefined;
}

/** A point in time as whole seconds since 1970 and the rest. */
export interface Instant {
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanos: number;
  /** The text had `Z` or an offset. */
  readonly zoned: boolean;
}

/** Reads `2024-02-29T12:34:56.5+02:00`, with a blank for `T` and the time or the zone left out; undefined where it is none. */
export function parseInstant(text: string): Instant | undefined {
  const match = /^([+-]?\d{4,7}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(
    text,
  );
  const days = match === null ? undefined : parseDate(match[1] as string);
  if (match === null || days === undefined) return undefined;
  const time = parseTime(match[2] ?? "00:00");
  const offset = parseOffset(match[4]);
  if (time === undefined || offset === undefined) return undefined;
  return {
    seconds: days * 86_400 + time / 1_000_000 - offset,
    nanos: Number((match[3] ?? "").padEnd(9, "0")),
    zoned: match[4] !== undefined,
  };
}

/** Seconds east of UTC of `Z`, `+02` or `+0530`; 0 where there is none. */
export function parseOffset(text: string | undefined): number | undefined {
  if (text === undefined || text === "Z") return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(":", ""));
  if (hours > 15 || minutes > 59) return undefined;
  return (hours * 3600 + minutes * 60) * (text.startsWith("-") ? -1 : 1);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
