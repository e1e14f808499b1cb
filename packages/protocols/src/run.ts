import type { ColumnsText } from "./column-type.ts";
import type { ErrorJson } from "./error.ts";
import type { Issue } from "./issue.ts";
import type { JsonObject } from "./json.ts";
import type { Layer } from "./pipeline-spec.ts";

/** States of a run and of an execution. `crashed` is what a reader computes from an expired lease. */
export type RunState =
  "pending" | "running" | "success" | "warning" | "partial" | "failed" | "cancelled" | "timed_out" | "crashed";

/** States of a step. */
export type StepState =
  "pending" | "running" | "success" | "failed" | "quarantined" | "cancelled" | "timed_out" | "skipped";

/** How a step came to `success`. */
export type StepOrigin = "run" | "cached" | "restored";

/** One try of one group. */
export interface Attempt {
  readonly group: string;
  readonly steps: readonly string[];
  /** From 1. */
  readonly attempt: number;
  readonly state: "running" | "success" | "failed" | "cancelled" | "timed_out";
  readonly started_at: string;
  readonly ended_at?: string;
  readonly duration_ms?: number;
  readonly error?: ErrorJson;
}

/** Rows of a step. `at_least`: a consumer may have cut the count short. */
export interface RowCount {
  readonly rows: number;
  readonly at_least: boolean;
}

/** What happened to a step. */
export interface StepRecord {
  readonly name: string;
  readonly layer: Layer;
  readonly type: string;
  readonly group: string;
  readonly state: StepState;
  readonly origin: StepOrigin;
  readonly started_at?: string;
  readonly ended_at?: string;
  readonly duration_ms?: number;
  readonly attempts: number;
  /** Rows produced, or rows written for a sink. Undefined where `observe` did not count them. */
  readonly rows?: RowCount;
  /** Rows read, by logical input name; for an ingest under `source`. */
  readonly rows_in?: Readonly<Record<string, RowCount>>;
  readonly rows_rejected?: number;
  readonly columns?: ColumnsText;
  readonly outputs?: readonly string[];
  /** Target of a sink, as the author wrote it. */
  readonly target?: string;
  readonly bytes_written?: number;
  readonly error?: ErrorJson;
  /** Why a step was skipped. */
  readonly skipped_because?: string;
}

/** A dataset that the run committed. */
export interface DatasetRecord {
  readonly dataset: string;
  readonly step: string;
  readonly version: number;
  readonly rows: number;
  readonly columns: ColumnsText;
  readonly durable: boolean;
}

/** One start or resume of a run. */
export interface Execution {
  readonly execution_id: string;
  readonly state: RunState;
  readonly started_at: string;
  readonly ended_at?: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** What a person asked for once, and what came of it. Wire form `millrace.run` version 1, `runs/<id>/run.json`. */
export interface RunRecord {
  readonly schema: "millrace.run";
  readonly version: 1;
  readonly run_id: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly correlation_id: string;
  readonly started_at: string;
  readonly ended_at?: string;
  readonly duration_ms?: number;
  readonly logical_time: string;
  readonly params: JsonObject;
  readonly plan_digest: string;
  readonly executions: readonly Execution[];
  readonly steps: readonly StepRecord[];
  readonly attempts: readonly Attempt[];
  readonly datasets: readonly DatasetRecord[];
  readonly warnings: readonly Issue[];
  readonly error?: ErrorJson;
}
