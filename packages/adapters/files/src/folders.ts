import { dirname, join, relative, sep } from "node:path";
import { TerminalError } from "@millrace/foundation";
import { errnoOf } from "./errors.ts";
import type { FileStat } from "./file-stat.ts";
import type { FileSystem } from "./file-system.ts";

/** Enough for any other writer's removals to pass by; an endless ENOENT has another reason. */
const maxRounds = 20;

/** Parts of a path below a folder; the first one is `..` where it is not below it. */
export function partsBelow(folder: string, path: string): readonly string[] {
  return relative(folder, path)
    .split(sep)
    .filter((part) => part !== "");
}

/** The nearest folder of a path that exists: where its device can be asked. */
export async function nearestExistingFolder(
  fs: FileSystem,
  path: string,
): Promise<{ readonly path: string; readonly stat: FileStat }> {
  try {
    const stat = await fs.statTarget(path);
    if (stat.kind === "folder") return { path, stat };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOENT" && errno !== "ENOTDIR") throw error;
    return nearestExistingFolder(fs, dirname(path));
  }
  throw new TerminalError({
    code: "TARGET_INVALID",
    fault: "config",
    message: `${path} is a file; a folder is needed there.`,
    context: { path },
  });
}

/** Makes a folder and its parents, each synced into its parent. Tells `made` of each, the outermost first. */
export async function makeFolders(fs: FileSystem, path: string, made: string[] = []): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      return await makeMissing(fs, path, made);
    } catch (error) {
      // A parent was empty, and whoever made it removed it in between.
      if (errnoOf(error) !== "ENOENT" || round === maxRounds) throw error;
    }
  }
}

async function makeMissing(fs: FileSystem, path: string, made: string[]): Promise<void> {
  const existing = await nearestExistingFolder(fs, path);
  let folder = existing.path;
  for (const part of partsBelow(existing.path, path)) {
    const parent = folder;
    folder = join(folder, part);
    try {
      await fs.makeFolder(folder);
      made.push(folder);
    } catch (error) {
      // Another step made it in between.
      if (errnoOf(error) !== "EEXIST") throw error;
    }
    await fs.syncFolder(parent);
  }
}

/** Removes the folders that `makeFolders` made, as far as nobody put anything into them. */
export async function removeMadeFolders(fs: FileSystem, made: readonly string[]): Promise<void> {
  for (const folder of made.toReversed()) if (!(await fs.removeEmptyFolder(folder))) return;
}
