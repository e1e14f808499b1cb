import type { Clock, LogFields, Logger } from "@millrace/protocols";
import { correlationFields } from "./correlation.ts";
import { toErrorJson } from "./error-json.ts";
import { toJsonSafeObject } from "./json-safe.ts";
import type { Redactor } from "./redaction.ts";

/** How much a line matters, least first. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

/** Level of a log line. */
export type LogLevel = (typeof logLevels)[number];

/** One log line: JSON-safe and without secrets. Keys that a caller gives beside these are his own. */
export interface LogRecord {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly correlation_id?: string;
  readonly [key: string]: unknown;
}

/** What a logger of records needs. */
export interface RecordLoggerOptions {
  readonly write: (record: LogRecord) => void;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Lines below it are dropped before anything is computed. @defaultValue "info" */
  readonly level?: LogLevel;
}

/** A logger that gives each line as a record: correlated, redacted by value, safe to store. */
export function createRecordLogger(options: RecordLoggerOptions, fields: LogFields = {}): Logger {
  const least = logLevels.indexOf(options.level ?? "info");
  const log = (level: LogLevel, message: string, own: LogFields = {}): void => {
    if (logLevels.indexOf(level) < least) return;
    const given: Readonly<Record<string, unknown>> = { ...correlationFields(), ...fields, ...own };
    const all = Object.entries(given).map(([key, value]) => [key, value instanceof Error ? toErrorJson(value) : value]);
    const safe = options.redactor.redactValue({ message, ...toJsonSafeObject(Object.fromEntries(all)) });
    // Last, so that no field replaces what the line itself says.
    options.write({
      ...safe,
      time: options.clock.now().toISOString(),
      level,
      message: options.redactor.redact(message),
    });
  };
  return {
    debug: (message, own) => log("debug", message, own),
    info: (message, own) => log("info", message, own),
    warn: (message, own) => log("warn", message, own),
    error: (message, own) => log("error", message, own),
    child: (own) => createRecordLogger(options, { ...fields, ...own }),
  };
}
