import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { systemClock } from "@millrace/foundation";
import type { Clock } from "@millrace/protocols";

/** Editors write a file in several steps; what comes within this time is one change. */
const settleMs = 60;

/** How files are watched. */
export interface WatchOptions {
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock;
}

/**
 * Yields once for each change of some files, after it has settled, until the signal aborts.
 *
 * Folders are watched, not files: an editor that replaces a file would end a watch on the file itself.
 */
export async function* watchFiles(
  files: readonly string[],
  { signal, clock = systemClock }: WatchOptions,
): AsyncGenerator<readonly string[]> {
  let changed = new Set<string>();
  let wake: () => void = () => undefined;
  const folders = Map.groupBy(files, (file) => dirname(file));
  const watchers = [...folders].map(([folder, inside]) => {
    const names = new Map(inside.map((file) => [basename(file), file]));
    return watch(folder, { signal }, (_event, name) => {
      const file = name === null ? undefined : names.get(name);
      if (file === undefined) return;
      changed.add(file);
      wake();
    });
  });
  const onAbort = (): void => wake();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted) {
      if (changed.size === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        continue;
      }
      await clock.sleep(settleMs);
      const settled = [...changed].toSorted();
      changed = new Set();
      if (!signal.aborted) yield settled;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    for (const watcher of watchers) watcher.close();
  }
}
