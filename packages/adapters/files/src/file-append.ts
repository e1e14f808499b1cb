import { join } from "node:path";
import { RetryableError, TerminalError } from "@millrace/foundation";
import { csvDialectOf, readCsvHeader } from "./csv-header.ts";
import { atFaultPoint, errnoOf } from "./errors.ts";
import { isUnchanged } from "./file-stat.ts";
import type { FileStat } from "./file-stat.ts";
import { withFileLock } from "./file-lock.ts";
import type { FileSystem } from "./file-system.ts";
import type { SinkSetting } from "./staging.ts";
import { statOrUndefined } from "./target-path.ts";

/** Writers that append to one file at the same time; each round one of them is done. */
const maxRounds = 20;

/** Longest header that is looked for: a line without an end is no header, and would be read as a whole. */
const maxHeaderBytes = 16 << 20;

const newline = 0x0a;

/** Rows that an attempt staged for the end of a file. */
export interface FileAppend {
  /** Path of the target without links. */
  readonly target: string;
  /** File with the new rows alone, as the compute wrote it. */
  readonly staged: string;
  /** Folder of the attempt. */
  readonly folder: string;
}

/**
 * Replaces a file by its own bytes, unchanged, with new rows after them. Gives its size, and how much of it is new.
 *
 * The header of a CSV is written once: the new part's is compared with the one that is there and left out. A file that
 * changes in the meantime is read again.
 *
 * @throws MillraceError `TARGET_INVALID` for other columns, `TARGET_CHANGED` where others never let it be
 */
export async function appendToFile(
  setting: SinkSetting,
  append: FileAppend,
): Promise<{ readonly sizeBytes: number; readonly bytesWritten: number }> {
  const { fileSystem: fs, faultPoints } = setting;
  const { target, staged, folder } = append;
  for (let round = 0; round < maxRounds; round++) {
    const before = await statOrUndefined(fs, target);
    const start = before === undefined || before.sizeBytes === 0 ? 0 : await startOfRows(setting, append, before);
    const { sizeBytes } = await fs.stat(staged);
    // No rows: what is there stays as it is, to the byte.
    if (before !== undefined && start >= sizeBytes) return { sizeBytes: before.sizeBytes, bytesWritten: 0 };
    const separator = await separatorAfter(fs, target, before);
    const combined = join(folder, `combined-${round}`);
    await fs.writeNew(combined, concatenate(fs, { target, before, separator, staged, start }));
    if (before !== undefined) await fs.setMode(combined, before.mode);
    await atFaultPoint(faultPoints, "output.rename", target);
    const bytesWritten = separator.length + sizeBytes - start;
    if (await withFileLock(setting, target, async () => replace(fs, { combined, target, before })))
      return { sizeBytes: (before?.sizeBytes ?? 0) + bytesWritten, bytesWritten };
    await fs.unlink(combined);
  }
  throw new RetryableError({
    code: "TARGET_CHANGED",
    fault: "upstream",
    message: `${setting.path} changed each of the ${maxRounds} times that rows were about to be appended to it. Let one pipeline at a time write to it.`,
    context: { path: setting.path },
  });
}

/** False where somebody else changed the target since it was looked at. */
async function replace(
  fs: FileSystem,
  {
    combined,
    target,
    before,
  }: { readonly combined: string; readonly target: string; readonly before: FileStat | undefined },
): Promise<boolean> {
  if (before === undefined) {
    try {
      await fs.link(combined, target);
      return true;
    } catch (error) {
      if (errnoOf(error) === "EEXIST") return false;
      throw error;
    }
  }
  if (!isUnchanged(before, await statOrUndefined(fs, target))) return false;
  await fs.rename(combined, target);
  return true;
}

async function* concatenate(
  fs: FileSystem,
  parts: {
    readonly target: string;
    readonly before: FileStat | undefined;
    readonly separator: Uint8Array;
    readonly staged: string;
    readonly start: number;
  },
): AsyncGenerator<Uint8Array> {
  if (parts.before !== undefined) yield* fs.read(parts.target, { end: parts.before.sizeBytes });
  yield parts.separator;
  yield* fs.read(parts.staged, { start: parts.start });
}

/** A line end where the last row has none: the first new row must not continue it. */
async function separatorAfter(fs: FileSystem, target: string, before: FileStat | undefined): Promise<Uint8Array> {
  const { sizeBytes = 0 } = before ?? {};
  const last = sizeBytes === 0 ? newline : (await readPart(fs, target, { start: sizeBytes - 1, end: sizeBytes }))[0];
  return last === newline ? new Uint8Array(0) : Uint8Array.of(newline);
}

/** Where the rows of the new part begin. */
async function startOfRows(setting: SinkSetting, append: FileAppend, before: FileStat): Promise<number> {
  const { fileSystem: fs, request, path } = setting;
  const dialect = csvDialectOf(request.options);
  if (request.format !== "csv" || !dialect.header) return 0;
  const headerOf = async (file: string, sizeBytes: number): Promise<ReturnType<typeof readCsvHeader>> => {
    const bytes = await readPart(fs, file, { start: 0, end: Math.min(sizeBytes, maxHeaderBytes) });
    return readCsvHeader(bytes, dialect, bytes.length >= sizeBytes);
  };
  const there = await headerOf(append.target, before.sizeBytes);
  const added = await headerOf(append.staged, (await fs.stat(append.staged)).sizeBytes);
  const names = there?.fields.join(dialect.delimiter);
  const newNames = added?.fields.join(dialect.delimiter);
  if (there !== undefined && added !== undefined && isSame(there.fields, added.fields)) return added.endByte;
  throw new TerminalError({
    code: "TARGET_INVALID",
    fault: "config",
    message:
      `Rows cannot be appended to ${path}: its header is ${quoteHeader(names)}, and the rows have ${quoteHeader(newNames)}. ` +
      "Select the same columns in the same order, or write another file.",
    context: { path, expected: cut(names), received: cut(newNames) },
  });
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((field, index) => field === b[index]);
}

function quoteHeader(names: string | undefined): string {
  return names === undefined ? "unreadable" : JSON.stringify(cut(names));
}

function cut(text: string | undefined): string {
  return text === undefined ? "" : text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

async function readPart(
  fs: FileSystem,
  path: string,
  range: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of fs.read(path, range)) parts.push(part);
  return Buffer.concat(parts);
}
