// Results of `validate`, kept in the state folder: when nothing that they depend on changed, neither the pipeline is
// imported nor DuckDB loaded. Light on purpose: node built-ins only.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Issue } from "@millrace/protocols";
import type { Flags } from "../command-line/flags.ts";
import type { Environment } from "../output/style.ts";

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
  /** Digest of each file that was read; null for one that was looked for and is not there. */
  readonly files: Readonly<Record<string, string | null>>;
  /** Digest of each variable that the files name; null for one that is not set. */
  readonly variables: Readonly<Record<string, string | null>>;
  readonly result: ValidateResult;
}

/** The stored result, or undefined where there is none or anything that it depends on changed. */
export function readStoredResult(folder: string, key: ResultKey): ValidateResult | undefined {
  let entry: StoredEntry;
  try {
    entry = JSON.parse(readFileSync(join(folder, entryName(key)), "utf8")) as StoredEntry;
  } catch {
    // Not there, or damaged: a miss either way.
    return undefined;
  }
  const sameFiles = Object.entries(entry.files).every(([file, digest]) => digestFile(file) === digest);
  const sameVariables = Object.entries(entry.variables).every(([name, digest]) => digestVariable(key.environment, name) === digest);
  return sameFiles && sameVariables ? entry.result : undefined;
}

/** Stores a result, unless a file reads the environment in a way that cannot be followed. */
export function writeStoredResult(folder: string, key: ResultKey, content: { readonly files: readonly string[]; readonly result: ValidateResult }): boolean {
  const files: Record<string, string | null> = {};
  const variables: Record<string, string | null> = {};
  for (const file of content.files) {
    const names = readVariableNames(file);
    if (names === undefined) return false;
    files[file] = digestFile(file);
    for (const name of names) variables[name] = digestVariable(key.environment, name);
  }
  const entry: StoredEntry = { files, variables, result: content.result };
  const target = join(folder, entryName(key));
  const staged = `${target}.${process.pid}.tmp`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(staged, JSON.stringify(entry), { mode: 0o600 });
    renameSync(staged, target);
    return true;
  } catch {
    // A read-only folder costs time and nothing else.
    rmSync(staged, { force: true });
    return false;
  }
}

function entryName(key: ResultKey): string {
  const own = Object.entries(key.environment).filter(([name]) => name.startsWith("MILLRACE_")).toSorted();
  const text = JSON.stringify([key.build, key.pipelineFile, key.projectRoot, key.flags, own]);
  return `${digestText(text)}.json`;
}

function digestFile(file: string): string | null {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch {
    return null;
  }
}

function digestVariable(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined ? null : digestText(value);
}

function digestText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Names of variables that a text reads; undefined where it reads them by computed names. */
function readVariableNames(file: string): readonly string[] | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
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
