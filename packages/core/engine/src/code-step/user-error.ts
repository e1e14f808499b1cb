import { isAbort, isMillraceError, MillraceError } from "@millrace/foundation";
import { errorCodes } from "@millrace/protocols";
import { describeValue } from "./cell-mismatch.ts";
import { findUserFrame } from "./user-frame.ts";

/** Where user code ran. */
export interface UserCodePlace {
  readonly step: string;
  /** Tells a cancelled run from an abort of the author's own. */
  readonly signal?: AbortSignal;
  /** More facts for the context of the error. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/**
 * What is thrown on for an error of user code: `STEP_CODE_FAILED` with the author's frame and the original as cause.
 *
 * Errors of Millrace and the cancellation of the run stay as they are. Another attempt is made only where the error asks
 * for it: a retryable `MillraceError` with a code of the author's, or any error with `retryable: true`.
 */
export function wrapUserError(error: unknown, place: UserCodePlace): unknown {
  if (isMillraceError(error) && Object.hasOwn(errorCodes, error.code)) return error;
  if (isCancellation(error, place.signal)) return error;
  const frame = error instanceof Error && typeof error.stack === "string" ? findUserFrame(error.stack) : undefined;
  const retryAfterMs = retryAfterOf(error);
  return new MillraceError({
    code: "STEP_CODE_FAILED",
    fault: "caller",
    failureClass: failureClassOf(error),
    message: messageOf(error),
    context: { step: place.step, ...place.facts, ...(frame === undefined ? {} : { frame }) },
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function isCancellation(error: unknown, signal: AbortSignal | undefined): boolean {
  if (signal === undefined) return isAbort(error);
  return signal.aborted && (isAbort(error) || error === signal.reason);
}

function failureClassOf(error: unknown): MillraceError["failureClass"] {
  if (isMillraceError(error)) return error.failureClass;
  return (error as { readonly retryable?: unknown } | null | undefined)?.retryable === true ? "retryable" : "terminal";
}

function retryAfterOf(error: unknown): number | undefined {
  const value = (error as { readonly retryAfterMs?: unknown } | null | undefined)?.retryAfterMs;
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : undefined;
}

function messageOf(error: unknown): string {
  if (isMillraceError(error)) return error.message;
  if (!(error instanceof Error)) return `Thrown: ${describeValue(error)}.`;
  return error.message === "" ? error.name : `${error.name}: ${error.message}`;
}
