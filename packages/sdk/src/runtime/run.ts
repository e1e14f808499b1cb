import { MillraceError } from "@millrace/foundation";
import type { ErrorJson, RunRecord, RunState, StepRecord } from "@millrace/protocols";
import type { Dataset } from "../builder/dataset.ts";
import type { Input } from "../builder/step-function.ts";

/** The outputs of a run, typed as the pipeline returned them. */
export type RunOutputs<O> = { readonly [K in keyof O]: O[K] extends Dataset<infer C> ? Input<C> : never };

/** What happened to a step. */
export interface RunStep {
  readonly name: string;
  /** What the wire calls `layer`. */
  readonly kind: StepRecord["layer"];
  readonly type: string;
  readonly state: StepRecord["state"];
  readonly origin: StepRecord["origin"];
  readonly attempts: number;
  /** Undefined where it never started. */
  readonly durationMs: number | undefined;
  /** Rows that it gave or wrote. Undefined where they were not counted. */
  readonly rows: number | undefined;
  /** A consumer may have cut the count short. */
  readonly rowsAtLeast: boolean;
  /** Where it wrote to, as the author wrote it. */
  readonly target: string | undefined;
  readonly bytesWritten: number | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly skippedBecause: string | undefined;
}

/** A run that has ended. */
export interface Run<O = unknown> {
  readonly id: string;
  readonly state: RunState;
  /** What happened to each step, in the order of the definition. */
  readonly steps: readonly RunStep[];
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
    steps: record.steps.map(toRunStep),
    outputs: Object.fromEntries(
      Object.entries(returned).map(([output, dataset]) => [output, read(dataset)]),
    ) as Run["outputs"],
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

function toRunStep(record: StepRecord): RunStep {
  const { name, layer, type, state, origin, attempts, rows, target, error } = record;
  return {
    name,
    kind: layer,
    type,
    state,
    origin,
    attempts,
    durationMs: record.duration_ms,
    rows: rows?.rows,
    rowsAtLeast: rows?.at_least ?? false,
    target,
    bytesWritten: record.bytes_written,
    error: error === undefined ? undefined : { code: error.code, message: error.message },
    skippedBecause: record.skipped_because,
  };
}

/** What failed first in a run that did not succeed. @internal */
export function toRunError(record: RunRecord): MillraceError {
  const failed = record.steps.find((step) => step.error !== undefined);
  const error = record.error ?? failed?.error;
  const where = { run_id: record.run_id, state: record.state, ...(failed === undefined ? {} : { step: failed.name }) };
  if (error !== undefined) return fromJson(error, where);
  return new MillraceError({
    code:
      record.state === "cancelled"
        ? "RUN_CANCELLED"
        : record.state === "timed_out"
          ? "RUN_TIMEOUT"
          : "ENGINE_STEP_FAILED",
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
