import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { TerminalError } from "@millrace/foundation";
import { errnoOf } from "./errors.ts";
import { nearestExistingFolder } from "./folders.ts";
import type { FileStat } from "./file-stat.ts";
import type { FileSystem } from "./file-system.ts";

/**
 * Where a target really is: its path without symbolic links.
 *
 * A target that is a link, or that is written as a path of the project, must be inside the project: links may not carry
 * output out of it.
 *
 * @throws MillraceError `TARGET_INVALID`
 */
export async function resolveTarget(fs: FileSystem, path: string, projectRoot: string): Promise<string> {
  const isLink = (await statOrUndefined(fs, path))?.kind === "link";
  const real = isLink ? await realLink(fs, path) : join(await realFolder(fs, dirname(path)), basename(path));
  if (!isLink && !isInside(projectRoot, path)) return real;
  if (isInside(await realFolder(fs, projectRoot), real)) return real;
  throw new TerminalError({
    code: "TARGET_INVALID",
    fault: "config",
    message: `Target ${path} leads out of the project by a symbolic link, to ${real}. Write that path itself if it is meant.`,
    context: { path, real },
  });
}

/** What is at a path; undefined where nothing is. @throws MillraceError `TARGET_INVALID` where a part of it is a file. */
export async function statOrUndefined(fs: FileSystem, path: string): Promise<FileStat | undefined> {
  try {
    return await fs.stat(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    if (errnoOf(error) !== "ENOTDIR") throw error;
    throw new TerminalError({
      code: "TARGET_INVALID",
      fault: "config",
      message: `Target ${path} cannot be written: a part of its path is a file.`,
      context: { path },
      cause: error,
    });
  }
}

async function realLink(fs: FileSystem, path: string): Promise<string> {
  try {
    return await fs.realPath(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOENT" && errno !== "ELOOP" && errno !== "ENOTDIR") throw error;
    throw new TerminalError({
      code: "TARGET_INVALID",
      fault: "config",
      message: `Target ${path} is a symbolic link to nothing. Remove it, or write the path that is meant.`,
      context: { path },
      cause: error,
    });
  }
}

/** A folder without links, also one of which only the beginning exists. */
async function realFolder(fs: FileSystem, path: string): Promise<string> {
  const existing = await nearestExistingFolder(fs, path);
  return join(await fs.realPath(existing.path), relative(existing.path, path));
}

function isInside(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below !== ".." && !/^\.\.[/\\]/.test(below) && !isAbsolute(below);
}
