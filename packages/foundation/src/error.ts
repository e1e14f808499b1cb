import type { ErrorCode, FailureClass, Fault, Issue, JsonObject } from "@millrace/protocols";
import { toJsonSafe, toJsonSafeObject } from "./json-safe.ts";

// Two copies of this package in one process must know each other's errors; `instanceof` does not.
const brand = Symbol.for("@millrace/error");

/** What every error of Millrace says. */
export interface MillraceErrorOptions {
  /** One of protocols' `errorCodes`, or a stable code of one's own. */
  readonly code: ErrorCode | (string & {});
  readonly fault: Fault;
  /** What failed, where, expected and received, next step. */
  readonly message: string;
  /** Small facts for programs. Made JSON-safe and cut to size. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** What an upstream asked for by `Retry-After`. */
  readonly retryAfterMs?: number;
  readonly issues?: readonly Issue[];
  /** @defaultValue "terminal" */
  readonly failureClass?: FailureClass;
}

/** The error of every Millrace package: a stable code, whether another attempt can help, and who can mend it. */
export class MillraceError extends Error {
  readonly code: string;
  readonly failureClass: FailureClass;
  readonly fault: Fault;
  readonly context: JsonObject;
  declare readonly retryAfterMs?: number;
  declare readonly issues?: readonly Issue[];

  constructor(options: MillraceErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    Object.defineProperty(this, brand, { value: true });
    this.name = new.target.name;
    this.code = options.code;
    this.failureClass = options.failureClass ?? "terminal";
    this.fault = options.fault;
    this.context = toJsonSafeObject(options.context ?? {});
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    if (options.issues !== undefined) this.issues = options.issues;
  }
}

/** Another attempt can help: a lost connection, a busy server. */
export class RetryableError extends MillraceError {
  constructor(options: Omit<MillraceErrorOptions, "failureClass">) {
    super({ ...options, failureClass: "retryable" });
  }
}

/** No further attempt helps. */
export class TerminalError extends MillraceError {
  constructor(options: Omit<MillraceErrorOptions, "failureClass">) {
    super({ ...options, failureClass: "terminal" });
  }
}

/** Rows are at fault and can be set aside. */
export class QuarantineError extends MillraceError {
  constructor(options: Omit<MillraceErrorOptions, "failureClass">) {
    super({ ...options, failureClass: "quarantine" });
  }
}

/** Whether a value is an error of Millrace, from whichever copy of this package. */
export function isMillraceError(value: unknown): value is MillraceError {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}

/**
 * The error that a cancelled operation rejects with.
 *
 * A signal aborted with an error of Millrace, such as a timeout, keeps that error: it says why.
 */
export function cancelledError(reason?: unknown): MillraceError {
  if (isMillraceError(reason)) return reason;
  return new TerminalError({
    code: "RUN_CANCELLED",
    fault: "caller",
    message: typeof reason === "string" && reason !== "" ? `Cancelled: ${reason}` : "Cancelled.",
    ...(reason instanceof Error ? { cause: reason } : {}),
  });
}

/** Whether an error means "stop, somebody asked for it": an aborted signal, or `RUN_CANCELLED`. */
export function isAbort(error: unknown): boolean {
  if (isMillraceError(error)) return error.code === "RUN_CANCELLED";
  if (!(error instanceof Error)) return false;
  return error.name === "AbortError" || (error as { readonly code?: unknown }).code === "ABORT_ERR";
}

/** What an unknown error becomes. */
export interface ErrorFallback extends Omit<MillraceErrorOptions, "message" | "cause"> {
  /** Text before the error's own message, such as `Step "daily" failed`. */
  readonly message?: string;
}

/** An unknown value that was thrown, as an error of Millrace: one of ours as it is, an abort as `RUN_CANCELLED`. */
export function toMillraceError(thrown: unknown, fallback: ErrorFallback): MillraceError {
  if (isMillraceError(thrown)) return thrown;
  if (isAbort(thrown)) return cancelledError(thrown);
  const own = thrown instanceof Error ? thrown.message || thrown.name : describeThrown(thrown);
  const message = fallback.message === undefined ? own : `${fallback.message}: ${own}`;
  return new MillraceError({ ...fallback, message, cause: thrown });
}

/** People throw anything; `String` of an object without a prototype throws. */
function describeThrown(thrown: unknown): string {
  return typeof thrown === "string" ? thrown : JSON.stringify(toJsonSafe(thrown));
}
