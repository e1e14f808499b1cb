import { TerminalError } from "@millrace/foundation";
import { byteStoreCapabilities } from "./capabilities.ts";

/** Longest name of a file on Linux file systems, bytes. */
const maxNameBytes = 255;

/** Names of files that are being written; no key has a part that begins like this. */
export const temporaryPrefix = ".millrace-tmp-";

/**
 * Parts of a key.
 *
 * @throws MillraceError `STORE_KEY_INVALID`
 */
export function parseKey(key: string): readonly [string, ...string[]] {
  const parts = key.split("/");
  const [first, ...rest] = parts;
  if (first === undefined || parts.some((part) => part === "" || part === "." || part === ".."))
    throw invalid(key, 'without empty, "." or ".." parts');
  if (key.includes("\0") || !key.isWellFormed()) throw invalid(key, "without NUL and of well-formed text");
  if (parts.some((part) => part.startsWith(temporaryPrefix))) throw invalid(key, `without "${temporaryPrefix}"`);
  if (Buffer.byteLength(key) > byteStoreCapabilities.maxKeyBytes)
    throw invalid(key, `at most ${byteStoreCapabilities.maxKeyBytes} bytes`);
  if (parts.some((part) => Buffer.byteLength(part) > maxNameBytes))
    throw invalid(key, `at most ${maxNameBytes} bytes a part`);
  return [first, ...rest];
}

/** Folders that a prefix names in full, and the beginning of the next name. */
export function parsePrefix(prefix: string): { readonly folders: readonly string[]; readonly start: string } {
  const at = prefix.lastIndexOf("/");
  const folder = at < 0 ? "" : prefix.slice(0, at);
  const start = prefix.slice(at + 1);
  const folders = at < 0 ? [] : parseKey(folder);
  if (start === "." || start === "..") return { folders, start };
  if (start !== "") parseKey(start.startsWith(temporaryPrefix) ? "x" : start);
  return { folders, start };
}

function invalid(key: string, expected: string): TerminalError {
  return new TerminalError({
    code: "STORE_KEY_INVALID",
    fault: "caller",
    message: `A key must be relative, ${expected}; received ${JSON.stringify(key.slice(0, 100))}.`,
    context: { key: key.slice(0, 200), expected },
  });
}
