// The project around a command: its root, its configuration, and what is wrong with it.
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MillraceError, TerminalError } from "@millrace/foundation";
import {
  findProjectRoot,
  loadProjectConfig,
  type ConfigName,
  type LoadedProjectConfig,
  type ProjectConfig,
} from "@millrace/definitions";
import type { JsonValue } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import { quoteArgument } from "../command-line/usage-error.ts";
import { registerOwnPackages } from "./module-resolution.ts";
import { resolveWorkingFolder } from "./working-folder.ts";

/** A project with a configuration that can be used. */
export interface Project {
  readonly root: string;
  readonly workingFolder: string;
  readonly config: ProjectConfig;
  readonly loaded: LoadedProjectConfig;
}

/** Flags that set keys of the configuration. */
const flagsOfKeys: readonly (readonly [flag: string, key: ConfigName])[] = [
  ["state-dir", "stateDir"],
  ["engine", "engine"],
  ["memory", "memory"],
  ["workers", "workers"],
  ["threads", "threads"],
  ["log-level", "logLevel"],
  ["observe", "observe"],
  ["timeout", "timeout"],
];

/** The folder in which a project is looked for: that of the pipeline file that was named, else the working folder. */
export async function findRoot(
  context: CommandContext,
  named?: string,
): Promise<{ readonly root: string; readonly workingFolder: string }> {
  const workingFolder = resolveWorkingFolder(context.io);
  const config = configFlag(context);
  if (config !== undefined) return { root: dirname(resolve(workingFolder, config)), workingFolder };
  const from = named === undefined || !/[/\\]/.test(named) ? workingFolder : dirname(resolve(workingFolder, named));
  return { root: await findProjectRoot(from), workingFolder };
}

/** Reads the configuration of the project, issues included. */
export async function loadConfig(
  context: CommandContext,
  root: string,
  workingFolder: string,
): Promise<LoadedProjectConfig> {
  const { io, flags } = context;
  registerOwnPackages();
  const config = configFlag(context);
  if (config !== undefined) checkConfigFile(resolve(workingFolder, config), config);
  const environment = flags.text("env");
  const given: Partial<Record<ConfigName, JsonValue>> = {};
  for (const [flag, key] of flagsOfKeys) {
    const value = flags.text(flag);
    // Paths of flags count from where the person is, those of a file from the project.
    if (value !== undefined) given[key] = flag === "state-dir" ? resolve(workingFolder, value) : value;
  }
  return loadProjectConfig(root, {
    env: io.environment,
    flags: given,
    loadModule: importDefault,
    ...(config === undefined ? {} : { file: resolve(workingFolder, config) }),
    ...(environment === undefined ? {} : { environment }),
  });
}

/**
 * Opens the project of a command.
 *
 * @throws MillraceError `CONFIG_FILE_INVALID` with all issues.
 */
export async function openProject(context: CommandContext, named?: string): Promise<Project> {
  const { root, workingFolder } = await findRoot(context, named);
  return openProjectAt(context, root, workingFolder);
}

/** Opens the project whose root is known. @throws MillraceError `CONFIG_FILE_INVALID` with all issues. */
export async function openProjectAt(context: CommandContext, root: string, workingFolder: string): Promise<Project> {
  const loaded = await loadConfig(context, root, workingFolder);
  if (loaded.config === undefined) {
    throw new MillraceError({
      code: "CONFIG_FILE_INVALID",
      fault: "config",
      message: "The configuration cannot be used.",
      issues: loaded.issues,
    });
  }
  return { root, workingFolder, config: loaded.config, loaded };
}

/** A folder or a pipe would be imported as a module: one fails without a word, the other waits for ever. */
function checkConfigFile(file: string, shown: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  const problem =
    stat === undefined
      ? "does not exist"
      : stat.isFile()
        ? undefined
        : stat.isDirectory()
          ? "is a folder"
          : "is not a regular file";
  if (problem === undefined && /\.([mc]?[jt]s|ya?ml|toml)$/.test(file)) return;
  throw new TerminalError({
    code: "CONFIG_FILE_INVALID",
    fault: "config",
    message: `The configuration ${quoteArgument(shown)} ${problem ?? "is not of a kind that is known: .ts, .js, .yaml or .toml"}.`,
    context: { file },
  });
}

function configFlag({ flags, io }: CommandContext): string | undefined {
  const variable = io.environment["MILLRACE_CONFIG"];
  return flags.text("config") ?? (variable === "" ? undefined : variable);
}

async function importDefault(file: string): Promise<unknown> {
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  return module.default;
}
