import type { Clock } from "@millrace/protocols";
import { isMillraceError, RetryableError } from "./error.ts";

/** `closed`: calls go through. `open`: they are refused. `half_open`: one call tries whether the upstream is back. */
export type CircuitState = "closed" | "open" | "half_open";

/** How a breaker decides. */
export interface CircuitBreakerOptions {
  /** What it protects, for messages: a host, a service. */
  readonly name: string;
  readonly clock: Clock;
  /** Failures in a row that open it. @defaultValue 5 */
  readonly failures?: number;
  /** How long it stays open, milliseconds. @defaultValue 30,000 */
  readonly coolDownMs?: number;
  readonly onChange?: (state: CircuitState) => void;
}

/** Keeps a failing upstream from being called again and again. */
export interface CircuitBreaker {
  readonly state: CircuitState;
  /** Runs a call, or refuses it with `UPSTREAM_UNAVAILABLE`, retryable after the time that is left. */
  run<R>(call: () => Promise<R>): Promise<R>;
}

/**
 * Counts failures of one upstream and refuses calls while it is down.
 *
 * Only errors of class `retryable` count: a request that the upstream rightly refused says nothing about its health.
 */
export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { name, clock, failures = 5, coolDownMs = 30_000 } = options;
  let state: CircuitState = "closed";
  let failed = 0;
  let openedMs = 0;
  const change = (next: CircuitState): void => {
    if (state === next) return;
    state = next;
    options.onChange?.(next);
  };
  const isProbing = (): boolean => state === "half_open";
  const refuse = (): RetryableError => {
    const left = Math.max(0, Math.ceil(openedMs + coolDownMs - clock.monotonicMs()));
    return new RetryableError({
      code: "UPSTREAM_UNAVAILABLE",
      fault: "upstream",
      message: `${name} failed ${failures} times in a row; it is not called again for ${left} ms.`,
      context: { name, failures },
      retryAfterMs: left,
    });
  };
  return {
    get state() {
      return state;
    },
    async run(call) {
      if (state === "open" && clock.monotonicMs() - openedMs >= coolDownMs) change("half_open");
      else if (state !== "closed") throw refuse();
      try {
        const result = await call();
        failed = 0;
        change("closed");
        return result;
      } catch (error) {
        if (isMillraceError(error) && error.failureClass === "retryable") {
          failed += 1;
          if (isProbing() || failed >= failures) {
            openedMs = clock.monotonicMs();
            change("open");
          }
        } else if (isProbing()) {
          // The upstream answered, if only to refuse.
          failed = 0;
          change("closed");
        }
        throw error;
      }
    },
  };
}
