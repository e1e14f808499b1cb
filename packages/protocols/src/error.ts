import type { Issue } from "./issue.ts";
import type { JsonObject } from "./json.ts";

/** Whether another attempt can help: only `retryable` errors are tried again. */
export type FailureClass = "retryable" | "terminal" | "quarantine";

/** Who can mend it. */
export type Fault = "caller" | "config" | "data" | "upstream" | "internal";

/** JSON form of a `MillraceError`. Small, redacted, safe to store. */
export interface ErrorJson {
  readonly code: string;
  readonly failure_class: FailureClass;
  readonly fault: Fault;
  readonly message: string;
  readonly context: JsonObject;
  readonly retry_after_ms?: number;
  /** Groups the same failure over runs: from code, step and normalised message, without ids. */
  readonly fingerprint?: string;
  readonly cause?: ErrorJson;
  readonly issues?: readonly Issue[];
}

/** Exit codes of every command (seed 004; design section 7). */
export type ExitCode = 0 | 10 | 20 | 30 | 40 | 50;

/** What the documentation says of an error code. */
export interface ErrorCodeEntry {
  readonly exit: ExitCode;
  readonly summary: string;
  /** What to do next, in one or two sentences. */
  readonly fix: string;
}
