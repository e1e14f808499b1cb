import { basename, dirname, join } from "node:path";
import { encodeKeySegment, RetryableError } from "@millrace/foundation";
import { errnoOf } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";
import { tidyUp } from "./staging.ts";
import type { SinkSetting } from "./staging.ts";

/** Pause between two tries. What is done under a lock takes milliseconds. */
const pauseMs = 10;

/** A lock that stays the same for so long belongs to a process that died. */
const staleMs = 10_000;

/** Others may come first for this long. */
const patienceMs = 60_000;

/**
 * Runs while no other process of Millrace works on a file: a hidden folder beside it, which only one of them can make.
 *
 * A process that dies leaves it; who waits for it removes it after 10 seconds without a change.
 *
 * @throws MillraceError `TARGET_CHANGED` after a minute of waiting for others
 */
export async function withFileLock<T>(setting: SinkSetting, path: string, run: () => Promise<T>): Promise<T> {
  const { fileSystem: fs, clock } = setting;
  const lock = join(dirname(path), `.millrace-lock-${encodeKeySegment(basename(path))}`);
  const startedMs = clock.monotonicMs();
  let seen: { readonly holder: string; readonly sinceMs: number } | undefined;
  while (!(await tryLock(fs, lock))) {
    const holder = await holderOf(fs, lock);
    const nowMs = clock.monotonicMs();
    if (holder !== seen?.holder) seen = { holder, sinceMs: nowMs };
    else if (nowMs - seen.sinceMs >= staleMs) await fs.removeEmptyFolder(lock);
    if (nowMs - startedMs > patienceMs) throw neverFree(path);
    await clock.sleep(pauseMs);
  }
  try {
    return await run();
  } finally {
    await tidyUp(setting, async () => void (await fs.removeEmptyFolder(lock)));
  }
}

async function tryLock(fs: FileSystem, lock: string): Promise<boolean> {
  try {
    await fs.makeFolder(lock);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Tells one lock of a name from the next one. */
async function holderOf(fs: FileSystem, lock: string): Promise<string> {
  try {
    const { inode, ctimeNs } = await fs.stat(lock);
    return `${inode}-${ctimeNs}`;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "";
    throw error;
  }
}

function neverFree(path: string): RetryableError {
  return new RetryableError({
    code: "TARGET_CHANGED",
    fault: "upstream",
    message: `Others wrote to ${path} for a minute without a pause. Let one pipeline at a time write to it.`,
    context: { path },
  });
}
