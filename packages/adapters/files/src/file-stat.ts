import type { BigIntStats } from "node:fs";

/** What is known of a file or folder. A symbolic link is itself, not what it points to. */
export interface FileStat {
  readonly kind: "file" | "folder" | "link" | "other";
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
  readonly device: bigint;
  /** Rights: who may read, write and execute. */
  readonly mode: number;
}

/** What the system says of a file. */
interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** What a file is, of the kinds that matter here. */
export function kindOf(entry: Kinds): FileStat["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}

/** What is known of a file, from what Node says of it. */
export function toStat(stats: BigIntStats): FileStat {
  return {
    kind: kindOf(stats),
    sizeBytes: Number(stats.size),
    modifiedAt: stats.mtime,
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    inode: stats.ino,
    device: stats.dev,
    mode: Number(stats.mode) & 0o7777,
  };
}

/** Whether two looks at one path saw the same content: any write changes the time that programs cannot set. */
export function isUnchanged(before: FileStat | undefined, after: FileStat | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return (
    before.inode === after.inode &&
    before.device === after.device &&
    before.sizeBytes === after.sizeBytes &&
    before.mtimeNs === after.mtimeNs &&
    before.ctimeNs === after.ctimeNs
  );
}
