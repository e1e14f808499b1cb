import { MillraceError } from "@millrace/foundation";
import type { ErrorJson, RunRecord, RunState, StepRecord } from "@millrace/protocols";
import type { Dataset } from "../builder/dataset.ts";
import type { Input } from "../builder/step-function.ts";

/** The outputs of a run, typed as the pipeline returned them. */
export type RunOutputs<O> = { readonly [K in keyof O]: O[K] extends Dataset<infer C> ? Input<C> : never };

/** A run that has ended. */
export interface Run<O = unknown> {
  readonly id: string;
  readonly state: RunState;
  /** What happened to each step, in the order of the definition. */
  readonly steps: readonly StepRecord[];
  /** What the pipeline returned. Reading one that was not produced fails with `DATASET_NOT_PRODUCED`. */
  readonly outputs: RunOutputs<O>;
  /** Every dataset that the run produced, by its key. One that ran inside a query is computed again when it is read. */
  readonly dataMap: ReadonlyMap<string, Input<unknown>>;
  /** The record of the run, as `run.json` has it. */
  readonly record: RunRecord;
  /** Folder of the run: `run.json`, `plan.json`, events and log. */
  readonly folder: string;
  /** The run itself where it succeeded or ended with a warning. @throws MillraceError what failed first. */
  orThrow(): Run<O>;
}

/** What a run facade is made of. @internal */
export interface RunParts {
  readonly record: RunRecord;
  readonly folder: string;
  /** Dataset key of each returned dataset. */
  readonly returned: Readonly<Record<string, string>>;
  /** Datasets of the pipeline, in order, with the step that produces each. */
  readonly datasets: ReadonlyMap<string, string>;
  readonly read: (dataset: string) => Input<unknown>;
}

/** @internal */
export function createRun(parts: RunParts): Run {
  const { record, folder, returned, datasets, read } = parts;
  const states = new Map(record.steps.map(({ name, state }) => [name, state]));
  const produced = [...datasets].filter(([, step]) => states.get(step) === "success").map(([dataset]) => dataset);
  const run: Run = {
    id: record.run_id,
    state: record.state,
    steps: record.steps,
    outputs: Object.fromEntries(Object.entries(returned).map(([output, dataset]) => [output, read(dataset)])) as Run["outputs"],
    dataMap: new Map(produced.map((dataset) => [dataset, read(dataset)])),
    record,
    folder,
    orThrow() {
      if (record.state === "success" || record.state === "warning") return run;
      throw toRunError(record);
    },
  };
  return run;
}

/** What failed first in a run that did not succeed. @internal */
export function toRunError(record: RunRecord): MillraceError {
  const failed = record.steps.find((step) => step.error !== undefined);
  const error = record.error ?? failed?.error;
  const where = { run_id: record.run_id, state: record.state, ...(failed === undefined ? {} : { step: failed.name }) };
  if (error !== undefined) return fromJson(error, where);
  return new MillraceError({
    code: record.state === "cancelled" ? "RUN_CANCELLED" : record.state === "timed_out" ? "RUN_TIMEOUT" : "ENGINE_STEP_FAILED",
    fault: "caller",
    message: `Run ${record.run_id} of "${record.pipeline}" ended as ${record.state}.`,
    context: where,
  });
}

function fromJson(error: ErrorJson, context: object = {}): MillraceError {
  return new MillraceError({
    code: error.code,
    fault: error.fault,
    failureClass: error.failure_class,
    message: error.message,
    context: { ...error.context, ...context },
    ...(error.issues === undefined ? {} : { issues: error.issues }),
    ...(error.cause === undefined ? {} : { cause: fromJson(error.cause) }),
  });
}
