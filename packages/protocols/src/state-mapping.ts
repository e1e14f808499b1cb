import type { RunState, StepState } from "./run.ts";

/** Names of run states in the seeds' systems. `undefined`: that system has no such state. */
export interface RunStateMapping {
  readonly odibi: "success" | "failed" | undefined;
  readonly novaflow: "pending" | "running" | "success" | "failed" | "cancelled";
  readonly jobRun: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "QUARANTINED" | "CANCELLED";
  readonly datapy: "success" | "warning" | "error" | undefined;
  readonly openLineage: "START" | "RUNNING" | "COMPLETE" | "FAIL" | "ABORT";
  readonly exit: 0 | 10 | 30 | 40 | 50 | undefined;
}

/** One table of run states: ours, ODIBI, NovaFlow, ADR JobRun, DataPy, OpenLineage, and the exit code. */
export const runStateMappings: Readonly<Record<RunState, RunStateMapping>> = {
  pending: {
    odibi: undefined,
    novaflow: "pending",
    jobRun: "QUEUED",
    datapy: undefined,
    openLineage: "START",
    exit: undefined,
  },
  running: {
    odibi: undefined,
    novaflow: "running",
    jobRun: "RUNNING",
    datapy: undefined,
    openLineage: "RUNNING",
    exit: undefined,
  },
  success: {
    odibi: "success",
    novaflow: "success",
    jobRun: "SUCCEEDED",
    datapy: "success",
    openLineage: "COMPLETE",
    exit: 0,
  },
  warning: {
    odibi: "success",
    novaflow: "success",
    jobRun: "SUCCEEDED",
    datapy: "warning",
    openLineage: "COMPLETE",
    exit: 10,
  },
  partial: { odibi: "failed", novaflow: "failed", jobRun: "FAILED", datapy: "error", openLineage: "FAIL", exit: 30 },
  failed: { odibi: "failed", novaflow: "failed", jobRun: "FAILED", datapy: "error", openLineage: "FAIL", exit: 30 },
  cancelled: {
    odibi: "failed",
    novaflow: "cancelled",
    jobRun: "CANCELLED",
    datapy: "error",
    openLineage: "ABORT",
    exit: 50,
  },
  timed_out: { odibi: "failed", novaflow: "failed", jobRun: "FAILED", datapy: "error", openLineage: "FAIL", exit: 40 },
  crashed: { odibi: "failed", novaflow: "failed", jobRun: "FAILED", datapy: "error", openLineage: "ABORT", exit: 30 },
};

/** Names of step states in the seeds' systems. */
export const stepStateMappings: Readonly<
  Record<
    StepState,
    {
      readonly odibi: "PENDING" | "RUNNING" | "SUCCESS" | "FAILED";
      readonly attempt: "STARTED" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "CANCELLED" | undefined;
    }
  >
> = {
  pending: { odibi: "PENDING", attempt: undefined },
  running: { odibi: "RUNNING", attempt: "STARTED" },
  success: { odibi: "SUCCESS", attempt: "SUCCEEDED" },
  failed: { odibi: "FAILED", attempt: "FAILED" },
  quarantined: { odibi: "FAILED", attempt: "FAILED" },
  cancelled: { odibi: "FAILED", attempt: "CANCELLED" },
  timed_out: { odibi: "FAILED", attempt: "TIMED_OUT" },
  skipped: { odibi: "PENDING", attempt: undefined },
};
