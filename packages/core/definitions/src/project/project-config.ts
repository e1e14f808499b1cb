/**
 * The configuration of a project, from its six sources:
 *
 *   defaults → file → environments.<env> → .env → MILLRACE_* → flags        the last one that has a key wins
 *
 * Of each key the winner is resolved (`${env.NAME}`) and parsed; what lost, and environments that are not used, are checked as far
 * as they can be without.
 */
import { basename, resolve } from "node:path";
import type { EngineName, Issue, JsonObject, JsonValue, Observe } from "@millrace/protocols";
import { listNames, toIssue } from "../finding.ts";
import type { Finding, Locate } from "../finding.ts";
import type { VariableLookup } from "../rules/reference.ts";
import type { ConfigName, ConfigValues, LogLevel } from "./config-key.ts";
import {
  checkVariableNames,
  defaultLayer,
  environmentsOf,
  layerOfFlags,
  layerOfVariables,
  layersOfFile,
  readConfigFile,
  readDotEnv,
} from "./config-layer.ts";
import type { ConfigFile, Variables } from "./config-layer.ts";
import { explainSetting, resolveSettings } from "./config-setting.ts";
import type { ConfigSetting, Setting } from "./config-setting.ts";
import { findConfigFiles } from "./project-root.ts";

/** What a configuration is read from. */
export interface ProjectConfigOptions {
  /** Environment variables of the process. */
  readonly env?: Variables;
  /** Configuration file, instead of the one in the project root. */
  readonly file?: string;
  /** Which of `environments` is laid over the file. @defaultValue the variable MILLRACE_ENV */
  readonly environment?: string;
  /** Values of flags, by key. */
  readonly flags?: Readonly<Partial<Record<ConfigName, JsonValue>>>;
  /** Imports a configuration module and gives its default export. */
  readonly loadModule?: (file: string) => Promise<unknown>;
}

/** Configuration of a project, complete. Paths are absolute. */
export interface ProjectConfig {
  readonly root: string;
  readonly environment?: string;
  readonly stateDir: string;
  readonly pipelinesDir: string;
  readonly engine: EngineName;
  readonly memoryBytes?: number;
  /** Groups that run at the same time. */
  readonly workers: number;
  /** Threads of the compute. */
  readonly threads?: number;
  readonly logLevel: LogLevel;
  readonly observe: Observe;
  /** Longest time of a run. */
  readonly timeoutMs?: number;
  /** Folder or URI under which relative targets of steps are written. */
  readonly targets?: string;
  /** Values for parameters of pipelines that have them. */
  readonly params: JsonObject;
  readonly secrets: { readonly allowShort: readonly string[] };
}

/** A configuration with what is needed to explain it. */
export interface LoadedProjectConfig {
  /** Undefined where an issue of severity `error` was found. */
  readonly config: ProjectConfig | undefined;
  readonly issues: readonly Issue[];
  readonly settings: readonly ConfigSetting[];
  /** Files that were read, absolute. */
  readonly files: readonly string[];
  /** Code of a configuration module: `compute`, `adapters`, `stores`, `functions`, `hooks`, `handlers`. */
  readonly extensions: Readonly<Record<string, unknown>>;
  /** Variables of the process, then of `.env`; empty ones are unset. */
  readonly variables: VariableLookup;
  /** Text of a file, for frames. */
  text(file: string): string | undefined;
}

/** Reads the configuration of the project at `root`. Everything wrong with it is an issue; only a module can throw. */
export async function loadProjectConfig(
  root: string,
  options: ProjectConfigOptions = {},
): Promise<LoadedProjectConfig> {
  const { env = {} } = options;
  const findings: Finding[] = [];
  const report = (finding: Finding): void => void findings.push(finding);
  const dotEnv = await readDotEnv(root);
  if (dotEnv.finding !== undefined) report(dotEnv.finding);
  const variables: VariableLookup = (name) => valueOf(env, name) ?? valueOf(dotEnv.variables, name);
  const environment = options.environment ?? variables("MILLRACE_ENV");
  const configFile = await openConfigFile(root, options, report);
  const fromFile = configFile === undefined ? undefined : layersOfFile(configFile, environment, report);
  const locate: Locate = (path, request) => configFile?.document.locate(path, request);
  checkEnvironment(environment, configFile, report);
  checkVariableNames({ ...dotEnv.variables, ...env }, report);
  const layers = [
    defaultLayer(),
    ...(fromFile?.layers ?? []),
    layerOfVariables(dotEnv.variables, ".env"),
    layerOfVariables(env, "variable"),
    layerOfFlags(options.flags ?? {}),
  ];
  const settings = resolveSettings(layers, { unused: fromFile?.unused ?? [], variables, locate, report });
  const issues = findings.map((finding) => toIssue(finding, locate));
  const broken = issues.some(({ severity }) => severity === "error");
  return {
    config: broken ? undefined : toConfig(root, environment, settings),
    issues,
    settings: settings.flatMap((setting) => explainSetting(setting, locate)),
    files: [...(configFile === undefined ? [] : [configFile.file]), ...(dotEnv.present ? [dotEnv.file] : [])],
    extensions: fromFile?.extensions ?? {},
    variables,
    text: (file) => configFile?.document.text(file),
  };
}

function valueOf(variables: Variables, name: string): string | undefined {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return value === "" ? undefined : value;
}

async function openConfigFile(
  root: string,
  options: ProjectConfigOptions,
  report: (finding: Finding) => void,
): Promise<ConfigFile | undefined> {
  const found = options.file === undefined ? await findConfigFiles(root) : [resolve(options.file)];
  const [file, ...others] = found;
  if (file === undefined) return undefined;
  if (others.length > 0)
    report({
      code: "CONFIG_FILE_INVALID",
      message: `${root} has more than one configuration: ${listNames(found.map((path) => basename(path)))}. Keep one.`,
      path: [],
      place: { position: { file } },
    });
  const configFile = await readConfigFile(file, options.loadModule);
  for (const finding of configFile.document.findings) report(finding);
  return configFile;
}

/** A run must never take the targets of another environment because of a slip. */
function checkEnvironment(
  environment: string | undefined,
  file: ConfigFile | undefined,
  report: (finding: Finding) => void,
): void {
  const known = file === undefined ? [] : environmentsOf(file);
  if (environment === undefined || known.includes(environment)) return;
  report({
    code: "CONFIG_FILE_INVALID",
    message: `The environment "${environment}" is not configured. Known: ${listNames(known)}.`,
    path: known.length === 0 ? [] : ["environments"],
    expected: `one of ${listNames(known)}`,
    received: environment,
  });
}

function toConfig(root: string, environment: string | undefined, settings: readonly Setting[]): ProjectConfig {
  const values = Object.fromEntries(
    settings.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
  const { stateDir, pipelinesDir, memory, timeout, ...rest } = values as unknown as ConfigValues;
  return Object.freeze({
    root,
    ...(environment === undefined ? {} : { environment }),
    ...rest,
    stateDir: resolve(root, stateDir),
    pipelinesDir: resolve(root, pipelinesDir),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
  });
}
