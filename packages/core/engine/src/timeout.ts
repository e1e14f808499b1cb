import type { Clock } from "@millrace/protocols";

/** Calls back after a time, unless `done` aborts first. */
export function startTimer(
  clock: Clock,
  timer: { readonly timeoutMs: number | undefined; readonly done: AbortSignal },
  onTimeout: (timeoutMs: number) => void,
): void {
  const { timeoutMs, done } = timer;
  if (timeoutMs === undefined) return;
  const wait = async (): Promise<void> => {
    try {
      await clock.sleep(timeoutMs, done);
    } catch {
      // What was timed ended first.
      return;
    }
    onTimeout(timeoutMs);
  };
  void wait();
}
