import type { RunRecord, StepRecord } from "@millrace/protocols";

/** What a tracker knows of a step. */
export interface TrackedStep {
  readonly stepName: string;
  readonly layer: StepRecord["layer"];
  readonly startTime: string | undefined;
  readonly endTime: string | undefined;
  readonly durationMs: number;
  /** Rows that the step gave, where they were counted. */
  readonly rows: number | undefined;
  readonly state: StepRecord["state"];
  readonly errorMessage: string | undefined;
}

/** Keeps what happened to the steps of one run after another, for a reader in the same process. */
export class Tracker {
  readonly #steps: TrackedStep[] = [];

  /** Steps of all runs that were tracked, in their order. */
  get steps(): readonly TrackedStep[] {
    return this.#steps;
  }

  /** Takes in a run that has ended. */
  track(record: RunRecord): void {
    for (const step of record.steps) {
      this.#steps.push({
        stepName: step.name,
        layer: step.layer,
        startTime: step.started_at,
        endTime: step.ended_at,
        durationMs: step.duration_ms ?? 0,
        rows: step.rows?.rows,
        state: step.state,
        errorMessage: step.error?.message,
      });
    }
  }
}
