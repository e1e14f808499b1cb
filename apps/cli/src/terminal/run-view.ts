import type { Plan, RowCount, RunEvent } from "@millrace/protocols";
import { describeStep, filteredRows, kindOf } from "./step-words.ts";

/** State of a line. `waiting` has not started. */
type LineState = "waiting" | "running" | "done" | "failed" | "skipped";

/** What a line says of a step. */
export interface StepLine {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  /** Place in a group of several steps that run as one query. */
  readonly place: "alone" | "first" | "middle" | "last";
  readonly state: LineState;
  readonly note: string;
  readonly filtered?: number;
  readonly rejected?: number;
  readonly rows?: RowCount;
  /** Rows of each input, in the order of the step's inputs, where all are known. */
  readonly rowsIn?: readonly RowCount[];
  readonly startedMs?: number;
  readonly durationMs?: number;
  readonly progress?: { readonly ratio?: number; readonly rows?: number; readonly totalRows?: number };
  /** Why it is skipped, how it failed, or which attempt is running. */
  readonly remark?: string;
}

/** What the live block and the plain lines are drawn from: the plan, then every event of the run. */
export class RunView {
  readonly plan: Plan;
  readonly #lines = new Map<string, StepLine>();
  readonly #monotonicMs: () => number;
  readonly startedMs: number;

  constructor(plan: Plan, monotonicMs: () => number) {
    this.plan = plan;
    this.#monotonicMs = monotonicMs;
    this.startedMs = monotonicMs();
    for (const line of initialLines(plan)) this.#lines.set(line.name, line);
  }

  /** Lines in the order of the plan, the steps of a group together. */
  lines(): readonly StepLine[] {
    return [...this.#lines.values()];
  }

  line(step: string): StepLine | undefined {
    return this.#lines.get(step);
  }

  /** Takes an event in; gives the names of the steps that came to an end by it. */
  apply(event: RunEvent): readonly string[] {
    if (!("step_name" in event) || event.step_name === undefined) return [];
    const line = this.#lines.get(event.step_name);
    if (line === undefined) return [];
    const now = this.#monotonicMs();
    switch (event.event) {
      case "node_start":
        this.#update(line, {
          state: "running",
          startedMs: line.startedMs ?? now,
          ...(event.attempt > 1 ? { remark: `attempt ${event.attempt}` } : {}),
        });
        return [];
      case "node_progress":
        this.#update(line, {
          state: "running",
          progress: {
            ...(event.ratio === undefined ? {} : { ratio: event.ratio }),
            ...(event.rows === undefined ? {} : { rows: event.rows }),
            ...(event.total_rows === undefined ? {} : { totalRows: event.total_rows }),
          },
        });
        return [];
      case "node_complete": {
        this.#update(line, {
          state: "done",
          durationMs: event.duration_ms,
          ...(event.rows === undefined ? {} : { rows: event.rows }),
          ...(event.rows_rejected === undefined ? {} : { rejected: event.rows_rejected }),
        });
        this.#updateRowsIn();
        return [line.name];
      }
      case "node_error":
        this.#update(line, {
          state: "failed",
          remark: event.error_message,
          ...(line.startedMs === undefined ? {} : { durationMs: now - line.startedMs }),
        });
        return [line.name];
      case "node_retry":
        this.#update(line, { remark: `attempt ${event.attempt} failed: ${event.error.message}` });
        return [];
      case "node_skipped":
        this.#update(line, { state: "skipped", remark: event.reason });
        return [line.name];
      case "log":
      default:
        return [];
    }
  }

  /** Steps that a waiting line waits for: the last ones of the groups before its own that have not ended. */
  waitsFor(line: StepLine): readonly string[] {
    const group = this.plan.groups.find(({ id }) => id === line.group);
    const before = group?.dependsOn.flatMap(
      (id) => this.plan.groups.find((candidate) => candidate.id === id)?.steps.at(-1) ?? [],
    );
    return (before ?? []).filter((name) => ["waiting", "running"].includes(this.#lines.get(name)?.state ?? "done"));
  }

  elapsedMs(): number {
    return this.#monotonicMs() - this.startedMs;
  }

  /** Milliseconds that a running step has taken. */
  runningMs(line: StepLine): number {
    return line.durationMs ?? (line.startedMs === undefined ? 0 : this.#monotonicMs() - line.startedMs);
  }

  #update(line: StepLine, change: Partial<StepLine>): void {
    this.#lines.set(line.name, { ...line, ...change });
  }

  /** Steps of a group complete in any order, so each count may make another step's input known. */
  #updateRowsIn(): void {
    const rowsOf = (dataset: string): RowCount | undefined =>
      this.#lines.get(this.plan.bound.dag.producers.get(dataset)?.step ?? "")?.rows;
    for (const line of this.#lines.values()) {
      if (line.state !== "done" || line.rowsIn !== undefined) continue;
      const inputs = Object.values(this.plan.bound.dag.nodes.get(line.name)?.step.inputs ?? {});
      const rowsIn = inputs.flatMap((dataset) => rowsOf(dataset) ?? []);
      if (inputs.length === 0 || rowsIn.length < inputs.length) continue;
      const filtered = filteredRows(line.name, this.plan, rowsOf);
      this.#update(line, { rowsIn, ...(filtered === undefined ? {} : { filtered: filtered - (line.rejected ?? 0) }) });
    }
  }
}

function initialLines(plan: Plan): readonly StepLine[] {
  return plan.groups.flatMap((group) =>
    group.steps.flatMap((name, index): readonly StepLine[] => {
      const step = plan.bound.dag.nodes.get(name)?.step;
      if (step === undefined) return [];
      const last = index === group.steps.length - 1;
      const place = group.steps.length === 1 ? "alone" : index === 0 ? "first" : last ? "last" : "middle";
      return [{ name, kind: kindOf(step), group: group.id, place, state: "waiting", note: describeStep(name, plan) }];
    }),
  );
}
