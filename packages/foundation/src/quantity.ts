import { TerminalError } from "./error.ts";

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
};

/** As in DuckDB's `memory_limit`: `GB` is 10^9 bytes, `GiB` 2^30. */
const byteUnits: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  bytes: 1,
  kb: 1e3,
  k: 1e3,
  mb: 1e6,
  m: 1e6,
  gb: 1e9,
  g: 1e9,
  tb: 1e12,
  t: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Milliseconds of a duration such as `"10m"`, `"1h 30m"`, `"2 days"` or `"1.5s"`. A number is milliseconds.
 *
 * @throws `DEFINITION_INVALID_VALUE` for negative, endless and unknown ones, and for text without a unit.
 */
export function parseDurationMs(value: string | number): number {
  const total = typeof value === "number" ? value : sumOfParts(value, durationUnits);
  if (total === undefined || !Number.isFinite(total) || total < 0 || total > Number.MAX_SAFE_INTEGER)
    throw invalid(value, 'a duration such as "30s", "10m", "1h 30m" or "2 days"');
  return Math.round(total);
}

/**
 * Bytes of a size such as `"2GB"` or `"512 MiB"`. A number is bytes.
 *
 * @throws `DEFINITION_INVALID_VALUE`
 */
export function parseByteSize(value: string | number): number {
  const total = typeof value === "number" ? value : sumOfParts(value, byteUnits, 1);
  if (total === undefined || !Number.isFinite(total) || total < 0 || total > Number.MAX_SAFE_INTEGER)
    throw invalid(value, 'a size such as "2GB" or "512MiB"');
  return Math.round(total);
}

function sumOfParts(text: string, units: Readonly<Record<string, number>>, maxParts = 8): number | undefined {
  if (text.length > 100) return undefined;
  const parts = [...text.trim().matchAll(/\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*/giy)];
  const matched = parts.reduce((length, part) => length + part[0].length, 0);
  if (parts.length === 0 || parts.length > maxParts || matched !== text.trim().length) return undefined;
  let total = 0;
  for (const [, amount, unit] of parts) {
    const key = (unit ?? "").toLowerCase();
    const factor = Object.hasOwn(units, key) ? units[key] : undefined;
    if (factor === undefined) return undefined;
    total += Number(amount) * factor;
  }
  return total;
}

function invalid(received: string | number, expected: string): TerminalError {
  return new TerminalError({
    code: "DEFINITION_INVALID_VALUE",
    fault: "config",
    message: `Expected ${expected}; received ${typeof received === "string" ? JSON.stringify(received.slice(0, 100)) : received}.`,
    context: { expected, received },
  });
}

/** A duration for people: `38ms`, `4.0s`, `3m 12s`, `2h 05m`, `3d 4h`. */
export function formatDuration(ms: number): string {
  const value = Math.max(0, ms);
  if (value < 99.5) return `${Math.round(value)}ms`;
  if (value < 59_950) return `${(value / 1000).toFixed(1)}s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
  const minutes = Math.round(value / 60_000);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
  const hours = Math.round(value / 3_600_000);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** A size for people, in powers of 1000: `41 KB`, `1.4 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const units = ["KB", "MB", "GB", "TB", "PB"];
  let value = bytes / 1000;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${units[index]}`;
}

/** A whole number for people: `5,819,079`. */
export function formatCount(count: number | bigint): string {
  return String(typeof count === "number" ? Math.trunc(count) : count).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}
