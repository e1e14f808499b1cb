import type { Adapter, ComputeEngine, EngineName, JsonObject, Observe, StepHandler } from "@millrace/protocols";
import type { PipelineHooks } from "./builder/events.ts";
import type { FunctionRegistry, FunctionTree } from "./runtime/function-registry.ts";

/** Settings of a project, as its configuration file and each of its environments has them. */
export interface ConfigSettings {
  /** Folder of committed datasets and runs. @defaultValue ".millrace" */
  readonly stateDir?: string;
  /** Folder in which commands look for pipelines. @defaultValue "pipelines" */
  readonly pipelinesDir?: string;
  /** What runs steps; `pandas` is an alias of `duckdb`. @defaultValue "duckdb" */
  readonly engine?: EngineName | "pandas";
  /** Budget of a run's process: `"2GB"`, or bytes. */
  readonly memory?: string | number;
  /** Groups that run at the same time. @defaultValue 4 */
  readonly workers?: number;
  /** Threads of the compute. @defaultValue all cores */
  readonly threads?: number;
  /** @defaultValue "info" */
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "silent";
  /** How many steps get a row count. @defaultValue "taps" */
  readonly observe?: Observe;
  /** Longest time of a run: `"1h"`, or milliseconds. */
  readonly timeout?: string | number;
  /** Folder or URI below which relative targets are written, so that one environment never writes over another. */
  readonly targets?: string;
  /** Values of parameters for pipelines that declare them. */
  readonly params?: JsonObject;
  readonly secrets?: {
    /** Names whose value may have fewer than 8 characters. */
    readonly allowShort?: readonly string[];
  };
}

/** Configuration of a project: `millrace.config.ts` exports it by default. */
export interface MillraceConfig extends ConfigSettings {
  /** What computes. @defaultValue DuckDB */
  readonly compute?: readonly ComputeEngine[];
  /** What reaches outside systems, beside files. */
  readonly adapters?: readonly Adapter[];
  /** Step types of one's own. */
  readonly handlers?: readonly StepHandler[];
  /** Functions that steps name. */
  readonly functions?: FunctionRegistry | FunctionTree;
  /** Functions that are told of the events of every run. */
  readonly hooks?: PipelineHooks;
  /** Settings laid over these: `--env prod`, or the variable MILLRACE_ENV. */
  readonly environments?: Readonly<Record<string, ConfigSettings>>;
}

/**
 * The configuration itself, checked by the compiler while it is written.
 *
 * @example
 * ```ts no-run
 * export default defineConfig({ workers: 2, environments: { prod: { targets: "/data/prod", memory: "8GB" } } });
 * ```
 */
export function defineConfig(config: MillraceConfig): MillraceConfig {
  return config;
}
