import { open, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { suggestName, TerminalError } from "@millrace/foundation";
import type { PinnedFile } from "@millrace/protocols";

/** A file of a source: its path as the file system has it, and how DuckDB must be told so that nothing is expanded. */
export interface SourceFile {
  readonly path: string;
  readonly pin: PinnedFile;
}

/** The way to files: what patterns match, and what may be touched at all. */
export interface FileAccess {
  /** Files that match a pattern, by DuckDB's own `glob`. */
  glob(pattern: string): Promise<readonly string[]>;
  /** Throws `SANDBOX_VIOLATION` where a file is out of bounds: headers are read here, not by DuckDB. */
  guard(path: string): Promise<void>;
}

/** Open files at a time; more gain nothing on one disk. */
const filesAtOnce = 16;

/** Characters that DuckDB expands. `{a,b}` it takes as it is. */
const globCharacters = /[*?[]/;

/** A `file:` URI or a path as a path. */
export function toLocalPath(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}

/** A path as a pattern that matches that file alone. */
export function toPattern(path: string): string {
  return path.replaceAll(/[*?[]/g, "[$&]");
}

/**
 * The files of a source with what pins them, in the order given; a glob's own files sorted by path. A file that is
 * really named like a pattern is that file.
 *
 * @throws MillraceError `SOURCE_NOT_FOUND`, with the closest name in its folder; `SOURCE_UNREADABLE`
 */
export async function listSourceFiles(uris: readonly string[], access: FileAccess): Promise<readonly SourceFile[]> {
  const lists = await mapFiles(uris, async (uri) => {
    const path = toLocalPath(uri);
    await access.guard(path);
    const file = await pinFile(path, uri);
    if (file !== undefined) return [file];
    const found = globCharacters.test(path) ? await access.glob(path) : [];
    if (found.length === 0) throw await notFound(path, access);
    const files = await mapFiles(found.toSorted(), (one) => pinFile(one, one));
    return files.filter((one) => one !== undefined);
  });
  return lists.flat();
}

async function pinFile(path: string, uri: string): Promise<SourceFile | undefined> {
  try {
    const facts = await stat(path, { bigint: true });
    if (!facts.isFile())
      throw unreadable(
        path,
        facts.isDirectory() ? "is a folder; name its files, such as `folder/*.csv`" : "is not a file",
      );
    return {
      path,
      pin: { uri, sizeBytes: Number(facts.size), mtimeNs: String(facts.mtimeNs), inode: String(facts.ino) },
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === undefined) throw error;
    throw unreadable(path, `cannot be read (${code})`, error);
  }
}

/** Reads a part of a file. Fewer bytes where the file is shorter. */
export async function readPart(path: string, start: number, length: number): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const buffer = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** `Promise.all` over files without opening thousands at once. */
export async function mapFiles<T, R>(
  items: readonly T[],
  action: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = Array.from({ length: items.length });
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++)
      results[index] = await action(items[index] as T, index);
  };
  await Promise.all(Array.from({ length: Math.min(filesAtOnce, items.length) }, worker));
  return results;
}

async function notFound(path: string, access: FileAccess): Promise<TerminalError> {
  const nearby = globCharacters.test(path) ? [] : await access.glob(`${toPattern(dirname(path))}/*`);
  const suggestion = suggestName(
    basename(path),
    nearby.map((file) => basename(file)),
  );
  return new TerminalError({
    code: "SOURCE_NOT_FOUND",
    fault: "config",
    message: `No file at "${path}".${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
    context: { file: path, ...(suggestion === undefined ? {} : { suggestion }) },
  });
}

function unreadable(path: string, why: string, cause?: unknown): TerminalError {
  return new TerminalError({
    code: "SOURCE_UNREADABLE",
    fault: "config",
    message: `"${path}" ${why}.`,
    context: { file: path },
    cause,
  });
}
