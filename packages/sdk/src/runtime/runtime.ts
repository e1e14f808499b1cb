import type { DatasetStore, Issue, JsonObject, RunEvent, Sample } from "@millrace/protocols";
import type { RunStore } from "@millrace/state";
import type { Dataset } from "../builder/dataset.ts";
import type { Pipeline } from "../builder/pipeline.ts";
import type { StepNames } from "../builder/register.ts";
import type { Input } from "../builder/step-function.ts";
import type { LoadedCode } from "../module/load-module.ts";
import type { Fixtures, TestedRow, StepTestResult } from "../testing/test-step.ts";
import type { AugmentedModule } from "../types/environment-text.ts";
import type { TypesResult } from "../types/pipeline-types.ts";
import type { PlannedPipeline, PlanSettings } from "./plan-pipeline.ts";
import type { Run } from "./run.ts";
import type { Binding, BindSettings } from "./workspace.ts";

/** A pipeline, the path of a file that holds one, or one that was loaded already. */
export type PipelineSource = string | Pipeline | LoadedCode;

/** How a plan is executed. */
export interface ExecuteOptions {
  /** @defaultValue a new UUIDv7 */
  readonly runId?: string;
  /** Stops before the next group; what runs is finished. */
  readonly signal?: AbortSignal;
  /** Stops at once, inside running queries. */
  readonly immediate?: AbortSignal;
  /** Is told of every event of this run, in its wire form. */
  readonly onEvent?: (event: RunEvent) => void | Promise<void>;
  /** Goes into every log line, event and record. @defaultValue that of the caller's context, else the run's id */
  readonly correlationId?: string;
}

/** How a pipeline runs. */
export interface RunSettings extends Omit<PlanSettings, "sources" | "allowMissingParams">, ExecuteOptions {}

/** Settings of a run whose parameters all have defaults. */
export interface OpenRunSettings<In> extends Omit<RunSettings, "params"> {
  readonly params?: In;
}

/** Settings of a run that needs parameters. */
export interface TypedRunSettings<In> extends Omit<RunSettings, "params"> {
  readonly params: In;
}

/** What `run` takes after the pipeline: settings may be left out where no parameter is needed. */
export type RunArguments<In> =
  Record<string, never> extends In ? [settings?: OpenRunSettings<In>] : [settings: TypedRunSettings<In>];

/** How first rows are read. */
export interface PreviewOptions extends Omit<PlanSettings, "select" | "exclude"> {
  /** @defaultValue 20 */
  readonly rows?: number;
  readonly signal?: AbortSignal;
}

/** How a question is asked. */
export interface QueryOptions {
  /** @defaultValue 1000 */
  readonly rows?: number;
  /** Pipelines whose datasets are computed where none is committed. */
  readonly pipelines?: readonly PipelineSource[];
  readonly signal?: AbortSignal;
}

/** What is known of a step test beside its fixtures. */
export interface StepTestOptions {
  readonly params?: JsonObject;
  readonly at?: Date | string;
}

/** How types are generated. */
export interface TypesOptions {
  /** Reads sources again instead of trusting the lock. @defaultValue false */
  readonly refresh?: boolean;
  /** Package that the project imports. @defaultValue "millrace" */
  readonly module?: AugmentedModule;
}

/**
 * Loads, binds, plans and runs pipelines with the computes and adapters that it was given. Holds compute sessions:
 * dispose it, or write `await using`.
 */
export interface Runtime extends AsyncDisposable {
  readonly projectRoot: string;
  readonly stateDir: string;
  /** Committed versions of datasets. */
  readonly datasets: DatasetStore;
  /** Folders of runs. */
  readonly runs: RunStore;

  /** Reads a pipeline from a file, or completes one of this process. What an author can mend comes back as issues. */
  load(pipeline: PipelineSource): Promise<LoadedCode>;

  /** Finds columns and types of every step, without reading data. */
  bind(pipeline: PipelineSource, settings?: BindSettings): Promise<Binding>;

  /** Takes every decision of a run, without effect. Dispose the plan, or `execute` it. */
  plan(pipeline: PipelineSource, settings?: PlanSettings): Promise<PlannedPipeline>;

  /** Everything that can be said of a pipeline before it runs; offline where the lock knows its sources. */
  validate(pipeline: PipelineSource, settings?: PlanSettings): Promise<readonly Issue[]>;

  /**
   * Runs a pipeline and resolves with its state, failure included.
   *
   * @throws MillraceError where it cannot run as it is written: the first finding, with all of them as `issues`.
   */
  run<N extends string, In, O>(pipeline: Pipeline<N, In, O>, ...settings: RunArguments<NoInfer<In>>): Promise<Run<O>>;
  run(pipeline: string | LoadedCode, settings?: RunSettings): Promise<Run<Readonly<Record<string, Dataset>>>>;

  /** Runs a plan, and disposes it. */
  execute(planned: PlannedPipeline, options?: ExecuteOptions): Promise<Run<Readonly<Record<string, Dataset>>>>;

  /** First rows of a step, computed from its sources; nothing outside a scratch folder is written. */
  preview(pipeline: PipelineSource, step: string, options?: PreviewOptions): Promise<Sample>;

  /** Answers a SELECT over committed datasets: `select * from orders.daily`. */
  query(sql: string, options?: QueryOptions): Promise<Sample>;

  /** The committed version of a dataset, as `orders.daily`. @throws MillraceError `DATASET_UNKNOWN` */
  dataset(name: string): Promise<Input<unknown>>;

  /** Runs one step over fixture rows and nothing else of its pipeline. */
  testStep<N extends string, In, O, const S extends StepNames<N>>(
    pipeline: Pipeline<N, In, O>,
    step: S,
    fixtures: Fixtures<N, S>,
    options?: StepTestOptions,
  ): Promise<StepTestResult<TestedRow<N, S>>>;

  /** Columns of every step as TypeScript, and the lock of their sources. Writes nothing. */
  types(pipelines: readonly PipelineSource[], options?: TypesOptions): Promise<TypesResult>;
}
