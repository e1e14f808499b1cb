import { cancelledError } from "@millrace/foundation";
import type { Clock } from "@millrace/protocols";

/** A clock that a test moves. */
export interface ManualClock extends Clock {
  /** Moves time on. Sleeps that end on the way resolve in their order, each with the time at its end. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock, as an administrator would; monotonic time and sleeps go on. */
  setWallClock(now: Date): void;
  /** Sleeps that are under way. */
  readonly sleeping: number;
}

interface Sleep {
  readonly endMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is advanced. @defaultValue starts at 2024-01-01T00:00:00Z */
export function createManualClock(start: Date = new Date("2024-01-01T00:00:00Z")): ManualClock {
  let monotonic = 0;
  let offset = start.getTime();
  let sleeps: readonly Sleep[] = [];
  const settle = async (): Promise<void> => {
    // What woke up may sleep again: let it come that far. A macrotask runs after all of its microtasks.
    const { promise, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    await promise;
  };
  return {
    now: () => new Date(offset + monotonic),
    monotonicMs: () => monotonic,
    async sleep(ms, signal) {
      if (signal?.aborted === true) throw cancelledError(signal.reason);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleep: Sleep = { endMs: monotonic + Math.max(0, ms), wake: resolve };
      sleeps = [...sleeps, sleep];
      const onAbort = (): void => {
        sleeps = sleeps.filter((other) => other !== sleep);
        reject(cancelledError(signal?.reason));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      await promise;
      signal?.removeEventListener("abort", onAbort);
    },
    async advance(ms) {
      const end = monotonic + ms;
      await settle();
      for (;;) {
        const next = sleeps.toSorted((a, b) => a.endMs - b.endMs).find((sleep) => sleep.endMs <= end);
        if (next === undefined) break;
        sleeps = sleeps.filter((sleep) => sleep !== next);
        monotonic = Math.max(monotonic, next.endMs);
        next.wake();
        await settle();
      }
      monotonic = end;
    },
    setWallClock(now) {
      offset = now.getTime() - monotonic;
    },
    get sleeping() {
      return sleeps.length;
    },
  };
}
