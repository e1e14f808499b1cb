import type { ParamSpec, PipelinePolicy } from "@millrace/protocols";
import { captureCallSite } from "./call-site.ts";
import type { Dataset } from "./dataset.ts";
import type { PipelineDefinition } from "./draft.ts";
import { createPipeline } from "./pipeline.ts";
import type { Pipeline } from "./pipeline.ts";

/**
 * A step as rows of configuration have it: the seed's nine fields, all but `name` optional.
 *
 * **Source** ODIBI CORE 1.1.0 `Step` and `ConfigLoader`: layer `transform`, type `config_op`, engine `pandas` are the defaults.
 */
export interface StepRow {
  readonly name: string;
  readonly layer?: "connect" | "ingest" | "transform" | "store" | "publish";
  readonly type?: string;
  /** `pandas` is an alias of `duckdb`. */
  readonly engine?: string;
  readonly value?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What a pipeline of rows may be told, as a file of rows would. */
export interface RowsOptions {
  readonly description?: string;
  readonly params?: Readonly<Record<string, ParamSpec>>;
  readonly policy?: PipelinePolicy;
  /** Datasets that a run gives as `outputs`; the others are in `dataMap`. @defaultValue none */
  readonly returns?: readonly string[];
}

/** Values of parameters that rows declare: anything that JSON holds. */
export type RowParams = Readonly<Record<string, unknown>>;

/** Outputs of rows: any name that `returns` has, with loose rows. */
export type RowOutputs = Readonly<Record<string, Dataset>>;

/**
 * Defines a pipeline by rows of configuration, as JSON files and tables have them. Gives the same spec as the builder.
 *
 * @example
 * ```ts no-run
 * fromSteps("legacy", [{ layer: "ingest", name: "read_csv", value: "data/in.csv", outputs: { data: "raw_data" } }]);
 * ```
 */
export function fromSteps<const N extends string>(
  name: N,
  rows: readonly StepRow[],
  options: RowsOptions = {},
): Pipeline<N, RowParams, RowOutputs> {
  const site = captureCallSite(fromSteps);
  const { params = {}, description, returns = [], policy = {} } = options;
  const definition: PipelineDefinition = {
    form: "rows",
    document: {
      name,
      ...(description === undefined ? {} : { description }),
      steps: rows,
      params,
      policy,
      returns,
    },
    site,
    origins: rows.map(() => ({ site })),
    functions: new Map(),
    outputs: Object.fromEntries(returns.map((dataset) => [dataset, dataset])),
    issues: [],
  };
  const made = createPipeline(definition, { outputs: {}, rebuild: () => definition });
  return made as Pipeline<N, RowParams, RowOutputs>;
}
