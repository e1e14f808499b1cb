import { decodeKeySegment, digestBytes, encodeKeySegment } from "@millrace/foundation";

/** Longest part of a key, as in `encodeKeySegment`. */
const maxLength = 180;
const digestLength = 32;

/**
 * A name as one part of a key that is a file name: as `encodeKeySegment`, with capital letters as `%XX` too.
 *
 * Two names have two parts also where a file system takes `Daily` and `daily` for one.
 *
 * @throws MillraceError `STORE_KEY_INVALID` for an empty name and for text that is not well-formed Unicode.
 */
export function toKeyPart(name: string): string {
  const part = encodeKeySegment(name).replaceAll(/%[0-9A-F]{2}|[A-Z]/g, (match) =>
    match.length > 1 ? match : `%${match.charCodeAt(0).toString(16)}`,
  );
  if (part.length <= maxLength) return part;
  const digest = digestBytes(new TextEncoder().encode(name)).slice(0, digestLength);
  return `${part.slice(0, maxLength - digestLength - 1)}~${digest}`;
}

/** The name of a part; undefined for one that `toKeyPart` did not make, or that was cut. */
export function fromKeyPart(part: string): string | undefined {
  const segment = part.replaceAll(/%(4[1-9a-f]|5[0-9a])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const name = decodeKeySegment(segment);
  return name !== undefined && toKeyPart(name) === part ? name : undefined;
}
