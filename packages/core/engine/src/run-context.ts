import type {
  Column,
  ComputeSession,
  DatasetStore,
  EventSink,
  GroupEnd,
  Manifest,
  Plan,
  QueryGroup,
  RelationId,
  RowCount,
  StatementOptions,
} from "@millrace/protocols";
import { columnsToText } from "@millrace/foundation";
import type { EngineEnvironment } from "./environment.ts";
import { RelationComposer } from "./relations.ts";
import type { RunStateBook, StepOutcome } from "./run-state.ts";

/** What a run is given beside its plan. */
export interface RunOptions {
  readonly runId: string;
  readonly executionId: string;
  readonly correlationId: string;
  readonly datasets: DatasetStore;
  /** Scratch folder of the run for staged sink files. */
  readonly stagingDirectory: string;
  readonly events: EventSink;
  /** `graceful` stops new groups and lets running ones finish; `immediate` interrupts them. */
  readonly stop: { readonly graceful: AbortSignal; readonly immediate: AbortSignal };
  /** Versions that a record keeps: Millrace, Node, compute. */
  readonly versions: Readonly<Record<string, string>>;
}

/** One attempt of one group. */
export interface GroupAttempt {
  readonly plan: Plan;
  readonly group: QueryGroup;
  readonly environment: EngineEnvironment;
  readonly run: RunOptions;
  readonly book: RunStateBook;
  readonly manifests: Map<string, Manifest>;
  /** Values that code steps of the run share. */
  readonly state: Map<string, unknown>;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly missing: ReadonlySet<string>;
  readonly onProgress: NonNullable<StatementOptions["onProgress"]>;
}

/** What an attempt did, by step. */
export type GroupOutcome = ReadonlyMap<string, StepOutcome>;

/** Identifies an effect over all attempts of a run. */
export function commitKey(attempt: GroupAttempt, step: string): string {
  return `${attempt.run.runId}:${step}`;
}

/** Where the relations of an attempt come from: this run's commits, earlier versions of steps that are left out, sources. */
export function composeRelations(attempt: GroupAttempt, session: ComputeSession): RelationComposer {
  const { plan, run, manifests, missing, book } = attempt;
  return new RelationComposer({
    plan,
    session,
    datasets: run.datasets,
    missing,
    manifest: async (dataset) => {
      const own = manifests.get(dataset);
      if (own !== undefined) return own;
      const producer = plan.bound.dag.producers.get(dataset)?.step;
      return producer !== undefined && book.isExcluded(producer)
        ? run.datasets.read(plan.pipeline, dataset)
        : undefined;
    },
  });
}

/** A relation that becomes the next version of a dataset. */
export interface DatasetToCommit {
  readonly session: ComputeSession;
  readonly end: Extract<GroupEnd, { kind: "boundary" }>;
  readonly relation: RelationId;
  readonly taps: boolean;
  /** Last check before the new version becomes visible. */
  readonly beforeCommit?: () => Promise<void>;
}

/** Materialises a relation as the next version of a dataset, commits it and enters it into the run's books. */
export async function commitDataset(
  attempt: GroupAttempt,
  commit: DatasetToCommit,
): Promise<{ readonly manifest: Manifest; readonly counts: ReadonlyMap<string, RowCount> }> {
  const { plan, run, signal, onProgress, manifests, book } = attempt;
  const { session, end, relation } = commit;
  const owner = {
    pipeline: plan.pipeline,
    dataset: end.dataset,
    runId: run.runId,
    step: end.step,
    attempt: attempt.attempt,
  };
  const staging = await run.datasets.stage(owner);
  try {
    const result = await session.materialise(
      relation,
      { form: "file", uri: `${staging.uri}/part-00000.parquet`, format: "parquet", options: {} },
      { signal, onProgress, taps: commit.taps },
    );
    await commit.beforeCommit?.();
    signal.throwIfAborted();
    const manifest = await run.datasets.commit(staging, {
      format: "parquet",
      files: result.files,
      rows: result.rows,
      columns: columnsToText(declaredNullability(attempt, end.dataset, result.columns)),
      produced_by: { run_id: run.runId, step: end.step, attempt: attempt.attempt, digest: attempt.group.digest },
    });
    manifests.set(end.dataset, manifest);
    book.addDataset({
      dataset: end.dataset,
      step: end.step,
      version: manifest.dataset_version,
      rows: manifest.rows,
      columns: manifest.columns,
      durable: true,
    });
    return { manifest, counts: result.counts };
  } catch (error) {
    await run.datasets.discard(staging);
    throw error;
  }
}

/** The compute knows types; what cannot be null is known from binding. */
function declaredNullability(attempt: GroupAttempt, dataset: string, columns: readonly Column[]): readonly Column[] {
  const bound = attempt.plan.bound.schemas.get(dataset)?.columns ?? [];
  return columns.map((column) => ({
    ...column,
    nullable: bound.find((other) => other.name === column.name)?.nullable ?? true,
  }));
}
