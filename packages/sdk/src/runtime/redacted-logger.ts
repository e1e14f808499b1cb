import type { Redactor } from "@millrace/foundation";
import type { LogFields, Logger } from "@millrace/protocols";

/** A logger that hides the values of secrets before a line leaves the runtime, and writes each line to `others` too. */
export function createRunLogger(redactor: Redactor, ...loggers: readonly Logger[]): Logger {
  const safe = (fields: LogFields | undefined): [] | [LogFields] =>
    fields === undefined ? [] : [redactor.redactValue(fields)];
  return {
    debug: (message, fields) => loggers.forEach((logger) => logger.debug(redactor.redact(message), ...safe(fields))),
    info: (message, fields) => loggers.forEach((logger) => logger.info(redactor.redact(message), ...safe(fields))),
    warn: (message, fields) => loggers.forEach((logger) => logger.warn(redactor.redact(message), ...safe(fields))),
    error: (message, fields) => loggers.forEach((logger) => logger.error(redactor.redact(message), ...safe(fields))),
    child: (fields) =>
      createRunLogger(redactor, ...loggers.map((logger) => logger.child(redactor.redactValue(fields)))),
  };
}
