import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { formatBytes } from "@millrace/foundation";
import type { Finding } from "../finding.ts";
import { LineMap } from "./line-map.ts";

/** A text file of a definition, or why it cannot be read. */
export type FileText = { readonly text: string } | Unreadable;

/** Why a file cannot be read. */
interface Unreadable {
  readonly finding: Finding;
  /** There is no such file. */
  readonly absent: boolean;
}

/** Reads a text file of at most so many bytes: UTF-8 without NUL, its byte order mark taken off. */
export async function readDefinitionFile(file: string, maxBytes: number): Promise<FileText> {
  const read = await readBytes(file, maxBytes);
  return "finding" in read ? read : decode(file, read.bytes);
}

/** Why a path cannot be read as a file, or undefined where it can. */
export async function checkRegularFile(file: string): Promise<Finding | undefined> {
  const opened = await openFile(file);
  if ("finding" in opened) return opened.finding;
  await opened.handle.close();
  return undefined;
}

/** First bytes of a file. */
export async function readFirstBytes(file: string, length: number): Promise<Uint8Array> {
  await using handle = await open(file, "r");
  const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

type Opened = { readonly handle: FileHandle; readonly sizeBytes: number } | Unreadable;

/** Opens without waiting: a pipe that nobody writes to would block for ever. */
async function openFile(file: string): Promise<Opened> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (stat.isFile()) return { handle, sizeBytes: stat.size };
    await handle.close();
    return unreadable(file, stat.isDirectory() ? "EISDIR" : "ENXIO");
  } catch (error) {
    // Whatever the system says: the file cannot be read, and the author is told why.
    return unreadable(file, error);
  }
}

async function readBytes(file: string, maxBytes: number): Promise<{ readonly bytes: Uint8Array } | Unreadable> {
  const opened = await openFile(file);
  if ("finding" in opened) return opened;
  await using handle = opened.handle;
  if (opened.sizeBytes > maxBytes) return { finding: tooLarge(file, opened.sizeBytes, maxBytes), absent: false };
  try {
    // Read by hand: a file may grow while it is read.
    const buffer = new Uint8Array(opened.sizeBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    return { bytes: buffer.subarray(0, Math.min(length, opened.sizeBytes)) };
  } catch (error) {
    return unreadable(file, error);
  }
}

/** A size that is beyond the limit of its kind. */
function tooLarge(file: string, sizeBytes: number, maxBytes: number): Finding {
  return {
    code: "DEFINITION_FILE_TOO_LARGE",
    message: `${file} has ${formatBytes(sizeBytes)}; a file of this kind may have ${formatBytes(maxBytes)}.`,
    path: [],
    place: { position: { file } },
  };
}

/** @param why - A code of the system, or the error that has one. */
function unreadable(file: string, why: unknown): Unreadable {
  const code = why instanceof Error && "code" in why ? String(why.code) : String(why);
  const reason = reasons[code] ?? (why instanceof Error ? why.message : code);
  const message = `Cannot read ${file}: ${reason}.`;
  return {
    finding: { code: "DEFINITION_FILE_NOT_FOUND", message, path: [], place: { position: { file } } },
    absent: code === "ENOENT",
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  ELOOP: "its symbolic links run in a circle",
  ENAMETOOLONG: "its name is too long",
  ENXIO: "it is not a regular file",
};

function decode(file: string, bytes: Uint8Array): FileText {
  const wide = wideEncoding(bytes);
  if (wide !== undefined) return badEncoding(file, `it is ${wide}, not UTF-8`, { line: 1, column: 1 });
  const nul = bytes.indexOf(0);
  if (nul !== -1) return badEncoding(file, "it has a NUL byte", positionOf(bytes, nul));
  const text = decodeStrictly(bytes);
  if (text !== undefined) return { text };
  return badEncoding(file, "it has bytes that are not UTF-8", positionOf(bytes, firstBadByte(bytes)));
}

function wideEncoding(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (b === 0 && d === 0 && a !== 0)) return "UTF-16";
  if ((a === 0xfe && b === 0xff) || (a === 0 && c === 0 && b !== 0 && b !== undefined)) return "UTF-16";
  return undefined;
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    // Takes the byte order mark off.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // A TypeError is the answer.
    return undefined;
  }
}

/** Offset of the first character that is not UTF-8: the longest part that decodes, found by halves, without what it leaves open. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  while (good > 0 && !decodes(bytes.subarray(0, good), false)) good -= 1;
  return good;
}

/** @param isCut - The last character may be cut. */
function decodes(bytes: Uint8Array, isCut: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
    return true;
  } catch {
    // A TypeError is the answer.
    return false;
  }
}

function positionOf(bytes: Uint8Array, offset: number): { readonly line: number; readonly column: number } {
  const before = new TextDecoder().decode(bytes.subarray(0, offset));
  return new LineMap(before).at(before.length);
}

function badEncoding(
  file: string,
  reason: string,
  where: { readonly line: number; readonly column: number },
): Unreadable {
  const finding: Finding = {
    code: "DEFINITION_ENCODING",
    message: `Cannot read ${file}: ${reason} (line ${where.line}, column ${where.column}).`,
    path: [],
    place: { position: { file, ...where } },
  };
  return { finding, absent: false };
}
