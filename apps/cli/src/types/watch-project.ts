// Changes of a project's files, by looking: watches of the operating system lose files that editors replace.
import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Io } from "../io.ts";

/** Quick enough for people, and a walk over a thousand files takes a hundredth of it. */
const lookEveryMs = 300;
const maxDepth = 6;
const watched = /\.([mc]?[jt]s|sql|json|ya?ml|toml|csv|env)$|^\.env$/;
const left = /^(node_modules|dist|\..+)$|^millrace-env\.d\.ts$|^millrace\.lock\.json$/;

/** How a project is watched. */
export interface WatchOptions {
  readonly io: Io;
  /** Folders that do not count, absolute. */
  readonly ignored: readonly string[];
  readonly onChange: (file: string) => Promise<void>;
}

/**
 * Remembers the files of a project as they are now. The function that it returns calls `onChange` after each change since
 * then of a pipeline, module, SQL text or configuration, until Ctrl-C. What is generated, installed or state does not count.
 */
export function watchProject(folder: string, { io, ignored, onChange }: WatchOptions): () => Promise<void> {
  let before = takeSnapshot(folder, ignored, maxDepth);
  return async () => {
    const stop = new AbortController();
    const release = io.onSignal(() => stop.abort());
    try {
      while (!stop.signal.aborted) {
        const now = takeSnapshot(folder, ignored, maxDepth);
        const changed = findChange(before, now);
        before = now;
        if (changed !== undefined) await onChange(relative(folder, changed));
        await sleep(lookEveryMs, undefined, { signal: stop.signal });
      }
    } catch (error) {
      // Ctrl-C while waiting is how a watch ends.
      if (!stop.signal.aborted) throw error;
    } finally {
      release();
    }
  };
}

type Snapshot = ReadonlyMap<string, string>;

function findChange(before: Snapshot, now: Snapshot): string | undefined {
  const changed = [...now].find(([file, stat]) => before.get(file) !== stat)?.[0];
  return changed ?? [...before.keys()].find((file) => !now.has(file));
}

/** Size and time of each file that counts. */
function takeSnapshot(folder: string, ignored: readonly string[], depth: number): Snapshot {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isWatched = watched.test(entry.name);
    if ((left.test(entry.name) && entry.name !== ".env") || ignored.includes(path)) continue;
    if (entry.isDirectory() && depth > 0) {
      for (const [file, stat] of takeSnapshot(path, ignored, depth - 1)) found.set(file, stat);
    }
    if (!entry.isFile() || !isWatched) continue;
    // Gone between the two looks: the next one sees it.
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) found.set(path, `${stat.size}:${stat.mtimeMs}`);
  }
  return found;
}
