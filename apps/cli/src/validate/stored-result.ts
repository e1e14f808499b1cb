// Results of `validate`, kept in the state folder: when nothing that they depend on changed, neither the pipeline is
// imported nor DuckDB loaded. Light on purpose: node built-ins only.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Issue } from "@millrace/protocols";
import type { Flags } from "../command-line/flags.ts";
import type { Environment } from "../output/style.ts";
import { compareFile, identifyFile, sha256, type FileIdentity } from "./file-identity.ts";

/** What a result depends on beside files: everything else that was asked. */
export interface ResultKey {
  /** Digest of the program. */
  readonly build: string;
  readonly pipelineFile: string;
  readonly projectRoot: string;
  /** Flags that decide about the result. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
}

/** What `validate` found out about one pipeline. */
export interface ValidateResult {
  readonly file: string;
  readonly pipeline: string | undefined;
  readonly steps: number;
  readonly issues: readonly Issue[];
}

interface StoredEntry {
  /** The whole key: a file name is too short for it. */
  readonly key: string;
  /** When the files were looked at. */
  readonly seenMs: number;
  /** Files that were read; null for one that was looked for and is not there. */
  readonly files: Readonly<Record<string, FileIdentity | null>>;
  /** Digest of each variable that the files name; null for one that is not set. */
  readonly variables: Readonly<Record<string, string | null>>;
  readonly result: ValidateResult;
}

/** The stored result, or undefined where there is none or anything that it depends on changed. */
export function readStoredResult(folder: string, key: ResultKey): ValidateResult | undefined {
  const text = keyText(key);
  const path = join(folder, entryName(text));
  let entry: StoredEntry;
  try {
    entry = JSON.parse(readFileSync(path, "utf8")) as StoredEntry;
  } catch {
    // Not there, or damaged: a miss either way.
    return undefined;
  }
  if (entry.key !== text) return undefined;
  const compared = new Set(
    Object.entries(entry.files).map(([file, before]) => compareFile(file, before, entry.seenMs)),
  );
  const sameVariables = Object.entries(entry.variables).every(
    ([name, digest]) => digestVariable(key.environment, name) === digest,
  );
  if (!sameVariables || compared.has("changed")) return undefined;
  // Touched files, or very new ones: the next time their times are enough.
  if (compared.has("by content")) writeEntry(path, { ...entry, ...identifyFiles(Object.keys(entry.files)) });
  return entry.result;
}

/** Stores a result, unless a file reads the environment in a way that cannot be followed. */
export function writeStoredResult(
  folder: string,
  key: ResultKey,
  content: { readonly files: readonly string[]; readonly result: ValidateResult },
): boolean {
  const names = content.files.map(readVariableNames);
  if (names.includes(undefined)) return false;
  const variables = names
    .flatMap((known) => known ?? [])
    .map((name) => [name, digestVariable(key.environment, name)] as const);
  const text = keyText(key);
  const entry: StoredEntry = {
    key: text,
    ...identifyFiles(content.files),
    variables: Object.fromEntries(variables),
    result: content.result,
  };
  return writeEntry(join(folder, entryName(text)), entry);
}

function identifyFiles(files: readonly string[]): Pick<StoredEntry, "seenMs" | "files"> {
  return { seenMs: Date.now(), files: Object.fromEntries(files.map((file) => [file, identifyFile(file)])) };
}

function writeEntry(path: string, entry: StoredEntry): boolean {
  const staged = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(staged, JSON.stringify(entry), { mode: 0o600 });
    renameSync(staged, path);
    return true;
  } catch {
    // A read-only folder costs time and nothing else.
    rmSync(staged, { force: true });
    return false;
  }
}

function keyText(key: ResultKey): string {
  const names = Object.keys(key.environment).filter((name) => name.startsWith("MILLRACE_"));
  const own = names.toSorted().map((name) => [name, key.environment[name]]);
  return JSON.stringify([key.build, key.pipelineFile, key.projectRoot, key.flags, own]);
}

/** FNV-1a, 32 bits: enough for a name, since the entry has the whole key. */
function entryName(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return `${(hash >>> 0).toString(16).padStart(8, "0")}.json`;
}

function digestVariable(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined ? null : sha256(value);
}

/** Names of variables that a text reads; undefined where it reads them by computed names. */
function readVariableNames(file: string): readonly string[] | undefined {
  let text: string;
  try {
    // A pipe may wait for ever, and says something else each time.
    if (!statSync(file).isFile()) return undefined;
    text = readFileSync(file, "utf8");
  } catch {
    // Not there: it names nothing.
    return [];
  }
  const named = [...text.matchAll(/process\.env(?:\.([A-Za-z_]\w*)|\[["']([A-Za-z_]\w*)["']\])/g)];
  const all = text.match(/process\.env/g) ?? [];
  if (named.length < all.length || /\bimport\.meta\.env\b|["']node:process["']/.test(text)) return undefined;
  const references = [...text.matchAll(/\$\{(?:env\.)?([A-Za-z_]\w*)/g)];
  return [...named.map((match) => match[1] ?? match[2] ?? ""), ...references.map((match) => match[1] ?? "")];
}

/** Flags that decide about a result, in a form that compares. */
export function flagsOf(flags: Flags): Readonly<Record<string, unknown>> {
  return {
    params: flags.all("param").toSorted(),
    strict: flags.has("strict"),
    sandbox: flags.has("sandbox"),
    at: flags.text("at"),
    engine: flags.text("engine"),
    env: flags.text("env"),
  };
}
