import { fileURLToPath } from "node:url";

/** Where in an author's file a function of the builder was called. Counts from 1, columns in UTF-16 code units. */
export interface CallSite {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The place from which `callee` was called. Undefined where it is no file: `node --eval`, a bundle without source map.
 *
 * The text of the stack is read rather than V8's call sites, so that installed source maps count.
 */
// The parameter is V8's: it compares identity and never calls.
export function captureCallSite(callee: (...args: never[]) => unknown): CallSite | undefined {
  const holder: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, callee);
  Error.stackTraceLimit = stackTraceLimit;
  return parseFrame(holder.stack ?? "");
}

/** Reads the first frame of a stack: `at f (file:///a/b.ts:3:7)`, `at file:///a/b.ts?x:3:7`, `at /a/b.ts:3:7`. */
export function parseFrame(stack: string): CallSite | undefined {
  const match = /^\s*at (?:.*?\()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?$/m.exec(stack);
  if (match === null) return undefined;
  const [, place = "", line, column] = match;
  const file = place.startsWith("file:") ? fileURLToPath(place.replace(/[?#].*$/, "")) : place.replace(/\?.*$/, "");
  return { file, line: Number(line), column: Number(column) };
}
