import type { JsonObject } from "./json.ts";
import type {
  EngineName,
  Layer,
  Medallion,
  ParamSpec,
  PipelinePolicy,
  RetryPolicy,
  StepExplanation,
  StepPolicy,
} from "./pipeline-spec.ts";

/** Retry as an author writes it: the wire form, with durations as text too. */
export interface RetryRow extends RetryPolicy {
  /** Pause before the second attempt: `"1s"`, or milliseconds. */
  readonly base?: string | number;
  /** Longest pause: `"60s"`, or milliseconds. */
  readonly cap?: string | number;
}

/** Policy of a step as an author writes it: the wire form, with shorter spellings. */
export interface StepPolicyRow extends Omit<StepPolicy, "retry"> {
  /** A number is `attempts`. */
  readonly retry?: number | RetryRow;
  /** Longest time of one attempt: `"10m"`, or milliseconds. */
  readonly timeout?: string | number;
}

/** Policy of a pipeline as an author writes it. */
export interface PipelinePolicyRow extends Omit<PipelinePolicy, "retry"> {
  readonly retry?: number | RetryRow;
  /** Longest time of a run. */
  readonly timeout?: string | number;
  /** Longest time of one attempt of a step. */
  readonly step_timeout?: string | number;
}

/** Metadata of a step as an author writes it. Unknown keys are the author's own. */
export interface StepRowMetadata {
  readonly policy?: StepPolicyRow;
  readonly explain?: StepExplanation;
  readonly tags?: readonly string[];
  readonly medallion?: Medallion;
  readonly description?: string;
  readonly [key: string]: unknown;
}

/**
 * One step as an author writes it in JSON, YAML, a CSV or SQLite row, or `fromSteps`. `StepSpec` is what it becomes.
 *
 * **Source** defaults of ODIBI CORE 1.1.0 `ConfigLoader`: layer `transform`, type `config_op`, engine `pandas`, value `""`.
 */
export interface StepRow {
  readonly layer?: Layer;
  readonly name: string;
  readonly type?: string;
  /** `pandas` is an alias of `duckdb`. */
  readonly engine?: EngineName | "pandas";
  readonly value?: string;
  readonly params?: JsonObject;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly metadata?: StepRowMetadata;
}

/** A pipeline file that is an object. A file that is an array of steps is named by its file. */
export interface PipelineFile {
  /** @defaultValue the name of the file without its extension */
  readonly name?: string;
  readonly description?: string;
  readonly params?: Readonly<Record<string, ParamSpec>>;
  readonly policy?: PipelinePolicyRow;
  readonly returns?: readonly string[];
  readonly steps: readonly StepRow[];
}
