// Starts the real command line, as users have it: the bundle, in processes of their own.
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureBundle } from "../scripts/bundle.ts";

/** What stands before the arguments: sources would cost every start a second of type stripping. */
export const entry = resolve(import.meta.dirname, "../bin/millrace.cjs");

/** Builds the bundle where it is not of these sources. Call it in `beforeAll`. */
export async function prepareMillrace(): Promise<void> {
  await ensureBundle(resolve(import.meta.dirname, "../dist/bundle"));
}

/** How a process ended. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how a process is started. */
export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

/** Variables of a test: those of this process without what vitest and CI hosts add. */
function environmentOf(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, ...env };
}

/** Runs a command line to its end. */
export function millrace(args: readonly string[], { cwd = tmpdir(), env, nodeArgs = [] }: StartOptions = {}): Outcome {
  const result = spawnSync(process.execPath, [...nodeArgs, entry, ...args], {
    cwd,
    env: environmentOf(env),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (result.error !== undefined) throw result.error;
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** Starts a command line and leaves it running. */
export function startMillrace(
  args: readonly string[],
  { cwd = tmpdir(), env, nodeArgs = [] }: StartOptions = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...nodeArgs, entry, ...args], { cwd, env: environmentOf(env) });
}

/** A folder for one test file, and its removal. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "millrace-cli-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The one document of `--json`. */
export interface Document {
  readonly schema: string;
  readonly version: number;
  readonly ok: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly {
    readonly code: string;
    readonly message: string;
    readonly issues?: readonly Readonly<Record<string, unknown>>[];
  }[];
}

/** Reads stdout as one document. */
export function documentOf(outcome: Outcome): Document {
  return JSON.parse(outcome.stdout) as Document;
}
