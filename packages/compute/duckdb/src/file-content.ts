import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Writable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Transform } from "node:stream";
import { TerminalError } from "@millrace/foundation";
import type { FileFormat, JsonObject } from "@millrace/protocols";
import { readPart } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";

/** Enough for the first records of any file with a header that people wrote. */
const headBytes = 256 * 1024;

/** What other kinds of file begin with. A `.csv` that is one of them reads as one odd column. */
const strangers: readonly { readonly what: string; readonly bytes: readonly number[] }[] = [
  { what: "a PNG image", bytes: [0x89, 0x50, 0x4e, 0x47] },
  { what: "a JPEG image", bytes: [0xff, 0xd8, 0xff] },
  { what: "a PDF document", bytes: [0x25, 0x50, 0x44, 0x46] },
  { what: "a ZIP archive, or a spreadsheet", bytes: [0x50, 0x4b, 0x03, 0x04] },
  { what: "gzip data; name it .gz or set `compression`", bytes: [0x1f, 0x8b] },
  { what: "Zstandard data; name it .zst or set `compression`", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { what: "a SQLite database", bytes: [...Buffer.from("SQLite format 3\0")] },
  { what: "a Parquet file", bytes: [...Buffer.from("PAR1")] },
];

const textEncodings: Readonly<Record<string, string>> = { "latin-1": "latin1", latin1: "latin1", "utf-16": "utf-16le" };

/** The beginning of a text file. */
export interface TextHead {
  readonly text: string;
  /** The file has no more than this. */
  readonly whole: boolean;
}

/**
 * The first 256 KiB of a CSV or JSON file, unpacked and decoded.
 *
 * @throws MillraceError `DATA_INVALID_FILE` where the bytes are another kind of file or cannot be unpacked.
 */
export async function readTextHead(file: SourceFile, format: FileFormat, options: JsonObject): Promise<TextHead> {
  const compression = compressionOf(file.path, options);
  const bytes =
    compression === "none"
      ? await readPart(file.path, 0, Math.min(headBytes, file.pin.sizeBytes))
      : await unpackHead(file.path, compression);
  const stranger = strangers.find(({ bytes: magic }) => magic.every((byte, index) => bytes[index] === byte));
  if (stranger !== undefined) throw notText(file.path, format, `it is ${stranger.what}`);
  const encoding = typeof options["encoding"] === "string" ? options["encoding"].toLowerCase() : "utf-8";
  const decoder = new TextDecoder(textEncodings[encoding] ?? "utf-8");
  const text = decoder.decode(bytes, { stream: true }).replace(/^\u{feff}/u, "");
  if (/^\s*(<!doctype html|<html)/i.test(text)) throw notText(file.path, format, "it is an HTML page");
  return { text, whole: bytes.length < headBytes };
}

/** How a file is packed, by the option, else by its name as DuckDB does. */
export function compressionOf(path: string, options: JsonObject): "none" | "gzip" | "zstd" {
  const asked = options["compression"];
  if (asked === "gzip" || asked === "zstd" || asked === "none") return asked;
  return path.endsWith(".gz") ? "gzip" : path.endsWith(".zst") ? "zstd" : "none";
}

/**
 * Unpacks whole files and throws away what comes out: a cut or damaged archive fails here.
 *
 * **Source** measured on DuckDB 1.5.6: `read_csv` of a gzip or Zstandard file cut in the middle gives the rows before
 * the cut, without an error. Node's zlib checks the end and the checksum.
 *
 * @throws MillraceError `DATA_INVALID_FILE`
 */
export async function verifyArchive(path: string, compression: "gzip" | "zstd", signal: AbortSignal): Promise<void> {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), unpacker(compression), sink, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw damaged(path, compression, error);
  }
}

async function unpackHead(path: string, compression: "gzip" | "zstd"): Promise<Uint8Array> {
  const source = createReadStream(path);
  const unpacked = unpacker(compression);
  // pipe() does not carry errors on; unheard, one would end the process.
  source.on("error", (error) => unpacked.destroy(error));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of source.pipe(unpacked) as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      if (length >= headBytes) break;
    }
  } catch (error) {
    throw damaged(path, compression, error);
  } finally {
    source.destroy();
  }
  return Buffer.concat(parts).subarray(0, headBytes);
}

function unpacker(compression: "gzip" | "zstd"): Transform {
  // 1 MiB at a time: four times fewer turns of the event loop than the default of 16 KiB blocks.
  return compression === "gzip" ? createGunzip({ chunkSize: 1 << 20 }) : createZstdDecompress({ chunkSize: 1 << 20 });
}

function damaged(path: string, compression: string, cause: unknown): TerminalError {
  return new TerminalError({
    code: "DATA_INVALID_FILE",
    fault: "data",
    message: `"${path}" is damaged or incomplete: ${compression} says "${cause instanceof Error ? cause.message : String(cause)}".`,
    context: { file: path },
    cause,
  });
}

function notText(path: string, format: FileFormat, what: string): TerminalError {
  return new TerminalError({
    code: "DATA_INVALID_FILE",
    fault: "data",
    message: `"${path}" is not ${format}: ${what}.`,
    context: { file: path },
  });
}
