// Runs a plan: the only part of the engine with effects.
//
//   schedule.ts        which group starts when
//   execute.ts         one group from ready to its final state: conditions, attempts, events, records
//   run-sql-group.ts   one statement, staged and committed        run-code-group.ts   map, transform, effect
//   run-handler-group.ts  registered handlers, connections        blame.ts            which step failed, and where
import type { Manifest, Plan, QueryGroup, RunRecord, StepSpec } from "@millrace/protocols";
import {
  cancelledError,
  computeDelayMs,
  isAbort,
  TerminalError,
  toErrorJson,
  toMillraceError,
} from "@millrace/foundation";
import type { MillraceError } from "@millrace/foundation";
import { blameStep } from "./blame.ts";
import type { EngineEnvironment } from "./environment.ts";
import { missingInputs, reasonToSkip } from "./group-readiness.ts";
import { runCodeGroup } from "./run-code-group.ts";
import type { GroupAttempt, GroupOutcome, RunOptions } from "./run-context.ts";
import { RunEvents } from "./run-events.ts";
import { runHandlerGroup } from "./run-handler-group.ts";
import { runSqlGroup } from "./run-sql-group.ts";
import { firstError, RunStateBook } from "./run-state.ts";
import { runSchedule } from "./schedule.ts";
import { startTimer } from "./timeout.ts";

/**
 * Runs a plan to a final state. Resolves for every outcome of the pipeline, failure included; rejects only for defects.
 */
export function executePlan(plan: Plan, environment: EngineEnvironment, run: RunOptions): Promise<RunRecord> {
  return new Execution(plan, environment, run).run();
}

class Execution {
  readonly #plan: Plan;
  readonly #environment: EngineEnvironment;
  readonly #run: RunOptions;
  readonly #book: RunStateBook;
  readonly #manifests = new Map<string, Manifest>();
  readonly #state = new Map<string, unknown>();
  readonly #events: RunEvents;
  /** Aborts what runs: cancel at once, run timeout, fail_fast. */
  readonly #abort = new AbortController();
  readonly #startedAt: Date;
  readonly #startedMs: number;
  #failedFast = false;
  #timedOut = false;

