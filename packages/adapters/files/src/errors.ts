import { MillraceError } from "@millrace/foundation";
import type { ErrorCode, FailureClass, Fault, FaultPointName, FaultPoints } from "@millrace/protocols";

interface ErrorRow {
  readonly code: ErrorCode;
  readonly failureClass: FailureClass;
  readonly fault: Fault;
  /** What happened and what to do, after "Cannot <operation> <path>: ". */
  readonly text: string;
}

/**
 * What each error of the file system means for a run, by its errno.
 *
 * Retryable is what passes by itself in seconds. A full disk or a missing permission needs a person first.
 */
const rows: Readonly<Record<string, ErrorRow>> = {
  ENOENT: { code: "STORE_OBJECT_NOT_FOUND", failureClass: "terminal", fault: "caller", text: "it does not exist." },
  EACCES: {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "config",
    text: "permission denied. Check the owner and mode of the file and its folders.",
  },
  EPERM: {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "config",
    text: "the operation is not permitted here. Check the mount and the attributes of the file.",
  },
  EROFS: {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "config",
    text: "the file system is read-only. Choose another place, or mount it for writing.",
  },
  ENOSPC: {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "config",
    text: "no space is left on the device. Free some, then run again.",
  },
  EDQUOT: {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "config",
    text: "the disk quota is used up. Free some, then run again.",
  },
  EFBIG: {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "config",
    text: "the file would be larger than the file system allows.",
  },
  EMFILE: {
    code: "STORE_IO",
    failureClass: "retryable",
    fault: "config",
    text: "this process has too many open files. Raise its limit (ulimit -n), or lower --workers.",
  },
  ENFILE: {
    code: "STORE_IO",
    failureClass: "retryable",
    fault: "config",
    text: "the machine has too many open files.",
  },
  EIO: {
    code: "STORE_IO",
    failureClass: "retryable",
    fault: "upstream",
    text: "the disk reported an input/output error. Check the disk if it happens again.",
  },
  EBUSY: { code: "STORE_IO", failureClass: "retryable", fault: "upstream", text: "it is busy." },
  EAGAIN: { code: "STORE_IO", failureClass: "retryable", fault: "upstream", text: "it is temporarily unavailable." },
  ETIMEDOUT: {
    code: "STORE_IO",
    failureClass: "retryable",
    fault: "upstream",
    text: "the file server did not answer in time.",
  },
  ESTALE: {
    code: "STORE_IO",
    failureClass: "retryable",
    fault: "upstream",
    text: "the file server lost the file handle.",
  },
  EISDIR: { code: "STORE_KEY_INVALID", failureClass: "terminal", fault: "caller", text: "it is a folder, not a file." },
  ENOTDIR: {
    code: "STORE_KEY_INVALID",
    failureClass: "terminal",
    fault: "caller",
    text: "a part of its path is a file, not a folder.",
  },
  ENOTEMPTY: { code: "TARGET_EXISTS", failureClass: "terminal", fault: "caller", text: "the folder is not empty." },
  EEXIST: { code: "TARGET_EXISTS", failureClass: "terminal", fault: "caller", text: "it exists already." },
  ENAMETOOLONG: {
    code: "STORE_KEY_INVALID",
    failureClass: "terminal",
    fault: "caller",
    text: "its name is too long for the file system.",
  },
  ELOOP: {
    code: "STORE_KEY_INVALID",
    failureClass: "terminal",
    fault: "caller",
    text: "it is a symbolic link, which is not followed here.",
  },
  EXDEV: {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "internal",
    text: "source and target are on different file systems.",
  },
  ENOTSUP: {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "config",
    text: "the file system does not support it. A local file system with hard links is needed.",
  },
};

/** Errnos that the table knows, for tests. */
export const knownErrnos: readonly string[] = Object.keys(rows);

/** An error of the file system as one of ours, from one table; anything else passes through. */
export function toFileError(error: unknown, operation: string, path: string): unknown {
  const { code: errno } = error as { readonly code?: unknown };
  if (!(error instanceof Error) || error instanceof MillraceError || typeof errno !== "string") return error;
  if (!/^E[A-Z0-9]+$/.test(errno)) return error;
  const row = rows[errno] ?? {
    code: "STORE_IO",
    failureClass: "terminal",
    fault: "internal",
    text: `the system reported ${errno}.`,
  };
  return new MillraceError({
    code: row.code,
    failureClass: row.failureClass,
    fault: row.fault,
    message: `Cannot ${operation} ${path}: ${row.text}`,
    context: { errno, operation, path },
    cause: error,
  });
}

/** The errno of an error that `toFileError` made. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof MillraceError)) return undefined;
  const { errno } = error.context;
  return typeof errno === "string" ? errno : undefined;
}

/** Passes a fault point. A system error that a test asked for there is one of ours, as if the call itself had failed. */
export async function atFaultPoint(faultPoints: FaultPoints, point: FaultPointName, path: string): Promise<void> {
  try {
    await faultPoints.pass(point);
  } catch (error) {
    throw toFileError(error, "write", path);
  }
}
