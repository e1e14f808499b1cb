import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { BoundDag, Clock, IdSource, LockedSource, SourceLock } from "@millrace/protocols";
import { columnsToText, digestOf, TerminalError } from "@millrace/foundation";

/** Name of the lock in a project's root. */
export const lockFileName = "millrace.lock.json";

/** A lock without sources. */
export const emptyLock: SourceLock = { schema: "millrace.lock", version: 1, sources: {} };

/**
 * Reads a lock. Undefined where there is none.
 *
 * @throws MillraceError `CONFIG_FILE_INVALID` where the file is no lock of this version.
 */
export async function readSourceLock(file: string): Promise<SourceLock | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw invalid(file, "cannot be read", error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(file, "is not JSON", error);
  }
  const problem = findProblem(value);
  if (problem !== undefined) throw invalid(file, problem);
  return value as SourceLock;
}

function findProblem(value: unknown): string | undefined {
  if (!isRecord(value) || value["schema"] !== "millrace.lock") return 'is no lock: it has no "schema": "millrace.lock"';
  if (value["version"] !== 1) return `has version ${JSON.stringify(value["version"])}; this Millrace knows version 1`;
  if (!isRecord(value["sources"])) return 'has no "sources"';
  const bad = Object.entries(value["sources"]).find(
    ([, source]) =>
      !isRecord(source) ||
      ["location", "format", "read_at"].some((key) => typeof source[key] !== "string") ||
      ["columns", "options"].some((key) => !isRecord(source[key])),
  );
  return bad === undefined
    ? undefined
    : `has a source "${bad[0]}" without location, format, read_at, columns or options`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(file: string, problem: string, cause?: unknown): TerminalError {
  return new TerminalError({
    code: "CONFIG_FILE_INVALID",
    fault: "config",
    message: `${file} ${problem}. Delete it, and run \`millrace types\` to write it anew.`,
    context: { file },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Writes a lock, whole or not at all; sources in the order of their names. */
export async function writeSourceLock(file: string, lock: SourceLock, ids: IdSource): Promise<void> {
  const sources = Object.fromEntries(Object.entries(lock.sources).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  await writeWhole(file, `${JSON.stringify({ ...lock, sources }, null, 2)}\n`, ids);
}

/** Writes a file beside its place and moves it there, so that nobody reads a part. */
async function writeWhole(file: string, text: string, ids: IdSource): Promise<void> {
  const partial = `${file}.${ids.uuid()}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(partial, text);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * A lock with what binding found of the sources of a pipeline; those of others stay as they are.
 *
 * A source that has not changed keeps its `read_at`, so that an unchanged project has an unchanged file.
 */
export function updateSourceLock(before: SourceLock, bound: BoundDag, clock: Clock): SourceLock {
  const pipeline = bound.dag.spec.name;
  const readAt = clock.now().toISOString();
  const entries = [...bound.steps.values()].flatMap(({ source }): readonly [string, LockedSource][] => {
    if (source === undefined) return [];
    const key = `${pipeline}.${source.dataset}`;
    const location = bound.dag.nodes.get(source.step)?.step.value ?? source.location;
    const found = { location, format: source.format, options: source.options, columns: columnsToText(source.columns) };
    const known = before.sources[key];
    return [[key, { ...found, read_at: known !== undefined && isSame(known, found) ? known.read_at : readAt }]];
  });
  const others = Object.entries(before.sources).filter(([key]) => !key.startsWith(`${pipeline}.`));
  return { ...before, sources: Object.fromEntries([...others, ...entries]) };
}

function isSame(locked: LockedSource, found: Omit<LockedSource, "read_at">): boolean {
  const { location, format, options, columns } = locked;
  const orderOf = (names: object): string => Object.keys(names).join("\0");
  return (
    digestOf({ location, format, options, columns }) === digestOf(found) && orderOf(columns) === orderOf(found.columns)
  );
}
