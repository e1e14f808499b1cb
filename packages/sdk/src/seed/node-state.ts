import type { StepRecord } from "@millrace/protocols";

/** States of a node in the seed's words. */
export const NodeState = {
  PENDING: "pending",
  RUNNING: "running",
  RETRY: "retry",
  CACHED: "cached",
  SUCCESS: "success",
  FAILED: "failed",
} as const;

/** State of a node in the seed's words. */
export type NodeState = (typeof NodeState)[keyof typeof NodeState];

/** Outcome of a node (ODIBI CORE 1.1.0 `NodeExecutionResult`). */
export interface NodeExecutionResult {
  readonly nodeName: string;
  readonly state: NodeState;
  readonly durationMs: number;
  readonly attempts: number;
  readonly error: string | undefined;
  readonly cached: boolean;
}

/** What a step record is in the seed's words. A step that was skipped or cancelled never started: it is pending. */
export function toNodeResult(record: StepRecord): NodeExecutionResult {
  const cached = record.origin !== "run";
  return {
    nodeName: record.name,
    state: toNodeState(record, cached),
    durationMs: record.duration_ms ?? 0,
    attempts: record.attempts,
    error: record.error?.message,
    cached,
  };
}

const settled: Readonly<Partial<Record<StepRecord["state"], NodeState>>> = {
  success: NodeState.SUCCESS,
  failed: NodeState.FAILED,
  quarantined: NodeState.FAILED,
  timed_out: NodeState.FAILED,
};

function toNodeState({ state, attempts }: StepRecord, cached: boolean): NodeState {
  if (state === "success" && cached) return NodeState.CACHED;
  if (state === "running") return attempts > 1 ? NodeState.RETRY : NodeState.RUNNING;
  return settled[state] ?? NodeState.PENDING;
}
