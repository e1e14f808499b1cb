// The project as `validate` sees it before it loads anything: enough to find a stored result, or to give up.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { CommandContext } from "../command-context.ts";

const configNames: readonly string[] = [
  "millrace.config.ts",
  "millrace.config.mts",
  "millrace.config.js",
  "millrace.config.mjs",
  "millrace.yaml",
  "millrace.yml",
  "millrace.toml",
];

/** Files beside a pipeline that decide about its result; those that are not there must stay so. */
export const projectFileNames: readonly string[] = [
  ...configNames,
  ".env",
  "millrace.lock.json",
  "package.json",
  "package-lock.json",
  "pnpm-lock.yaml",
  "yarn.lock",
];

/** Where a project keeps things when its configuration does not say otherwise. */
export interface LightProject {
  readonly projectRoot: string;
  readonly workingFolder: string;
  readonly stateDir: string;
  readonly pipelinesDir: string;
}

/** Finds the project by file names alone. Undefined where its configuration moves what is looked for here. */
export function findLightProject(context: CommandContext, named: string | undefined): LightProject | undefined {
  const { flags, io } = context;
  if (flags.text("config") !== undefined || (io.environment["MILLRACE_CONFIG"] ?? "") !== "") return undefined;
  let workingFolder: string;
  try {
    workingFolder = io.workingFolder();
  } catch {
    // Deleted: the command itself says so.
    return undefined;
  }
  const from = named === undefined || !/[/\\]/.test(named) ? workingFolder : dirname(resolve(workingFolder, named));
  const folders = ancestors(from);
  const withConfig = folders.find((folder) => configNames.some((name) => existsSync(join(folder, name))));
  const projectRoot = withConfig ?? folders.find((folder) => existsSync(join(folder, "package.json"))) ?? from;
  const moves = [...configNames, ".env"].some((name) =>
    /state_?dir|pipelines_?dir/i.test(read(join(projectRoot, name))),
  );
  if (moves || (io.environment["MILLRACE_PIPELINES_DIR"] ?? "") !== "") return undefined;
  const state = flags.text("state-dir");
  const variable = io.environment["MILLRACE_STATE_DIR"] ?? "";
  return {
    projectRoot,
    workingFolder,
    stateDir:
      state === undefined
        ? resolve(projectRoot, variable === "" ? ".millrace" : variable)
        : resolve(workingFolder, state),
    pipelinesDir: join(projectRoot, "pipelines"),
  };
}

function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

function read(file: string): string {
  try {
    return statSync(file).isFile() ? readFileSync(file, "utf8") : "";
  } catch {
    // Not there: it moves nothing.
    return "";
  }
}