  constructor(plan: Plan, environment: EngineEnvironment, run: RunOptions) {
    this.#plan = plan;
    this.#environment = environment;
    this.#run = run;
    this.#book = new RunStateBook(plan);
    this.#events = new RunEvents(
      {
        run_id: run.runId,
        execution_id: run.executionId,
        correlation_id: run.correlationId,
        pipeline_name: plan.pipeline,
      },
      run.events,
      environment,
    );
    this.#startedAt = environment.clock.now();
    this.#startedMs = environment.clock.monotonicMs();
  }

  async run(): Promise<RunRecord> {
    const { immediate, graceful } = this.#run.stop;
    const onStop = (): void => this.#abort.abort(cancelledError(immediate.reason));
    if (immediate.aborted) onStop();
    immediate.addEventListener("abort", onStop, { once: true });
    const done = new AbortController();
    startTimer(this.#environment.clock, { timeoutMs: this.#plan.limits.timeoutMs, done: done.signal }, (timeoutMs) => {
      this.#timedOut = true;
      this.#abort.abort(timeoutError("RUN_TIMEOUT", `The run took longer than its timeout of ${timeoutMs} ms.`));
    });
    this.#events.emit({
      event: "pipeline_start",
      start_time: this.#startedAt.toISOString(),
      step_count: this.#book.records().length,
      group_count: this.#plan.groups.length,
    });
    try {
      await runSchedule({
        groups: this.#plan.groups,
        workers: this.#plan.limits.workers,
        levelBarrier: this.#plan.levelBarrier,
        stopped: () => graceful.aborted || this.#abort.signal.aborted,
        run: (group) => this.#runGroup(group),
      });
    } finally {
      done.abort();
      immediate.removeEventListener("abort", onStop);
    }
    this.#closeUnfinished();
    const record = this.#toRecord(graceful.aborted || immediate.aborted);
    await this.#emitEnd(record);
    return record;
  }

  async #runGroup(group: QueryGroup): Promise<void> {
    const skip = reasonToSkip(group, this.#plan, this.#book);
    if (skip !== undefined) {
      for (const step of group.steps) this.#skip(step, skip);
      return;
    }
    const missing = missingInputs(group, this.#plan, this.#book);
    for (let attempt = 1; ; attempt += 1) {
      const failure = await this.#tryGroup(group, attempt, missing);
      if (failure === undefined) return;
      const { retry } = group.policy;
      const again =
        failure.error.failureClass === "retryable" &&
        attempt < retry.attempts &&
        !this.#abort.signal.aborted &&
        !this.#run.stop.graceful.aborted;
      if (!again) {
        this.#fail(group, failure);
        return;
      }
      const delayMs = Math.max(
        computeDelayMs(retry, attempt, this.#environment.ids.random()),
        failure.error.retryAfterMs ?? 0,
      );
      const blamed = failure.step ?? group.id;
      this.#events.emit({
        event: "node_retry",
        ...this.#nodeFields(blamed),
        attempt: attempt + 1,
        delay_ms: delayMs,
        error: toErrorJson(failure.error, { step: blamed }),
      });
      try {
        await this.#environment.clock.sleep(delayMs, this.#abort.signal);
      } catch {
        // Stopped while waiting: the attempt that failed stays the last one.
        this.#fail(group, failure);
        return;
      }
    }
  }

  /** One attempt; gives what failed. */
  async #tryGroup(
    group: QueryGroup,
    attempt: number,
    missing: ReadonlySet<string>,
  ): Promise<{ readonly step: string | undefined; readonly error: MillraceError } | undefined> {
    const { clock, faultPoints } = this.#environment;
    const startedAt = clock.now();
    const startedMs = clock.monotonicMs();
    const own = new AbortController();
    const signal = AbortSignal.any([own.signal, this.#abort.signal]);
    const ended = new AbortController();
    startTimer(clock, { timeoutMs: group.policy.timeoutMs, done: ended.signal }, (timeoutMs) =>
      own.abort(timeoutError("STEP_TIMEOUT", `Took longer than the timeout of ${timeoutMs} ms.`)),
    );
    for (const step of group.steps) {
      this.#book.update(step, {
        state: "running",
        attempts: attempt,
        started_at: this.#book.step(step).started_at ?? startedAt.toISOString(),
      });
      if (attempt === 1) this.#events.emit({ event: "node_start", ...this.#nodeFields(step), attempt });
    }
    const head = { group: group.id, steps: group.steps, attempt, started_at: startedAt.toISOString() } as const;
    try {
      await faultPoints.pass("attempt.start");
      signal.throwIfAborted();
      const outcome = await this.#dispatch(group, { attempt, signal, missing });
      await faultPoints.pass("attempt.end");
      const durationMs = clock.monotonicMs() - startedMs;
      this.#book.attempts.push({
        ...head,
        state: "success",
        ended_at: clock.now().toISOString(),
        duration_ms: durationMs,
      });
      this.#succeed(group, outcome, durationMs);
      return undefined;
    } catch (thrown) {
      const cause = signal.aborted && (isAbort(thrown) || thrown === signal.reason) ? signal.reason : thrown;
      const blame = blameStep(
        signal.aborted ? toMillraceError(cause, { code: "RUN_CANCELLED", fault: "caller" }) : cause,
        group,
        this.#plan,
      );
      const { code } = blame.error;
      const state =
        code === "RUN_CANCELLED"
          ? "cancelled"
          : code === "STEP_TIMEOUT" || code === "RUN_TIMEOUT"
            ? "timed_out"
            : "failed";
      this.#book.attempts.push({
        ...head,
        state,
        ended_at: clock.now().toISOString(),
        duration_ms: clock.monotonicMs() - startedMs,
        error: toErrorJson(blame.error, { step: blame.step ?? group.id }),
      });
      return blame;
    } finally {
      ended.abort();
    }
  }

  #dispatch(group: QueryGroup, own: Pick<GroupAttempt, "attempt" | "signal" | "missing">): Promise<GroupOutcome> {
    let lastMs = 0;
    const input: GroupAttempt = {
      plan: this.#plan,
      group,
      environment: this.#environment,
      run: this.#run,
      book: this.#book,
      manifests: this.#manifests,
      state: this.#state,
      ...own,
      onProgress: (progress) => {
        const nowMs = this.#environment.clock.monotonicMs();
        if (nowMs - lastMs < 100) return;
        lastMs = nowMs;
        this.#events.emit({
          event: "node_progress",
          ...this.#nodeFields(group.id),
          ...(progress.ratio === undefined ? {} : { ratio: progress.ratio }),
          ...(progress.rows === undefined ? {} : { rows: progress.rows }),
          ...(progress.totalRows === undefined ? {} : { total_rows: progress.totalRows }),
        });
      },
    };
    if (group.kind === "code") return runCodeGroup(input);
    if (group.kind === "handler") return runHandlerGroup(input);
    return runSqlGroup(input);
  }

  #succeed(group: QueryGroup, outcome: GroupOutcome, durationMs: number): void {
    const endedAt = this.#environment.clock.now().toISOString();
    for (const step of group.steps) {
      const own = outcome.get(step);
      this.#book.update(step, {
        state: "success",
        ended_at: endedAt,
        duration_ms: durationMs,
        ...(own?.rows === undefined ? {} : { rows: own.rows }),
        ...(own?.rowsIn === undefined ? {} : { rows_in: own.rowsIn }),
        ...(own?.columns === undefined ? {} : { columns: own.columns }),
        ...(own?.target === undefined ? {} : { target: own.target }),
        ...(own?.bytesWritten === undefined ? {} : { bytes_written: own.bytesWritten }),
      });
      this.#events.emit({
        event: "node_complete",
        ...this.#nodeFields(step),
        duration_ms: durationMs,
        state: "success",
        origin: "run",
        ...(own?.rows === undefined ? {} : { rows: own.rows }),
      });
    }
  }

  #fail(group: QueryGroup, failure: { readonly step: string | undefined; readonly error: MillraceError }): void {
    const { step: blamed, error } = failure;
    const state =
      error.code === "RUN_CANCELLED"
        ? "cancelled"
        : error.code === "STEP_TIMEOUT" || error.code === "RUN_TIMEOUT"
          ? "timed_out"
          : "failed";
    const endedAt = this.#environment.clock.now().toISOString();
    const startedAt = this.#book.attempts.findLast((one) => one.group === group.id);
    for (const step of group.steps) {
      if (state === "failed" && blamed !== undefined && step !== blamed) {
        this.#skip(step, `step "${blamed}" of its query failed`);
        continue;
      }
      const json = toErrorJson(error, { step });
      this.#book.update(step, {
        state,
        ended_at: endedAt,
        error: json,
        ...(startedAt?.duration_ms === undefined ? {} : { duration_ms: startedAt.duration_ms }),
      });
      if (blamed === undefined || step === blamed)
        this.#events.emit({
          event: "node_error",
          ...this.#nodeFields(step),
          error_message: error.message,
          error: json,
        });
    }
    if (state === "failed" && group.policy.onError === "fail_fast" && !this.#failedFast) {
      this.#failedFast = true;
      this.#abort.abort(cancelledError(`step "${blamed ?? group.id}" failed and says fail_fast`));
    }
  }

  #skip(step: string, reason: string): void {
    this.#book.update(step, { state: "skipped", skipped_because: reason });
    this.#events.emit({ event: "node_skipped", step_name: step, layer: this.#spec(step).layer, reason });
  }

  /** What never started keeps a state that says why. */
  #closeUnfinished(): void {
    if (!this.#abort.signal.aborted && !this.#run.stop.graceful.aborted) return;
    for (const record of this.#book.records()) {
      if (record.state !== "pending") continue;
      if (this.#failedFast) this.#skip(record.name, "another step failed and says fail_fast");
      else
        this.#book.update(record.name, {
          state: "cancelled",
          skipped_because: this.#timedOut
            ? "the run timed out before it started"
            : "the run was cancelled before it started",
        });
    }
  }

  #toRecord(cancelled: boolean): RunRecord {
    const { clock } = this.#environment;
    const stopped = this.#failedFast ? undefined : this.#timedOut ? "timed_out" : cancelled ? "cancelled" : undefined;
    const state = this.#book.finalState(stopped);
    const endedAt = clock.now().toISOString();
    const error = state === "success" ? undefined : firstError(this.#book.records());
    return this.#book.toRecord({
      schema: "millrace.run",
      version: 1,
      run_id: this.#run.runId,
      pipeline: this.#plan.pipeline,
      state,
      correlation_id: this.#run.correlationId,
      started_at: this.#startedAt.toISOString(),
      ended_at: endedAt,
      duration_ms: clock.monotonicMs() - this.#startedMs,
      logical_time: this.#plan.logicalTime,
      params: this.#plan.params,
      plan_digest: this.#plan.digest,
      executions: [
        {
          execution_id: this.#run.executionId,
          state,
          started_at: this.#startedAt.toISOString(),
          ended_at: endedAt,
          versions: this.#run.versions,
        },
      ],
      warnings: this.#plan.warnings,
      ...(error === undefined ? {} : { error }),
    });
  }

  async #emitEnd(record: RunRecord): Promise<void> {
    if (
      (record.state === "failed" || record.state === "partial" || record.state === "timed_out") &&
      record.error !== undefined
    )
      this.#events.emit({ event: "pipeline_error", error_message: record.error.message, error: record.error });
    this.#events.emit({
      event: "pipeline_complete",
      state: record.state,
      success_count: this.#book.count("success"),
      failed_count: this.#book.count("failed", "timed_out"),
      skipped_count: this.#book.count("skipped", "cancelled"),
      duration_ms: record.duration_ms ?? 0,
    });
    await this.#events.settled();
  }

  #spec(step: string): StepSpec {
    const node = this.#plan.bound.dag.nodes.get(step);
    if (node === undefined) throw new Error(`step "${step}" is not in the graph`);
    return node.step;
  }

  #nodeFields(step: string): { readonly step_name: string; readonly layer: StepSpec["layer"]; readonly group: string } {
    return { step_name: step, layer: this.#spec(step).layer, group: this.#plan.groupOf.get(step) ?? step };
  }
}

function timeoutError(code: "RUN_TIMEOUT" | "STEP_TIMEOUT", message: string): TerminalError {
  return new TerminalError({ code, fault: "config", message });
}
