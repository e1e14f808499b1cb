import type { Io } from "../io.ts";

/** How long a cancelled run may take to end before the process does. */
const lastResortMs = 5000;

/** Signals of a run, and what they mean. */
export interface StopWatch extends AsyncDisposable {
  /** No group starts after this; what runs is finished. */
  readonly graceful: AbortSignal;
  /** Everything stops now. */
  readonly immediate: AbortSignal;
  /** From now on a run is under way: the first Ctrl-C stops it cleanly. Before, it ends the command. */
  start(onStopping: () => void): void;
}

/** Ctrl-C once: graceful. Twice, SIGTERM or SIGHUP: at once. Once more: the process ends. */
export function watchStop(io: Io): StopWatch {
  const graceful = new AbortController();
  const immediate = new AbortController();
  let onStopping: (() => void) | undefined;
  const release = io.onSignal((signal) => {
    if (onStopping === undefined || immediate.signal.aborted) io.exit(50);
    if (signal === "SIGINT" && !graceful.signal.aborted) {
      graceful.abort("ctrl-c");
      onStopping();
      return;
    }
    immediate.abort(signal === "SIGINT" ? "ctrl-c twice" : signal);
    setTimeout(() => io.exit(50), lastResortMs).unref();
  });
  return {
    graceful: graceful.signal,
    immediate: immediate.signal,
    start: (listener) => {
      onStopping = listener;
    },
    [Symbol.asyncDispose]: async () => release(),
  };
}
