import { join, parse, sep } from "node:path";
import { isMillraceError, TerminalError } from "@millrace/foundation";
import type { PinnedFile } from "@millrace/protocols";
import { errnoOf } from "./errors.ts";
import type { FileStat } from "./file-stat.ts";
import type { FileSystem, FolderEntry } from "./file-system.ts";
import { createNameMatcher, expandBraces, hasGlob } from "./glob.ts";
import { logFolder, readCurrentFiles } from "./target-log.ts";

/** Looks at files at a time: more than Node's four threads can do gains nothing but memory. */
const statBatch = 64;

/** Versions of a folder that may be replaced while its files are looked at. */
const maxRounds = 20;

/**
 * Files behind an absolute path, which may be a glob, sorted by path. A folder that Millrace wrote is the files of its
 * current manifest, and no others; of another folder, and where nothing is, there are none.
 *
 * A path that exists is that file, whatever characters its name has. Links to files are followed; `*` and `**` leave
 * out names with a leading dot, names that end in `.tmp` and manifests, and `**` does not enter linked folders.
 *
 * @throws MillraceError `SOURCE_UNREADABLE`, `MANIFEST_INVALID`
 */
export async function listSourceFiles(fs: FileSystem, location: string): Promise<readonly PinnedFile[]> {
  try {
    return await findFiles(fs, location);
  } catch (error) {
    // A permission that is missing is the author's to mend, before anything runs; what may pass stays retryable.
    if (!isMillraceError(error) || error.code !== "STORE_IO" || error.failureClass === "retryable") throw error;
    const { message, fault, context } = error;
    throw new TerminalError({ code: "SOURCE_UNREADABLE", fault, message, context, cause: error });
  }
}

async function findFiles(fs: FileSystem, location: string): Promise<readonly PinnedFile[]> {
  const exact = await statOrUndefined(fs, location);
  if (exact?.kind === "file") return [pin(location, exact)];
  if (exact?.kind === "folder") return listFolder(fs, location);
  if (exact !== undefined) throw unreadable(location, "it is a device or a pipe, not a regular file");
  if (!hasGlob(location)) return [];
  const paths = new Map<string, FolderEntry["kind"]>();
  for (const pattern of expandBraces(location))
    for await (const { path, kind } of expand(fs, pattern)) paths.set(path, kind);
  const found = await pinAll(fs, [...paths]);
  return found.toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
}

async function listFolder(fs: FileSystem, folder: string): Promise<readonly PinnedFile[]> {
  for (let round = 1; ; round++) {
    const files = (await readCurrentFiles(fs, folder)) ?? [];
    const paths = files.map((file) => join(folder, ...file.path.split("/")));
    const pinned = await pinAll(
      fs,
      paths.map((path) => [path, "file"] as const),
    );
    if (pinned.length === paths.length) return pinned;
    // Newer versions may have come since the manifest was read, and the files of this one gone.
    if (round < maxRounds) continue;
    const known = new Set(pinned.map((file) => file.uri));
    throw unreadable(folder, `its manifest names ${paths.find((path) => !known.has(path))}, which does not exist`);
  }
}

async function pinAll(
  fs: FileSystem,
  paths: readonly (readonly [string, FolderEntry["kind"]])[],
): Promise<readonly PinnedFile[]> {
  const pinned: PinnedFile[] = [];
  for (let at = 0; at < paths.length; at += statBatch) {
    const batch = paths.slice(at, at + statBatch);
    const stats = await Promise.all(batch.map(async ([path, kind]) => pinOne(fs, path, kind)));
    pinned.push(...stats.filter((file) => file !== undefined));
  }
  return pinned;
}

async function pinOne(fs: FileSystem, path: string, kind: FolderEntry["kind"]): Promise<PinnedFile | undefined> {
  const stat = await statOrUndefined(fs, path);
  if (stat?.kind === "file") return pin(path, stat);
  if (stat !== undefined) return undefined;
  // Gone since it was listed is gone; these two would leave out rows that are there.
  if (kind === "link") throw unreadable(path, "it is a symbolic link to nothing");
  if (path.includes("\ufffd")) throw unreadable(path, "its name is not UTF-8; rename it");
  return undefined;
}

function pin(path: string, { sizeBytes, mtimeNs, inode }: FileStat): PinnedFile {
  return { uri: path, sizeBytes, mtimeNs: String(mtimeNs), inode: String(inode) };
}

/** A path that a pattern stands for. */
interface Match {
  readonly path: string;
  readonly kind: FolderEntry["kind"];
}

async function* expand(fs: FileSystem, pattern: string): AsyncGenerator<Match> {
  const { root } = parse(pattern);
  const segments = pattern
    .slice(root.length)
    .split(sep)
    .filter((segment) => segment !== "");
  // Two in a row mean what one does, and would take each folder twice as often.
  yield* walk(
    fs,
    root,
    segments.filter((segment, index) => segment !== "**" || segments[index - 1] !== "**"),
  );
}

async function* walk(fs: FileSystem, folder: string, segments: readonly string[]): AsyncGenerator<Match> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === "**") {
    // No folder in between, or any number.
    yield* walk(fs, folder, rest.length === 0 ? ["*"] : rest);
    for (const { name, kind } of await entriesOf(fs, folder))
      if (kind === "folder" && !name.startsWith(".") && name !== logFolder)
        yield* walk(fs, join(folder, name), segments);
  } else if (!hasGlob(segment)) {
    const path = join(folder, segment);
    if (rest.length === 0) yield { path, kind: "file" };
    else yield* walk(fs, path, rest);
  } else {
    const matches = createNameMatcher(segment);
    for (const { name, kind } of await entriesOf(fs, folder)) {
      if (name === logFolder || !matches(name)) continue;
      if (rest.length === 0) yield { path: join(folder, name), kind };
      else if (kind === "folder" || kind === "link") yield* walk(fs, join(folder, name), rest);
    }
  }
}

async function entriesOf(fs: FileSystem, folder: string): Promise<readonly FolderEntry[]> {
  try {
    return await fs.readFolder(folder);
  } catch (error) {
    // A pattern may name folders that do not exist, and files where it means folders.
    if (isNothing(error)) return [];
    throw error;
  }
}

async function statOrUndefined(fs: FileSystem, path: string): Promise<FileStat | undefined> {
  try {
    return await fs.statTarget(path);
  } catch (error) {
    if (isNothing(error)) return undefined;
    throw error;
  }
}

/** No such file; a glob that is looked for as a name may also be too long for one. */
function isNothing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"].includes(errnoOf(error) ?? "");
}

function unreadable(path: string, what: string): TerminalError {
  return new TerminalError({
    code: "SOURCE_UNREADABLE",
    fault: "config",
    message: `${path} cannot be read: ${what}.`,
    context: { path },
  });
}
