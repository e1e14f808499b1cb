import type { ErrorJson } from "./error.ts";
import type { Layer } from "./pipeline-spec.ts";
import type { RowCount, RunState, StepOrigin } from "./run.ts";

/** What every event carries. Times are ISO 8601 in UTC. */
export interface EventBase {
  readonly run_id: string;
  readonly execution_id: string;
  readonly correlation_id: string;
  readonly pipeline_name: string;
  readonly time: string;
  /** Counts from 1 in a run. */
  readonly sequence: number;
}

/**
 * Everything that happens in a run, in order. Names and payloads are the seed's (ODIBI CORE, section 13),
 * with the fields of `EventBase` and a few more.
 */
export type RunEvent = EventBase &
  (
    | {
        readonly event: "pipeline_start";
        readonly start_time: string;
        readonly step_count: number;
        readonly group_count: number;
      }
    | {
        readonly event: "pipeline_complete";
        readonly state: RunState;
        readonly success_count: number;
        readonly failed_count: number;
        readonly skipped_count: number;
        readonly duration_ms: number;
      }
    | { readonly event: "pipeline_error"; readonly error_message: string; readonly error: ErrorJson }
    | {
        readonly event: "node_start";
        readonly step_name: string;
        readonly layer: Layer;
        readonly group: string;
        readonly attempt: number;
      }
    | {
        readonly event: "node_complete";
        readonly step_name: string;
        readonly layer: Layer;
        readonly group: string;
        readonly duration_ms: number;
        readonly state: "success" | "cached" | "restored";
        readonly origin: StepOrigin;
        readonly rows?: RowCount;
        readonly rows_rejected?: number;
      }
    | {
        readonly event: "node_error";
        readonly step_name: string;
        readonly layer: Layer;
        readonly group: string;
        readonly error_message: string;
        readonly error: ErrorJson;
      }
    | {
        readonly event: "node_retry";
        readonly step_name: string;
        readonly layer: Layer;
        readonly group: string;
        readonly attempt: number;
        readonly delay_ms: number;
        readonly error: ErrorJson;
      }
    | { readonly event: "node_skipped"; readonly step_name: string; readonly layer: Layer; readonly reason: string }
    | {
        readonly event: "node_progress";
        readonly step_name: string;
        readonly layer: Layer;
        readonly group: string;
        readonly ratio?: number;
        readonly rows?: number;
        readonly total_rows?: number;
      }
    | {
        readonly event: "log";
        readonly level: "debug" | "info" | "warn" | "error";
        readonly step_name?: string;
        readonly message: string;
      }
  );

/** Name of an event. */
export type RunEventName = RunEvent["event"];
