import { duckdb } from "@millrace/duckdb";
import { files } from "@millrace/files";
import { createRuntime as createPlainRuntime } from "@millrace/sdk";
import type { Runtime, RuntimeOptions as PlainRuntimeOptions } from "@millrace/sdk";

/** What a runtime is made of. DuckDB and files are there without being passed. */
export interface RuntimeOptions extends Omit<PlainRuntimeOptions, "compute"> {
  /** What computes. @defaultValue DuckDB in this process */
  readonly compute?: PlainRuntimeOptions["compute"];
}

/**
 * Makes a runtime with DuckDB and files. Opens nothing before it is needed.
 *
 * Each statement that DuckDB runs occupies one thread of Node's pool, which has 4: start the process with
 * `UV_THREADPOOL_SIZE` of at least `workers + 4`, or files are read only between statements.
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  return createPlainRuntime(withDefaults(options));
}

/** The options with DuckDB and files in them. An adapter that is passed serves its schemes instead of these. @internal */
export function withDefaults(options: RuntimeOptions): PlainRuntimeOptions {
  return { ...options, compute: options.compute ?? [duckdb()], adapters: [...(options.adapters ?? []), files()] };
}
