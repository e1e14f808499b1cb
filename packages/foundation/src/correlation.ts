import { AsyncLocalStorage } from "node:async_hooks";
import type { IdSource, LogFields, Logger } from "@millrace/protocols";
import { TerminalError } from "./error.ts";
import { createIdSource } from "./world.ts";

const ids = new AsyncLocalStorage<string>();

/** How a correlated piece of work starts. */
export interface CorrelationOptions {
  /** The id of a caller, such as one that came with a request. Without it a new one is made. */
  readonly id?: string;
  /** @defaultValue ids of this process */
  readonly idSource?: IdSource;
}

/** Runs `fn` with a correlation id that everything it awaits can read. The id around it is back afterwards. */
export function correlationContext<R>(fn: () => R, options: CorrelationOptions = {}): R {
  const id = options.id === undefined ? (options.idSource ?? createIdSource()).uuid() : checkId(options.id);
  return ids.run(id, fn);
}

/** The id of the work that is under way, or undefined outside of any. */
export function getCorrelationId(): string | undefined {
  return ids.getStore();
}

/**
 * Sets the id for the rest of this function and what it starts from here on.
 *
 * Prefer `correlationContext`, which ends: this is for entry points that have no function to wrap.
 */
export function setCorrelationId(id: string): void {
  ids.enterWith(checkId(id));
}

/** The field that a log line or event carries: empty outside of correlated work. Fits pino's `mixin`. */
export function correlationFields(): { readonly correlation_id?: string } {
  const id = ids.getStore();
  return id === undefined ? {} : { correlation_id: id };
}

/** A logger whose every line has the id of the work that logs it, also where the logger was made outside. */
export function withCorrelation(logger: Logger): Logger {
  const withId = (fields: LogFields | undefined): LogFields => ({ ...correlationFields(), ...fields });
  return {
    debug: (message, fields) => logger.debug(message, withId(fields)),
    info: (message, fields) => logger.info(message, withId(fields)),
    warn: (message, fields) => logger.warn(message, withId(fields)),
    error: (message, fields) => logger.error(message, withId(fields)),
    child: (fields) => withCorrelation(logger.child(fields)),
  };
}

/** Ids come from outside and go into logs and headers: no spaces, no control characters, no endless text. */
function checkId(id: string): string {
  if (/^[\u0021-\u007e]{1,128}$/.test(id)) return id;
  throw new TerminalError({
    code: "CONFIG_VALUE_INVALID",
    fault: "caller",
    message: `A correlation id has 1 to 128 visible ASCII characters without spaces; received ${JSON.stringify(id.slice(0, 40))}.`,
  });
}
