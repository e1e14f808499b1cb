import type { Clock, IdSource } from "@millrace/protocols";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  computeDelayMs,
  createCircuitBreaker,
  defaultRetryPolicy,
  parseRetryAfter,
  resolveRetryPolicy,
  RetryableError,
  TerminalError,
  withRetry,
} from "../src/index.ts";

const busy = (retryAfterMs?: number): RetryableError =>
  new RetryableError({
    code: "STORE_IO",
    fault: "upstream",
    message: "busy",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
const broken = new TerminalError({ code: "STORE_IO", fault: "upstream", message: "broken" });

function world(random = 1): { clock: Clock; ids: IdSource; slept: number[]; elapse: (ms: number) => void } {
  const slept: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => new Date(now),
    monotonicMs: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
  };
  return { clock, ids: { uuid: () => "id", random: () => random }, slept, elapse: (ms) => void (now += ms) };
}

describe("withRetry", () => {
  test("three attempts in all, with pauses of 1 s and 2 s where randomness is 1", async () => {
    // facts/reliability.md R1.
    const { clock, ids, slept } = world();
    const attempts: number[] = [];
    const operation = async (attempt: number): Promise<never> => {
      attempts.push(attempt);
      throw busy();
    };
    await expect(withRetry(operation, { clock, ids })).rejects.toMatchObject({ message: "busy" });
    expect([attempts, slept]).toEqual([
      [1, 2, 3],
      [1000, 2000],
    ]);
  });

  test("class decides: other errors are not tried again", async () => {
    const { clock, ids, slept } = world();
    for (const error of [broken, new Error("foreign")]) {
      let attempts = 0;
      const operation = async (): Promise<never> => {
        attempts += 1;
        throw error;
      };
      await expect(withRetry(operation, { clock, ids })).rejects.toBe(error);
      expect(attempts).toBe(1);
    }
    expect(slept).toEqual([]);
  });

  test("a success ends it, and each pause is told", async () => {
    const { clock, ids } = world();
    const notices: unknown[] = [];
    const result = await withRetry(
      async (attempt) => {
        if (attempt < 3) throw busy();
        return attempt;
      },
      { clock, ids, onRetry: (notice) => notices.push([notice.attempt, notice.delayMs]) },
    );
    expect([result, notices]).toEqual([
      3,
      [
        [1, 1000],
        [2, 2000],
      ],
    ]);
  });

  test("Retry-After is waited for, also beyond the cap", async () => {
    const { clock, ids, slept } = world(0);
    const operation = async (attempt: number): Promise<number> => {
      if (attempt === 1) throw busy(90_000);
      return attempt;
    };
    expect(await withRetry(operation, { clock, ids, policy: { cap_ms: 10 } })).toBe(2);
    expect(slept).toEqual([90_000]);
  });

  test("with a time limit attempts are not counted, and no pause is begun that would not end in time", async () => {
    const { clock, ids, slept, elapse } = world();
    let attempts = 0;
    const operation = async (): Promise<never> => {
      attempts += 1;
      elapse(100);
      throw busy();
    };
    await expect(withRetry(operation, { clock, ids, maxElapsedMs: 30_000 })).rejects.toMatchObject({ message: "busy" });
    // 1 + 2 + 4 + 8 s of pauses; the next would be 16 s.
    expect([attempts, slept]).toEqual([5, [1000, 2000, 4000, 8000]]);
    await expect(
      withRetry(async () => Promise.reject(busy(60_000)), { clock, ids, maxElapsedMs: 30_000 }),
    ).rejects.toMatchObject({ retryAfterMs: 60_000 });
    expect(slept).toHaveLength(4);
  });

  test("an aborted signal ends it before the next attempt", async () => {
    const { clock, ids } = world();
    const abort = new AbortController();
    let attempts = 0;
    const operation = async (): Promise<never> => {
      attempts += 1;
      abort.abort();
      throw busy();
    };
    await expect(withRetry(operation, { clock, ids, signal: abort.signal })).rejects.toMatchObject({
      code: "RUN_CANCELLED",
    });
    expect(attempts).toBe(1);
  });
});

describe("delays", () => {
  test("lie between 0 and the doubled base, never above the cap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delay = computeDelayMs(defaultRetryPolicy, attempt, random);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** (attempt - 1)));
          expect(computeDelayMs({ ...defaultRetryPolicy, jitter: "none" }, attempt, random)).toBe(
            Math.min(60_000, 1000 * 2 ** (attempt - 1)),
          );
        },
      ),
    );
  });

  test.each([
    [{ attempts: 0 }],
    [{ attempts: 1.5 }],
    [{ attempts: 101 }],
    [{ base_ms: -1 }],
    [{ base_ms: Number.NaN }],
    [{ factor: 0.5 }],
    [{ cap_ms: Infinity }],
  ])("%j is refused", (policy) => {
    expect(() => resolveRetryPolicy(policy)).toThrow("Retry policy");
  });

  test("fields that are not given have their defaults", () => {
    expect(resolveRetryPolicy({ attempts: 5 })).toEqual({
      attempts: 5,
      base_ms: 1000,
      factor: 2,
      cap_ms: 60_000,
      jitter: "full",
    });
  });

  // RFC 9110, section 10.2.3: both examples, and what is neither.
  test.each([
    ["120", 120_000],
    ["Fri, 31 Dec 1999 23:59:59 GMT", 59_000],
    ["Fri, 31 Dec 1999 23:58:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
    ["1e3", undefined],
    ["", undefined],
  ])("Retry-After %j is %s ms", (header, ms) => {
    expect(parseRetryAfter(header, new Date("1999-12-31T23:59:00Z"))).toBe(ms);
  });
});

