// Whether a file is the one that was read: by what the file system says of it, and by its bytes where that is not enough.
import { readFileSync, statSync } from "node:fs";

/** A file as it was read. */
export interface FileIdentity {
  /** Size, modification time, change time (both in ns) and inode. */
  readonly stat: string;
  /** Digest of its bytes. */
  readonly sha256: string;
}

/** A change within this time of the one before may leave the times as they were. */
const settledMs = 2000;

/** Identity of a file now; null where it is not there or cannot be read. */
export function identifyFile(file: string): FileIdentity | null {
  const stat = statOf(file);
  if (stat === undefined) return null;
  const digest = stat.text === "special" ? "" : digestOf(file);
  return digest === undefined ? null : { stat: stat.text, sha256: digest };
}

/** Whether a file is as it was at `seenMs`. `exactly`: its times say so, too, and long enough ago to be trusted. */
export function compareFile(
  file: string,
  before: FileIdentity | null,
  seenMs: number,
): "exactly" | "by content" | "changed" {
  const stat = statOf(file);
  if (stat === undefined || before === null) return stat === undefined && before === null ? "exactly" : "changed";
  if (stat.text === "special") return "changed";
  if (stat.text === before.stat && stat.changedMs < seenMs - settledMs) return "exactly";
  return digestOf(file) === before.sha256 ? "by content" : "changed";
}

function statOf(file: string): { readonly text: string; readonly changedMs: number } | undefined {
  try {
    const found = statSync(file, { bigint: true });
    const { size, mtimeNs, ctimeNs, ino } = found;
    // A pipe or a device has no state to compare, and reading it may wait for ever.
    if (!found.isFile()) return { text: "special", changedMs: Number.POSITIVE_INFINITY };
    const changedNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
    return { text: `${size}:${mtimeNs}:${ctimeNs}:${ino}`, changedMs: Number(changedNs / 1_000_000n) };
  } catch {
    // Not there, or not for us: both mean that it cannot be read.
    return undefined;
  }
}

function digestOf(file: string): string | undefined {
  try {
    return sha256(readFileSync(file));
  } catch {
    // A folder, or gone meanwhile.
    return undefined;
  }
}

/** Digest of bytes or text. The module is loaded on first use: on the quick path nothing is hashed. */
export function sha256(content: string | Uint8Array): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(content).digest("hex");
}
