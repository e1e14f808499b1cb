import { realpath, stat } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { quoteLiteral, TerminalError } from "@millrace/foundation";
import type { SessionOptions } from "@millrace/protocols";
import { toLocalPath } from "./source-files.ts";

/** What a session may reach. */
export type Sandbox = NonNullable<SessionOptions["sandbox"]>;

/** Settings that may change after the lock: what is reported, and how the two instances share memory. */
const openSettings = ["enable_progress_bar", "enable_progress_bar_print", "progress_bar_time", "memory_limit"];

/** Real folders and files of a sandbox. */
interface Bounds {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/**
 * Statements that confine an instance to some folders and files and lock it.
 *
 * DuckDB has one list for reading and writing, so what may be read may be written as far as DuckDB goes; a step is one
 * SELECT and cannot write. `..` and symbolic links that lead outside are refused by DuckDB itself.
 */
export async function sandboxStatements(sandbox: Sandbox, scratchDirectory: string): Promise<readonly string[]> {
  const { folders, files } = await boundsOf(sandbox, scratchDirectory);
  return [
    `SET allowed_directories = ${list(folders)}`,
    `SET allowed_paths = ${list(files)}`,
    `SET allowed_configs = ${list(openSettings)}`,
    "SET enable_external_access = false",
    "SET lock_configuration = true",
  ];
}

/** The same bounds for what this package reads by itself: headers of text files, magic bytes. */
export function createPathGuard(
  sandbox: Sandbox | undefined,
  scratchDirectory: string,
): (path: string) => Promise<void> {
  if (sandbox === undefined) return async () => undefined;
  return async (path) => {
    const { folders, files } = await boundsOf(sandbox, scratchDirectory);
    const allowed = await Promise.all([...folders, ...files].map(realPathOf));
    const real = await realPathOf(path);
    if (
      allowed.some(
        (one, index) =>
          real === one || (index < folders.length && real.startsWith(one.endsWith(sep) ? one : one + sep)),
      )
    )
      return;
    throw new TerminalError({
      code: "SANDBOX_VIOLATION",
      fault: "config",
      message: `"${path}" is outside of the sandbox. Declare it as an input or a target, or run without \`--sandbox\`.`,
      context: { file: path },
    });
  };
}

async function boundsOf(sandbox: Sandbox, scratchDirectory: string): Promise<Bounds> {
  const folders = [scratchDirectory];
  const files: string[] = [];
  for (const path of new Set([...sandbox.read, ...sandbox.write].map(toLocalPath)))
    ((await isFolder(path)) ? folders : files).push(path);
  return { folders, files };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // A target that does not exist yet is a file to come.
    return false;
  }
}

/** A path without links and dots; of what does not exist, its nearest folder that does. */
async function realPathOf(path: string): Promise<string> {
  const full = resolve(path);
  try {
    return await realpath(full);
  } catch {
    const parent = dirname(full);
    return parent === full
      ? full
      : `${await realPathOf(parent)}${sep}${full.slice(parent.length).replace(/^[/\\]/, "")}`;
  }
}

function list(values: readonly string[]): string {
  return `[${values.map(quoteLiteral).join(", ")}]`;
}
