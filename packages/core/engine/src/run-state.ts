import type {
  Attempt,
  DatasetRecord,
  ErrorJson,
  Plan,
  RowCount,
  RunRecord,
  RunState,
  StepRecord,
  StepState,
} from "@millrace/protocols";

/** What a group left for its steps. */
export interface StepOutcome {
  readonly rows?: RowCount;
  readonly rowsIn?: Readonly<Record<string, RowCount>>;
  readonly columns?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly bytesWritten?: number;
}

/** State of every step of a run while it goes on. One writer: the executor. */
export class RunStateBook {
  readonly #plan: Plan;
  readonly #steps = new Map<string, StepRecord>();
  readonly #datasets = new Map<string, DatasetRecord>();
  readonly #excluded: ReadonlySet<string>;
  readonly attempts: Attempt[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#excluded = new Set(plan.excluded);
    for (const name of plan.bound.dag.order) {
      const step = plan.bound.dag.nodes.get(name)?.step;
      if (step === undefined || this.#excluded.has(name)) continue;
      this.#steps.set(name, {
        name,
        layer: step.layer,
        type: step.type,
        group: plan.groupOf.get(name) ?? name,
        state: "pending",
        origin: "run",
        attempts: 0,
        outputs: Object.values(step.outputs),
      });
    }
  }

  step(name: string): StepRecord {
    const record = this.#steps.get(name);
    if (record === undefined) throw new Error(`step "${name}" is not in the run`);
    return record;
  }

  state(name: string): StepState {
    return this.step(name).state;
  }

  update(name: string, change: Partial<StepRecord>): void {
    this.#steps.set(name, { ...this.step(name), ...change });
  }

  records(): readonly StepRecord[] {
    return [...this.#steps.values()];
  }

  /** Rows of a committed dataset; undefined where it was not committed. */
  rowsOf(dataset: string): number | undefined {
    return this.#datasets.get(dataset)?.rows;
  }

  addDataset(record: DatasetRecord): void {
    this.#datasets.set(record.dataset, record);
  }

  /** Whether a selection leaves the step out. */
  isExcluded(step: string): boolean {
    return this.#excluded.has(step);
  }

  count(...states: readonly StepState[]): number {
    let count = 0;
    for (const record of this.#steps.values()) if (states.includes(record.state)) count += 1;
    return count;
  }

  /**
   * State of the run by design section 6: `partial` = a step failed and a sink committed, `warning` = only ignored steps
   * and their dependants are missing.
   */
  finalState(stopped: "cancelled" | "timed_out" | undefined): RunState {
    const records = this.records();
    const unfinished = records.some((record) =>
      ["pending", "running", "cancelled", "timed_out"].includes(record.state),
    );
    if (stopped !== undefined && unfinished) return stopped;
    const failed = records.filter((record) => record.state === "failed" || record.state === "timed_out");
    if (failed.some((record) => !this.#isIgnored(record.name))) {
      if (failed.every((record) => record.state === "timed_out")) return "timed_out";
      const committed = records.some(
        (record) =>
          record.state === "success" &&
          (record.target !== undefined || (record.layer === "publish" && record.type === "function")),
      );
      return committed ? "partial" : "failed";
    }
    return failed.length > 0 ? "warning" : "success";
  }

  #isIgnored(step: string): boolean {
    const id = this.#plan.groupOf.get(step);
    return this.#plan.groups.find((one) => one.id === id)?.policy.onError === "ignore";
  }

  toRecord(head: Omit<RunRecord, "steps" | "attempts" | "datasets">): RunRecord {
    return { ...head, steps: this.records(), attempts: this.attempts, datasets: [...this.#datasets.values()] };
  }
}

/** The first error of a run in the order of the plan, for its summary. */
export function firstError(records: readonly StepRecord[]): ErrorJson | undefined {
  return records.find((record) => record.error !== undefined && record.state !== "skipped")?.error;
}
