import { fileURLToPath } from "node:url";

/** A place in the author's source. */
export interface UserFrame {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/**
 * The first frame of a V8 stack that is the author's: no package of `node_modules`, no module of Node, none of ours.
 */
export function findUserFrame(stack: string): UserFrame | undefined {
  for (const line of stack.split("\n")) {
    const frame = parseFrame(line);
    if (frame !== undefined && isUserFile(frame.file)) return frame;
  }
  return undefined;
}

/** `at name (file:///a/b.ts:9:30)`, `at async file:///a/b.ts:9:30`, `at /a/b.ts:9:30`. */
function parseFrame(line: string): UserFrame | undefined {
  const match = /^\s+at .*? \((.+):(\d+):(\d+)\)$/.exec(line) ?? /^\s+at (?:async )?(.+):(\d+):(\d+)$/.exec(line);
  if (match === null) return undefined;
  const file = toPath(match[1] as string);
  return file === undefined ? undefined : { file, line: Number(match[2]), column: Number(match[3]) };
}

function toPath(location: string): string | undefined {
  if (!location.startsWith("file:")) return /^(?:\/|[A-Za-z]:[\\/])/.test(location) ? location : undefined;
  try {
    return fileURLToPath(location);
  } catch {
    // A URL of another platform, made by the author: there is no file to show.
    return undefined;
  }
}

function isUserFile(file: string): boolean {
  const path = file.replaceAll("\\", "/");
  return !path.includes("/node_modules/") && !isOwn(path);
}

/** Millrace's code where it is not below `node_modules`: this package, and those beside it in the repository. */
function isOwn(path: string): boolean {
  const own = fileURLToPath(import.meta.url).replaceAll("\\", "/");
  const folder = /^.*\/(?:src|dist)\//.exec(own)?.[0];
  if (folder !== undefined && path.startsWith(folder)) return true;
  const root = /^(.*\/)packages\/core\/engine\/(?:src|dist)\//.exec(own)?.[1];
  return (
    root !== undefined &&
    path.startsWith(root) &&
    /^(?:packages|apps)\/.*\/(?:src|dist)\//.test(path.slice(root.length))
  );
}
