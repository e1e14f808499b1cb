import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeKeySegment, TerminalError } from "@millrace/foundation";
import type { AdapterContext, EffectContext, SinkRequest, WrittenFile } from "@millrace/protocols";
import type { ResolvedFilesOptions } from "./config.ts";
import { atFaultPoint, errnoOf } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";
import { makeFolders, nearestExistingFolder, partsBelow } from "./folders.ts";

/** What a sink of files is made of. */
export interface SinkSetting extends ResolvedFilesOptions, AdapterContext {
  /** Absolute path of the target, as the author means it. */
  readonly path: string;
  readonly request: SinkRequest;
}

/** A place on the file system of a target where an attempt writes before anybody can see it. */
export interface Staging {
  /** The folder of this attempt: empty, and nobody else's. */
  readonly folder: string;
  /** Removes the folder, and the one around it where nothing else is in it. */
  remove(): Promise<void>;
}

/**
 * A rename is atomic on one file system only: stages in the run's scratch folder where that is on the target's, else in
 * a hidden folder beside the target.
 *
 * @param target - Path of the target without links; need not exist.
 */
export async function createStaging(setting: SinkSetting, target: string, context: EffectContext): Promise<Staging> {
  const { fileSystem: fs, request, ids } = setting;
  const name = `${encodeKeySegment(context.step)}-${context.attempt}-${ids.uuid()}`;
  const parent = await nearestExistingFolder(fs, dirname(target));
  const scratch = await nearestExistingFolder(fs, request.stagingDirectory);
  if (scratch.stat.device === parent.stat.device) {
    const staging = await openStaging(fs, request.stagingDirectory, name);
    if (await canRename(fs, staging.folder, parent.path)) return staging;
    await staging.remove();
  }
  return openStaging(fs, join(parent.path, `.millrace-staging-${encodeKeySegment(context.runId)}`), name);
}

async function openStaging(fs: FileSystem, base: string, name: string): Promise<Staging> {
  const folder = join(base, name);
  await makeFolders(fs, folder);
  return {
    folder,
    async remove() {
      await fs.removeTree(folder);
      await fs.removeEmptyFolder(base);
    },
  };
}

/**
 * Whether a rename from one folder to another is possible: two mounts of one device refuse it, and their numbers are
 * equal. Asked with a name that does not exist, so nothing is touched: the mounts are compared before the name is looked up.
 */
async function canRename(fs: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    await fs.rename(join(from, "nothing"), join(to, ".millrace-nothing"));
    return true;
  } catch (error) {
    if (errnoOf(error) === "EXDEV") return false;
    if (errnoOf(error) === "ENOENT") return true;
    throw error;
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
  { fileSystem: fs, faultPoints }: SinkSetting,
  folder: string,
  files: readonly WrittenFile[],
): Promise<readonly StagedFile[]> {
  const staged: StagedFile[] = [];
  for (const file of files) {
    const path = file.uri.startsWith("file:") ? fileURLToPath(file.uri) : file.uri;
    if (partsBelow(folder, path)[0] === "..") throw mismatch(path, `it is not in the staging folder ${folder}`);
    await atFaultPoint(faultPoints, "output.fsync", path);
    const { sizeBytes, kind } = await fs.stat(path);
    if (kind !== "file" || sizeBytes !== file.sizeBytes)
      throw mismatch(path, `it has ${sizeBytes} bytes where ${file.sizeBytes} were written`);
    await fs.syncFile(path);
    staged.push({ path, sizeBytes, ...(file.rows === undefined ? {} : { rows: file.rows }) });
  }
  return staged;
}

function mismatch(path: string, what: string): TerminalError {
  return new TerminalError({
    code: "STORE_IO",
    fault: "internal",
    message: `Staged file ${path} cannot be committed: ${what}.`,
    context: { path },
  });
}

/** Removes what nobody reads. What cannot be removed is told: it must neither undo a commit nor hide why one failed. */
export async function tidyUp({ logger, path }: SinkSetting, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    logger.warn("staged or replaced files could not be removed", { target: path, error });
  }
}