describe("circuit breaker", () => {
  test("opens after failures in a row, refuses, tries once after its time, closes on success", async () => {
    const { clock, elapse } = world();
    const states: string[] = [];
    const breaker = createCircuitBreaker({
      name: "api",
      clock,
      failures: 2,
      coolDownMs: 1000,
      onChange: (state) => states.push(state),
    });
    let calls = 0;
    const fail = async (): Promise<never> => {
      calls += 1;
      throw busy();
    };
    for (let turn = 0; turn < 2; turn++) await expect(breaker.run(fail)).rejects.toThrow("busy");
    elapse(400);
    await expect(breaker.run(fail)).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      failureClass: "retryable",
      retryAfterMs: 600,
    });
    expect(calls).toBe(2);
    elapse(600);
    await expect(breaker.run(fail)).rejects.toThrow("busy");
    expect([calls, breaker.state]).toEqual([3, "open"]);
    elapse(1000);
    expect(await breaker.run(async () => "back")).toBe("back");
    expect(states).toEqual(["open", "half_open", "open", "half_open", "closed"]);
  });

  test("one call alone tries whether the upstream is back", async () => {
    const { clock, elapse } = world();
    const breaker = createCircuitBreaker({ name: "api", clock, failures: 1, coolDownMs: 10 });
    await expect(breaker.run(async () => Promise.reject(busy()))).rejects.toThrow("busy");
    elapse(10);
    const { promise, resolve } = Promise.withResolvers<string>();
    const probe = breaker.run(async () => promise);
    await expect(breaker.run(async () => "second")).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
    resolve("first");
    expect(await probe).toBe("first");
    expect(breaker.state).toBe("closed");
  });

  test("a success in between, and errors that the upstream means, do not open it", async () => {
    const { clock } = world();
    const breaker = createCircuitBreaker({ name: "api", clock, failures: 2 });
    for (let turn = 0; turn < 5; turn++) {
      await expect(breaker.run(async () => Promise.reject(busy()))).rejects.toThrow("busy");
      await breaker.run(async () => "ok");
      await expect(breaker.run(async () => Promise.reject(broken))).rejects.toBe(broken);
    }
    expect(breaker.state).toBe("closed");
  });
});
