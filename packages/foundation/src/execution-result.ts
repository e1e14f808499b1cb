import { runStateMappings } from "@millrace/protocols";
import type { JsonValue, RunRecord } from "@millrace/protocols";
import { TerminalError } from "./error.ts";

/** States of an execution in NovaFlow's words. */
export const ExecutionStatus = {
  PENDING: "pending",
  RUNNING: "running",
  SUCCESS: "success",
  FAILED: "failed",
  CANCELLED: "cancelled",
} as const;

/** State of an execution in NovaFlow's words; `runStateMappings` says which of ours each is. */
export type ExecutionStatus = (typeof ExecutionStatus)[keyof typeof ExecutionStatus];

/** What an execution result is made from. */
export interface ExecutionResultOptions {
  readonly status: ExecutionStatus;
  readonly startedAt: Date;
  readonly completedAt?: Date;
  /** Text of the error of a failed execution. */
  readonly error?: string;
  readonly metrics?: Readonly<Record<string, JsonValue>>;
}

/** Outcome of an execution. */
export interface ExecutionResult extends ExecutionResultOptions {
  readonly metrics: Readonly<Record<string, JsonValue>>;
  /** Undefined while it runs. */
  readonly durationSeconds: number | undefined;
  readonly success: boolean;
}

/** An outcome with its duration. @throws MillraceError `CONFIG_VALUE_INVALID` where it ends before it starts. */
export function createExecutionResult(options: ExecutionResultOptions): ExecutionResult {
  const { startedAt, completedAt } = options;
  if (completedAt !== undefined && !(completedAt.getTime() >= startedAt.getTime())) {
    throw new TerminalError({
      code: "CONFIG_VALUE_INVALID",
      fault: "caller",
      message: `An execution cannot end (${String(completedAt)}) before it starts (${String(startedAt)}).`,
    });
  }
  return {
    ...options,
    metrics: { ...options.metrics },
    durationSeconds: completedAt === undefined ? undefined : (completedAt.getTime() - startedAt.getTime()) / 1000,
    success: options.status === ExecutionStatus.SUCCESS,
  };
}

/** The outcome of a run in NovaFlow's words, with `rows_written` of its sinks. */
export function toExecutionResult(run: RunRecord): ExecutionResult {
  const written = run.steps.filter((step) => step.target !== undefined && step.state === "success");
  return createExecutionResult({
    status: runStateMappings[run.state].novaflow,
    startedAt: new Date(run.started_at),
    ...(run.ended_at === undefined ? {} : { completedAt: new Date(run.ended_at) }),
    ...(run.error === undefined ? {} : { error: run.error.message }),
    metrics: {
      rows_written: written.reduce((sum, step) => sum + (step.rows?.rows ?? 0), 0),
      dq_failures: run.steps.reduce((sum, step) => sum + (step.rows_rejected ?? 0), 0),
    },
  });
}
