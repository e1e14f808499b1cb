import type { Clock, FaultPoints, IdSource, Logger } from "@millrace/protocols";
import { v7 } from "uuid";
import { cancelledError } from "./error.ts";

/** Timers of Node run at once when they are longer than this. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    let left = Math.max(0, ms);
    do {
      const part = Math.min(left, longestTimerMs);
      await sleepOnce(part, signal);
      left -= part;
    } while (left > 0);
  },
};

async function sleepOnce(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) throw cancelledError(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => {
    clearTimeout(timer);
    reject(cancelledError(signal?.reason));
  };
  const timer = setTimeout(() => {
    signal?.removeEventListener("abort", onAbort);
    resolve();
  }, ms);
  signal?.addEventListener("abort", onAbort, { once: true });
  return promise;
}

/** Identifiers and random numbers of this process. UUIDs sort by the time they were made, also within a millisecond. */
export function createIdSource(): IdSource {
  return { uuid: () => v7(), random: () => Math.random() };
}

/** A logger that keeps nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

/** No fault anywhere. */
export const noFaults: FaultPoints = { pass: () => undefined };
