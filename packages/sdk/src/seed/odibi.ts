import type { Issue, JsonObject } from "@millrace/protocols";
import { TerminalError } from "@millrace/foundation";
import { loadPipelineFile } from "../module/load-module.ts";
import type { Run } from "../runtime/run.ts";
import { readMillraceVersion } from "../runtime/versions.ts";
import type { EngineContext } from "./engine-context.ts";

/** How a configuration runs. */
export interface OdibiRunOptions {
  /** `pandas` is an alias of `duckdb`. @defaultValue "pandas" */
  readonly engine?: string;
  /** Nodes that run at the same time. @defaultValue 4 */
  readonly workers?: number;
  readonly params?: JsonObject;
}

/** A run with the context that its datasets are read in: dispose it, or write `await using`. */
export interface OdibiRun extends Run, AsyncDisposable {}

/** What the seed's validator says of a configuration. */
export interface OdibiValidation {
  /** No errors; with `strict`, no warnings either. */
  readonly valid: boolean;
  readonly issues: readonly Issue[];
}

/** A pipeline from a configuration file, set up call by call. */
export interface ConfiguredPipeline {
  setEngine(engine: string): ConfiguredPipeline;
  setWorkers(workers: number): ConfiguredPipeline;
  setParams(params: JsonObject): ConfiguredPipeline;
  /** Runs it and resolves with what came of it, failure included. */
  execute(): Promise<OdibiRun>;
}

/** The seed's two entries to running a configuration. */
export interface Odibi {
  /** `Pipeline.fromConfig("orders.json").setEngine("pandas").execute()` */
  readonly Pipeline: { fromConfig(path: string): ConfiguredPipeline };
  readonly ODIBI: {
    run(path: string, options?: OdibiRunOptions): Promise<OdibiRun>;
    validate(path: string, options?: { readonly strict?: boolean }): Promise<OdibiValidation>;
    version(): Promise<string>;
  };
}

/** Makes the seed's entries. @param contexts - Opens the context of an engine, by the engine's name: `pandas`, `duckdb`. */
export function createOdibi(contexts: Readonly<Record<string, () => EngineContext>>): Odibi {
  const run = async (path: string, { engine = "pandas", workers, params }: OdibiRunOptions = {}): Promise<OdibiRun> => {
    const open = Object.hasOwn(contexts, engine) ? contexts[engine] : undefined;
    if (open === undefined) {
      throw new TerminalError({
        code: "ENGINE_UNKNOWN",
        fault: "config",
        message: `No engine "${engine}" is configured; there is ${Object.keys(contexts).join(", ")}.`,
        context: { engine },
      });
    }
    const context = open();
    try {
      const runtime = await context.runtime();
      const settings = { ...(workers === undefined ? {} : { workers }), ...(params === undefined ? {} : { params }) };
      return { ...(await runtime.run(path, settings)), [Symbol.asyncDispose]: () => context[Symbol.asyncDispose]() };
    } catch (error) {
      await context[Symbol.asyncDispose]();
      throw error;
    }
  };
  const configure = (path: string, options: OdibiRunOptions): ConfiguredPipeline => ({
    setEngine: (engine) => configure(path, { ...options, engine }),
    setWorkers: (workers) => configure(path, { ...options, workers }),
    setParams: (params) => configure(path, { ...options, params }),
    execute: () => run(path, options),
  });
  return {
    Pipeline: { fromConfig: (path) => configure(path, {}) },
    ODIBI: {
      run,
      async validate(path, { strict = false } = {}) {
        const { issues } = await loadPipelineFile(path);
        const valid = !issues.some(({ severity }) => severity === "error" || (strict && severity === "warning"));
        return { valid, issues };
      },
      version: readMillraceVersion,
    },
  };
}
