import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeKeySegment, TerminalError } from "@millrace/foundation";
import type { EffectContext, FaultPoints, SinkRequest, WrittenFile } from "@millrace/protocols";
import type { ResolvedFilesOptions } from "./config.ts";
import { errnoOf } from "./errors.ts";
import type { FileStat, FileSystem } from "./file-system.ts";

/** Enough for others who remove what is empty to pass by. */
const maxRounds = 20;

/** A place on the device of a target where an attempt writes before anybody can see it. */
export interface Staging {
  /** The folder of this attempt: empty, and nobody else's. */
  readonly folder: string;
  /** Removes the folder, and the folder around it that was made beside the target. */
  remove(): Promise<void>;
}

/** The nearest folder of a path that exists: where its device can be asked. */
export async function nearestExistingFolder(
  fs: FileSystem,
  path: string,
): Promise<{ readonly path: string; readonly stat: FileStat }> {
  try {
    const stat = await fs.statTarget(path);
    if (stat.kind === "folder") return { path, stat };
    throw new TerminalError({
      code: "TARGET_INVALID",
      fault: "config",
      message: `${path} is a file; a folder is needed there.`,
      context: { path },
    });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOENT" && errno !== "ENOTDIR") throw error;
    return nearestExistingFolder(fs, dirname(path));
  }
}

/** A rename is atomic on one device only: the run's scratch folder where it is there, else a folder beside the target. */
export async function createStaging(
  options: ResolvedFilesOptions,
  {
    target,
    stagingDirectory,
    context,
  }: { readonly target: string; readonly stagingDirectory: string; readonly context: EffectContext },
): Promise<Staging> {
  const fs = options.fileSystem;
  const parent = await nearestExistingFolder(fs, dirname(target));
  const scratch = await nearestExistingFolder(fs, stagingDirectory);
  const beside = scratch.stat.device !== parent.stat.device;
  const base = beside ? join(parent.path, `.millrace-staging-${encodeKeySegment(context.runId)}`) : stagingDirectory;
  const folder = join(base, `${encodeKeySegment(context.step)}-${context.attempt}-${options.ids.uuid()}`);
  await makeFolders(fs, folder);
  return {
    folder,
    async remove() {
      await fs.removeTree(folder);
      if (beside) await fs.removeEmptyFolder(base);
    },
  };
}

/** Makes a folder and its parents, each synced into its parent. Fine where it exists. */
export async function makeFolders(fs: FileSystem, path: string): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      return await makeMissing(fs, path);
    } catch (error) {
      // A parent was empty, and whoever made it removed it in between.
      if (errnoOf(error) !== "ENOENT" || round === maxRounds) throw error;
    }
  }
}

async function makeMissing(fs: FileSystem, path: string): Promise<void> {
  const existing = await nearestExistingFolder(fs, path);
  const missing = relative(existing.path, path)
    .split(sep)
    .filter((part) => part !== "");
  let folder = existing.path;
  for (const part of missing) {
    const parent = folder;
    folder = join(folder, part);
    try {
      await fs.makeFolder(folder);
    } catch (error) {
      // Another step made it in between.
      if (errnoOf(error) !== "EEXIST") throw error;
    }
    await fs.syncFolder(parent);
  }
}

/** A staged file, by its path, checked against what the compute says of it. */
export interface StagedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly rows?: number;
}

/** Syncs what was staged. @throws MillraceError `STORE_IO` where a file is not there or not as long as it was said to be. */
export async function syncStaged(
  { fs, faultPoints }: { readonly fs: FileSystem; readonly faultPoints: FaultPoints },
  folder: string,
  files: readonly WrittenFile[],
): Promise<readonly StagedFile[]> {
  const staged: StagedFile[] = [];
  for (const file of files) {
    const path = file.uri.startsWith("file:") ? fileURLToPath(file.uri) : file.uri;
    const inside = relative(folder, path).split(sep);
    if (inside[0] === "..") throw mismatch(path, `it is not in the staging folder ${folder}`);
    await faultPoints.pass("output.fsync");
    const { sizeBytes, kind } = await fs.stat(path);
    if (kind !== "file" || sizeBytes !== file.sizeBytes)
      throw mismatch(path, `it has ${sizeBytes} bytes where ${file.sizeBytes} were written`);
    await fs.syncFile(path);
    staged.push({ path, sizeBytes, ...(file.rows === undefined ? {} : { rows: file.rows }) });
  }
  const folders = new Set(staged.flatMap(({ path }) => foldersBetween(folder, path)));
  for (const each of folders) await fs.syncFolder(each);
  return staged;
}

function foldersBetween(folder: string, path: string): readonly string[] {
  const parts = relative(folder, dirname(path))
    .split(sep)
    .filter((part) => part !== "");
  return [folder, ...parts.map((_, index) => join(folder, ...parts.slice(0, index + 1)))];
}

function mismatch(path: string, what: string): TerminalError {
  return new TerminalError({
    code: "STORE_IO",
    fault: "internal",
    message: `Staged file ${path} cannot be committed: ${what}.`,
    context: { path },
  });
}

/** Where a sink writes, resolved. */
export interface ResolvedTarget {
  readonly path: string;
  readonly request: SinkRequest;
  readonly faultPoints: FaultPoints;
}
