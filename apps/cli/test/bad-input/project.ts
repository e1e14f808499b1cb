// A project in a folder whose surroundings are watched: whatever a command writes beyond what was declared is seen.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { JsonObject } from "@millrace/protocols";
import { runProgram, type Ending, type ProgramOptions } from "./program.ts";

/** A step as pipeline files have it. */
export type Step = JsonObject;

/** A project with a home, a folder for temporary files and a secret beside it. */
export interface Project extends Disposable {
  readonly root: string;
  /** The folder around the project: nothing in it may change. */
  readonly surroundings: string;
  /** Writes a file of the project, with the folders it needs, and gives its path. */
  write(path: string, content: string | Uint8Array): string;
  /** Runs a command line in the project. */
  run(args: readonly string[], options?: Omit<ProgramOptions, "cwd">): Promise<Ending>;
  /** What is there now beside the state folder. */
  snapshot(): ReadonlyMap<string, string>;
}

/** Makes a project, empty but for what makes it one. */
export function createProject(): Project {
  const surroundings = mkdtempSync(join(tmpdir(), "millrace-bad-input-"));
  const root = join(surroundings, "project");
  for (const folder of [root, join(surroundings, "home"), join(surroundings, "tmp")]) mkdirSync(folder);
  writeFileSync(join(surroundings, "secret.txt"), "sesame-outside-the-project");
  const write: Project["write"] = (path, content) => {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    return full;
  };
  write("package.json", "{}");
  return {
    root,
    surroundings,
    write,
    run: (args, options = {}) =>
      runProgram(args, {
        ...options,
        cwd: root,
        env: { HOME: join(surroundings, "home"), TMPDIR: join(surroundings, "tmp"), ...options.env },
      }),
    snapshot: () => new Map(entriesBelow(surroundings, "")),
    [Symbol.dispose]: () => rmSync(surroundings, { recursive: true, force: true }),
  };
}

/** Everything in a folder with what changes when it is written; the state folder is not looked into. */
function entriesBelow(folder: string, prefix: string): readonly (readonly [string, string])[] {
  return readdirSync(folder).flatMap((name) => {
    const [path, shown] = [join(folder, name), `${prefix}${name}`];
    const facts = lstatSync(path, { bigint: true });
    if (facts.isDirectory())
      return name === ".millrace" ? [] : [[`${shown}/`, "folder"] as const, ...entriesBelow(path, `${shown}/`)];
    const content = facts.isSymbolicLink() ? readlinkSync(path) : `${facts.size} bytes of ${facts.mtimeNs}`;
    return [[shown, content] as const];
  });
}

/** Paths that are new, gone or other than before, sorted. */
export function changedPaths(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .toSorted();
}

/** An ingest of one source. */
export function ingest(value: string, params: JsonObject = {}, name = "raw"): Step {
  return { layer: "ingest", name, type: "config_op", engine: "duckdb", value, params, outputs: { data: name } };
}

/** A SQL step over datasets that are inputs under their own names. */
export function sql(name: string, value: string, inputs: readonly string[] = ["raw"]): Step {
  return {
    layer: "transform",
    name,
    type: "sql",
    engine: "duckdb",
    value,
    inputs: Object.fromEntries(inputs.map((input) => [input, input])),
    outputs: { data: name },
  };
}

/** A store of one dataset. */
export function store(dataset: string, value: string, params: JsonObject = {}): Step {
  return {
    layer: "store",
    name: `save_${dataset}`,
    type: "config_op",
    engine: "duckdb",
    value,
    params,
    inputs: { data: dataset },
  };
}
