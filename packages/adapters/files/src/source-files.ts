import { basename, dirname, isAbsolute, join, parse, sep } from "node:path";
import { suggestNames, TerminalError } from "@millrace/foundation";
import type { PinnedFile } from "@millrace/protocols";
import { errnoOf } from "./errors.ts";
import type { FileStat, FileSystem, FolderEntry } from "./file-system.ts";
import { createNameMatcher, expandBraces, hasGlob } from "./glob.ts";
import { readTargetManifest } from "./target-log.ts";

/**
 * Files behind an absolute path, which may be a glob, sorted by path. A folder that Millrace wrote is the files of its
 * current manifest, and no others.
 *
 * A path that exists is that file, whatever characters its name has. Links to files are followed; `*` and `**` leave
 * out names with a leading dot, and `**` does not enter linked folders.
 *
 * @throws MillraceError `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`
 */
export async function listSourceFiles(fs: FileSystem, location: string): Promise<readonly PinnedFile[]> {
  const exact = await statOrUndefined(fs, location);
  if (exact !== undefined) return listExact(fs, location, exact);
  if (!hasGlob(location)) throw await notFound(fs, location);
  const found = new Map<string, PinnedFile>();
  for (const pattern of expandBraces(location)) {
    for await (const path of expand(fs, pattern)) {
      const stat = await statOrUndefined(fs, path);
      if (stat?.kind === "file") found.set(path, pin(path, stat));
    }
  }
  if (found.size === 0) throw await notFound(fs, location);
  return [...found.values()].toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
}

async function listExact(fs: FileSystem, path: string, stat: FileStat): Promise<readonly PinnedFile[]> {
  if (stat.kind === "file") return [pin(path, stat)];
  const manifest = stat.kind === "folder" ? await readTargetManifest(fs, path) : undefined;
  if (manifest === undefined) {
    throw new TerminalError({
      code: "SOURCE_UNREADABLE",
      fault: "config",
      message:
        stat.kind === "folder"
          ? `${path} is a folder. Name the files in it, such as ${join(path, "*.csv")}.`
          : `${path} is not a regular file.`,
      context: { path },
    });
  }
  const files = manifest.files.map((file) => join(path, ...file.path.split("/")));
  return Promise.all(files.map(async (file) => pin(file, await fs.statTarget(file))));
}

function pin(path: string, { sizeBytes, mtimeNs, inode }: FileStat): PinnedFile {
  return { uri: path, sizeBytes, mtimeNs: String(mtimeNs), inode: String(inode) };
}

async function* expand(fs: FileSystem, pattern: string): AsyncGenerator<string> {
  const { root } = parse(pattern);
  const segments = pattern
    .slice(root.length)
    .split(sep)
    .filter((segment) => segment !== "");
  yield* walk(fs, root, segments);
}

async function* walk(fs: FileSystem, folder: string, segments: readonly string[]): AsyncGenerator<string> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === "**") {
    // No folder in between, or any number.
    yield* walk(fs, folder, rest.length === 0 ? ["*"] : rest);
    for (const entry of await entriesOf(fs, folder))
      if (entry.kind === "folder" && !entry.name.startsWith(".")) yield* walk(fs, join(folder, entry.name), segments);
  } else if (!hasGlob(segment)) {
    if (rest.length === 0) yield join(folder, segment);
    else yield* walk(fs, join(folder, segment), rest);
  } else {
    const matches = createNameMatcher(segment);
    for (const { name, kind } of await entriesOf(fs, folder)) {
      if (!matches(name)) continue;
      if (rest.length === 0) yield join(folder, name);
      else if (kind === "folder" || kind === "link") yield* walk(fs, join(folder, name), rest);
    }
  }
}

async function entriesOf(fs: FileSystem, folder: string): Promise<readonly FolderEntry[]> {
  try {
    return await fs.readFolder(folder);
  } catch (error) {
    // A pattern may name folders that do not exist, and files where it means folders.
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return [];
    throw error;
  }
}

async function statOrUndefined(fs: FileSystem, path: string): Promise<FileStat | undefined> {
  try {
    return await fs.statTarget(path);
  } catch (error) {
    // Too long, a circle of links: a glob may look like anything, and is no name of a file.
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
}

async function notFound(fs: FileSystem, location: string): Promise<TerminalError> {
  const glob = hasGlob(location);
  const nearest = await nearestFolder(
    fs,
    glob ? dirname(location.slice(0, location.search(/[*?[{]/))) : dirname(location),
  );
  const names = (await entriesOf(fs, nearest)).map((entry) => entry.name);
  const wanted = glob ? "" : basename(location);
  const [suggestion] = nearest === dirname(location) ? suggestNames(wanted, names, 1) : [];
  const hint = suggestion === undefined ? "" : ` Did you mean ${join(nearest, suggestion)}?`;
  const missing = nearest === dirname(location) || glob ? "" : ` The folder ${dirname(location)} does not exist.`;
  return new TerminalError({
    code: "SOURCE_NOT_FOUND",
    fault: "config",
    message: `${glob ? "No file matches" : "There is no file"} ${location}.${missing}${hint}`,
    context: { location, ...(suggestion === undefined ? {} : { suggestion: join(nearest, suggestion) }) },
  });
}

async function nearestFolder(fs: FileSystem, path: string): Promise<string> {
  if (!isAbsolute(path) || path === dirname(path)) return path;
  return (await statOrUndefined(fs, path))?.kind === "folder" ? path : nearestFolder(fs, dirname(path));
}
