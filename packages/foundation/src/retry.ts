import type { Clock, IdSource, RetryPolicy } from "@millrace/protocols";
import { cancelledError, isMillraceError, TerminalError } from "./error.ts";

/** A retry policy with every field set. */
export type ResolvedRetryPolicy = Required<RetryPolicy>;

/** Defaults of `RetryPolicy`: three attempts, 1 s doubling to at most 60 s, full jitter. */
export const defaultRetryPolicy: ResolvedRetryPolicy = {
  attempts: 3,
  base_ms: 1000,
  factor: 2,
  cap_ms: 60_000,
  jitter: "full",
};

/** A complete policy. @throws MillraceError `DEFINITION_INVALID_VALUE` for a number outside its range. */
export function resolveRetryPolicy(policy: RetryPolicy = {}): ResolvedRetryPolicy {
  const given = Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
  const resolved = { ...defaultRetryPolicy, ...given };
  const { attempts, base_ms: baseMs, factor, cap_ms: capMs } = resolved;
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 100)
    throw invalid({ attempts }, "a whole number from 1 to 100");
  if (!(baseMs >= 0 && Number.isFinite(baseMs))) throw invalid({ base_ms: baseMs }, "0 or more milliseconds");
  if (!(factor >= 1 && Number.isFinite(factor))) throw invalid({ factor }, "1 or more");
  if (!(capMs >= 0 && Number.isFinite(capMs))) throw invalid({ cap_ms: capMs }, "0 or more milliseconds");
  return resolved;
}

function invalid(field: Readonly<Record<string, number>>, expected: string): TerminalError {
  const [[name, received] = ["", 0]] = Object.entries(field);
  return new TerminalError({
    code: "DEFINITION_INVALID_VALUE",
    fault: "config",
    message: `Retry policy: ${name} must be ${expected}; received ${received}.`,
    context: { ...field, expected },
  });
}

/**
 * Pause after an attempt, milliseconds.
 *
 * **Source** "full jitter" of the AWS architecture blog, "Exponential backoff and jitter", 2015.
 *
 * @param attempt - The attempt that failed, from 1.
 * @param random - Uniform in [0, 1).
 */
export function computeDelayMs(policy: ResolvedRetryPolicy, attempt: number, random: number): number {
  const whole = Math.min(policy.cap_ms, policy.base_ms * policy.factor ** (attempt - 1));
  return policy.jitter === "full" ? whole * random : whole;
}

/** One pause, before it begins. */
export interface RetryNotice {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: unknown;
}

/** How an operation is retried. */
export interface RetryOptions {
  readonly policy?: RetryPolicy;
  /**
   * Gives up where the next attempt would begin later than this after the first began. With it and without
   * `policy.attempts`, attempts are not counted: what adapters use for one idempotent request.
   */
  readonly maxElapsedMs?: number;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly signal?: AbortSignal;
  readonly onRetry?: (notice: RetryNotice) => void;
}

/**
 * Runs an operation until it succeeds. Only errors of class `retryable` are tried again; count and time bound it.
 *
 * An upstream's `Retry-After` is a lower bound of the pause, also beyond `cap_ms`.
 */
export async function withRetry<R>(operation: (attempt: number) => Promise<R>, options: RetryOptions): Promise<R> {
  const { clock, ids, signal, maxElapsedMs = Infinity } = options;
  const policy = resolveRetryPolicy(options.policy);
  const counted = options.maxElapsedMs === undefined || options.policy?.attempts !== undefined;
  const started = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted === true) throw cancelledError(signal.reason);
    try {
      return await operation(attempt);
    } catch (error) {
      if (!isMillraceError(error) || error.failureClass !== "retryable") throw error;
      if (counted && attempt >= policy.attempts) throw error;
      const delayMs = Math.max(computeDelayMs(policy, attempt, ids.random()), error.retryAfterMs ?? 0);
      // No pause after which there is no time left: the caller learns the real error, and now.
      if (clock.monotonicMs() - started + delayMs > maxElapsedMs) throw error;
      options.onRetry?.({ attempt, delayMs, error });
      await clock.sleep(delayMs, signal);
    }
  }
}

/** Milliseconds of a `Retry-After` header, seconds or an HTTP date (RFC 9110, 10.2.3); undefined for anything else. */
export function parseRetryAfter(header: string, now: Date): number | undefined {
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
