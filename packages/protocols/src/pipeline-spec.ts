import type { JsonObject, JsonValue } from "./json.ts";

/** What a step is. The seed's word `layer` stays on the wire; people read `kind`. */
export type Layer = "connect" | "ingest" | "transform" | "store" | "publish";

/** Built-in step types. A `StepHandler` may register further ones for a layer. */
export type StepType = "sql" | "function" | "config_op" | "api";

/** What computes. `pandas` in rows is an alias of `duckdb`. */
export type EngineName = "duckdb" | "spark";

/** Medallion stage of the dataset that a step produces. */
export type Medallion = "bronze" | "silver" | "gold";

/** What happens to the rest of a run when a step fails. */
export type ErrorStrategy = "fail_fast" | "fail_later" | "ignore";

/** Retry of one query group, code step or sink. Only errors of class `retryable` are retried. */
export interface RetryPolicy {
  /** Attempts in all. Range 1–100. @defaultValue 3 */
  readonly attempts?: number;
  /** Pause before the second attempt, milliseconds; doubled by `factor` each time. @defaultValue 1000 */
  readonly base_ms?: number;
  /** Growth of the pause. @defaultValue 2 */
  readonly factor?: number;
  /** Longest pause, milliseconds. @defaultValue 60000 */
  readonly cap_ms?: number;
  /** `full`: each pause is uniform between 0 and the computed one. @defaultValue "full" */
  readonly jitter?: "full" | "none";
}

/** Operators of a step condition. */
export type ConditionOperator =
  "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "in" | "not_in" | "matches" | "exists" | "not_exists";

/**
 * Decides before a step starts whether it runs. `field` is `params.<name>`, or `inputs.<logical>.rows` of a
 * dataset that is a boundary. False: the step and its dependants that need it are skipped, and the run still succeeds.
 */
export interface StepCondition {
  readonly field: string;
  readonly operator: ConditionOperator;
  readonly value?: JsonValue;
}

/** What the seed's nine fields cannot say about how a step runs. Wire form, snake_case. */
export interface StepPolicy {
  readonly retry?: RetryPolicy;
  /** Longest time of one attempt, milliseconds. */
  readonly timeout_ms?: number;
  readonly on_error?: ErrorStrategy;
  readonly condition?: StepCondition;
  /** `always`: the dataset becomes a boundary. `never`: refused where a boundary is needed. @defaultValue "auto" */
  readonly materialize?: "auto" | "always" | "never";
  /** Logical names of inputs that may be missing: empty relations of their declared schema. */
  readonly optional_inputs?: readonly string[];
  /** Declared columns: name to SQL type, `!` for never null. */
  readonly columns?: Readonly<Record<string, string>>;
}

/** Words for people about one step, shown by `docs` and the story. */
export interface StepExplanation {
  readonly purpose?: string;
  readonly details?: readonly string[];
  readonly formulas?: Readonly<Record<string, string>>;
  readonly result?: string;
  readonly notes?: readonly string[];
}

/** The ninth field of a step record. Unknown keys are the author's own and pass through. */
export interface StepMetadata {
  readonly policy?: StepPolicy;
  readonly explain?: StepExplanation;
  readonly tags?: readonly string[];
  readonly medallion?: Medallion;
  readonly description?: string;
  readonly [key: string]: unknown;
}

/**
 * One step: the seed's record (ODIBI CORE 1.1.0 `Step`, nine fields). Names of fields are the wire's.
 *
 * `value` by layer: connection URI, source path or URI, SQL text or function name, target path, target endpoint.
 * `inputs` maps logical names to dataset keys, `outputs` logical names to the dataset keys that the step produces.
 */
export interface StepSpec {
  readonly layer: Layer;
  readonly name: string;
  readonly type: string;
  readonly engine: EngineName;
  readonly value: string;
  readonly params: JsonObject;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly metadata: StepMetadata;
}

/** A parameter of a pipeline. */
export interface ParamSpec {
  /** SQL type that a value is cast to, such as `DATE`. Without it the type follows from the value. */
  readonly type?: string;
  readonly default?: JsonValue;
  readonly description?: string;
}

/** Defaults of all steps of a pipeline, and the limits of a run. */
export interface PipelinePolicy {
  readonly retry?: RetryPolicy;
  /** Longest time of a run, milliseconds. */
  readonly timeout_ms?: number;
  /** Longest time of one attempt of a step, milliseconds. */
  readonly step_timeout_ms?: number;
  readonly on_error?: ErrorStrategy;
  /** Groups that run at the same time. @defaultValue 4 */
  readonly workers?: number;
  /** Levels start only when the level before is done. @defaultValue false */
  readonly level_barrier?: boolean;
  /** A sink with a weaker guarantee is an error. */
  readonly require_guarantee?: "transactional" | "atomic-replace" | "idempotent-key" | "at-least-once";
}

/** The only form of a pipeline past `definitions` and `sdk`: typed code and rows give equal specs. */
export interface PipelineSpec {
  readonly name: string;
  readonly steps: readonly StepSpec[];
  readonly params: Readonly<Record<string, ParamSpec>>;
  readonly policy: PipelinePolicy;
  /** Dataset keys that `run()` returns and other pipelines may use. Each is materialised. */
  readonly returns: readonly string[];
  readonly description?: string;
}

/** A place in a file that an author wrote. Line and column count from 1, in UTF-16 code units. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}
