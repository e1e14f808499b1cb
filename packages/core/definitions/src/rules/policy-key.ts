import type { ErrorStrategy, PipelinePolicy, RetryPolicy, StepCondition, StepPolicy } from "@millrace/protocols";

/** One key of a policy. */
interface PolicyKey {
  /** Name in the typed builder. */
  readonly builder: string;
  /** Shorter name on the wire, which also takes text such as `"10m"`. Only durations have one. */
  readonly duration?: string;
}

type KeyTable<T> = { readonly [K in keyof Required<T>]: PolicyKey };

/** Keys of a retry policy: wire name to builder name. */
export const retryKeys: KeyTable<RetryPolicy> = {
  attempts: { builder: "attempts" },
  base_ms: { builder: "base", duration: "base" },
  factor: { builder: "factor" },
  cap_ms: { builder: "cap", duration: "cap" },
  jitter: { builder: "jitter" },
};

/** Keys of a step's policy: wire name to builder name. */
export const stepPolicyKeys: KeyTable<StepPolicy> = {
  retry: { builder: "retry" },
  timeout_ms: { builder: "timeout", duration: "timeout" },
  on_error: { builder: "onError" },
  condition: { builder: "condition" },
  materialize: { builder: "materialize" },
  optional_inputs: { builder: "optionalInputs" },
  columns: { builder: "columns" },
};

/** Keys of a pipeline's policy: wire name to builder name. */
export const pipelinePolicyKeys: KeyTable<PipelinePolicy> = {
  retry: { builder: "retry" },
  timeout_ms: { builder: "timeout", duration: "timeout" },
  step_timeout_ms: { builder: "stepTimeout", duration: "step_timeout" },
  on_error: { builder: "onError" },
  workers: { builder: "workers" },
  level_barrier: { builder: "levelBarrier" },
  require_guarantee: { builder: "requireGuarantee" },
};

/** Every key that an author may write on the wire, short names of durations included. */
export function wireKeysOf(table: Readonly<Record<string, PolicyKey>>): readonly string[] {
  return Object.entries(table).flatMap(([wire, { duration }]) => (duration === undefined ? [wire] : [wire, duration]));
}

/** Retry in the typed builder. */
export interface BuilderRetry extends Omit<RetryPolicy, "base_ms" | "cap_ms"> {
  /** Pause before the second attempt: `"1s"`, or milliseconds. @defaultValue "1s" */
  readonly base?: string | number;
  /** Longest pause. @defaultValue "60s" */
  readonly cap?: string | number;
}

/** Policy of a step in the typed builder. */
export interface BuilderPolicy {
  /** A number is `attempts`. */
  readonly retry?: number | BuilderRetry;
  /** Longest time of one attempt: `"10m"`, or milliseconds. */
  readonly timeout?: string | number;
  readonly onError?: ErrorStrategy;
  readonly condition?: StepCondition;
  readonly materialize?: "auto" | "always" | "never";
  readonly optionalInputs?: readonly string[];
  /** Declared columns: name to SQL type, `!` for never null. */
  readonly columns?: Readonly<Record<string, string>>;
}

/** Policy of a pipeline in the typed builder. */
export interface BuilderPipelinePolicy {
  readonly retry?: number | BuilderRetry;
  /** Longest time of a run. */
  readonly timeout?: string | number;
  /** Longest time of one attempt of a step. */
  readonly stepTimeout?: string | number;
  readonly onError?: ErrorStrategy;
  readonly workers?: number;
  readonly levelBarrier?: boolean;
  readonly requireGuarantee?: NonNullable<PipelinePolicy["require_guarantee"]>;
}

/**
 * A policy of the builder in the wire's names, as a row has it. Values are not looked at: `normalizeSpec` does that, with all
 * other findings, and reports keys that are not in the table.
 */
export function lowerPolicy(policy: BuilderPolicy): Readonly<Record<string, unknown>> {
  return lower({ ...policy }, stepPolicyKeys);
}

/** A pipeline's policy of the builder in the wire's names. */
export function lowerPipelinePolicy(policy: BuilderPipelinePolicy): Readonly<Record<string, unknown>> {
  return lower({ ...policy }, pipelinePolicyKeys);
}

function lower(
  policy: Readonly<Record<string, unknown>>,
  table: Readonly<Record<string, PolicyKey>>,
): Readonly<Record<string, unknown>> {
  const names = new Map(Object.entries(table).map(([wire, { builder, duration }]) => [builder, duration ?? wire]));
  return Object.fromEntries(
    Object.entries(policy)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [names.get(key) ?? key, value]),
  );
}
