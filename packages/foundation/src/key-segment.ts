import { createHash } from "node:crypto";
import { TerminalError } from "./error.ts";

/** Longest part of a key. File systems allow 255 bytes; a sidecar's ending and a temporary name need room. */
const maxSegmentLength = 180;
const digestLength = 32;

/**
 * A name as one part of a key: letters, digits, `_`, `-` and inner `.` stay, everything else becomes `%XX` bytes.
 *
 * Different names give different parts, no part is `.`, `..`, hidden or has a separator, and a name longer than 180
 * characters ends in its digest.
 *
 * @throws MillraceError `STORE_KEY_INVALID` for an empty name and for text that is not well-formed Unicode.
 */
export function encodeKeySegment(name: string): string {
  if (name === "" || !name.isWellFormed()) {
    throw new TerminalError({
      code: "STORE_KEY_INVALID",
      fault: "caller",
      message: `A name in a key must have a character and be well-formed text; received ${JSON.stringify(name.slice(0, 60))}.`,
    });
  }
  const encoded = [...Buffer.from(name, "utf8")]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      const stays = /[A-Za-z0-9_-]/.test(character) || (character === "." && index > 0);
      return stays ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
  if (encoded.length <= maxSegmentLength) return encoded;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, digestLength);
  // `~` is never part of an encoded name, so no short name looks like a long one.
  return `${encoded.slice(0, maxSegmentLength - digestLength - 1)}~${digest}`;
}

/** The name that a part of a key stands for; undefined for one that `encodeKeySegment` did not make, or that was cut. */
export function decodeKeySegment(segment: string): string | undefined {
  if (!/^(?:[A-Za-z0-9_.-]|%[0-9A-F]{2})+$/.test(segment)) return undefined;
  const name = Buffer.from(
    segment.replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
  return encodeKeySegment(name) === segment ? name : undefined;
}
