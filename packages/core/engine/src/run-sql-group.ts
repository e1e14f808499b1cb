import type {
  ComputeSession,
  DagNode,
  GroupEnd,
  MaterialiseResult,
  PinnedFile,
  RelationId,
  RowCount,
} from "@millrace/protocols";
import { formatColumn, TerminalError } from "@millrace/foundation";
import { schemeOf } from "./location.ts";
import { commitDataset, commitKey, composeRelations } from "./run-context.ts";
import type { GroupAttempt, GroupOutcome } from "./run-context.ts";
import type { StepOutcome } from "./run-state.ts";
import { targetFormat } from "./targets.ts";

/**
 * Runs a group of relational steps, or the sink of a committed dataset, as one statement that ends in a staged place,
 * then commits it.
 */
export async function runSqlGroup(attempt: GroupAttempt): Promise<GroupOutcome> {
  const { group, plan, environment } = attempt;
  const end = group.ends[0];
  if (end === undefined || end.kind === "none")
    throw new TerminalError({ code: "INTERNAL", fault: "internal", message: `Group "${group.id}" ends nowhere.` });
  const session = await environment.session();
  const relations = composeRelations(attempt, session);
  const last = plan.bound.dag.nodes.get(end.step) as DagNode;
  const taps = plan.observe !== "boundaries" && group.steps.length > 1 && environment.compute.capabilities.taps;
  const outcomes = new Map<string, StepOutcome>();
  try {
    if (end.kind === "boundary") {
      const relation = await relations.step(last);
      const beforeCommit = (): Promise<void> => checkSources(attempt);
      const { manifest, counts } = await commitDataset(attempt, { session, end, relation, taps, beforeCommit });
      await session.release(relation);
      collectCounts(attempt, counts, outcomes);
      outcomes.set(end.step, {
        ...outcomes.get(end.step),
        rows: { rows: manifest.rows, at_least: false },
        columns: manifest.columns,
      });
    } else {
      const relation = await relations.dataset(end.dataset, end.step);
      const { outcome, counts } = await writeSink(attempt, { session, end, relation, taps });
      collectCounts(attempt, counts, outcomes);
      outcomes.set(end.step, { ...outcomes.get(end.step), ...outcome });
      // What the sink wrote is what the step before it produced, exactly.
      const before = last.dependsOn.find((name) => group.steps.includes(name));
      if (before !== undefined) outcomes.set(before, { ...outcomes.get(before), rows: outcome.rows });
    }
  } finally {
    await relations.release();
  }
  reconcile(attempt, outcomes);
  return outcomes;
}

async function writeSink(
  attempt: GroupAttempt,
  write: {
    readonly session: ComputeSession;
    readonly end: Extract<GroupEnd, { kind: "sink" }>;
    readonly relation: RelationId;
    readonly taps: boolean;
  },
): Promise<{
  readonly outcome: StepOutcome & { readonly rows: RowCount };
  readonly counts: MaterialiseResult["counts"];
}> {
  const { environment, run, signal, onProgress } = attempt;
  const { session, end, relation, taps } = write;
  const { target } = end;
  const adapter = environment.adapters.find((one) => one.schemes.includes(schemeOf(target.uri)));
  if (adapter === undefined)
    throw new TerminalError({
      code: "ADAPTER_UNKNOWN",
      fault: "config",
      message: `No adapter serves ${target.uri}.`,
    });
  const { uri, form, mode, options } = target;
  const format = targetFormat(target);
  const { projectRoot, logger, faultPoints } = environment;
  const sink = adapter.createSink(
    { uri, format, form, mode, options, stagingDirectory: run.stagingDirectory },
    { projectRoot, logger, faultPoints },
  );
  const writer = await sink.begin({ runId: run.runId, step: end.step, attempt: attempt.attempt });
  try {
    const result = await session.materialise(
      relation,
      { ...writer.staging, format, options },
      { signal, onProgress, taps },
    );
    await checkSources(attempt);
    signal.throwIfAborted();
    const receipt = await writer.commit(commitKey(attempt, end.step), result.files);
    const rows = { rows: result.rows, at_least: false };
    return { outcome: { rows, target: uri, bytesWritten: receipt.bytesWritten }, counts: result.counts };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function collectCounts(
  attempt: GroupAttempt,
  counts: MaterialiseResult["counts"],
  outcomes: Map<string, StepOutcome>,
): void {
  const { plan, group, book } = attempt;
  for (const name of group.steps) {
    const node = plan.bound.dag.nodes.get(name) as DagNode;
    const rows = counts.get(name);
    const columns = boundColumns(attempt, name);
    const rowsIn: Record<string, RowCount> = {};
    for (const [input, dataset] of Object.entries(node.step.inputs)) {
      const producer = plan.bound.dag.producers.get(dataset)?.step ?? "";
      const committed = book.rowsOf(dataset);
      const count =
        counts.get(producer) ?? (committed === undefined ? undefined : { rows: committed, at_least: false });
      if (count !== undefined) rowsIn[input] = count;
    }
    outcomes.set(name, {
      ...(rows === undefined ? {} : { rows }),
      ...(Object.keys(rowsIn).length === 0 ? {} : { rowsIn }),
      ...(Object.keys(columns).length === 0 ? {} : { columns }),
    });
  }
}

function boundColumns(attempt: GroupAttempt, step: string): Readonly<Record<string, string>> {
  const outputs = attempt.plan.bound.steps.get(step)?.outputs.values().next().value;
  return Object.fromEntries((outputs?.columns ?? []).map((column) => [column.name, formatColumn(column)]));
}

/** Footers and the read must agree where both are known exactly (promise 7). */
function reconcile(attempt: GroupAttempt, outcomes: ReadonlyMap<string, StepOutcome>): void {
  for (const name of attempt.group.steps) {
    const stated = attempt.plan.bound.steps.get(name)?.source?.rows;
    const read = outcomes.get(name)?.rows;
    if (stated === undefined || read === undefined || read.at_least || read.rows === stated) continue;
    throw new TerminalError({
      code: "ENGINE_RECONCILIATION",
      fault: "data",
      message: `Step "${name}": the files state ${stated} rows, and ${read.rows} were read.`,
      context: { step: name, stated, read: read.rows },
    });
  }
}

/** A source that changed while it was read gives rows of two versions: nothing of it is committed. */
async function checkSources(attempt: GroupAttempt): Promise<void> {
  const { environment, group, plan } = attempt;
  const { projectRoot, logger, faultPoints } = environment;
  for (const name of group.steps) {
    const source = plan.bound.steps.get(name)?.source;
    if (source === undefined) continue;
    const adapter = environment.adapters.find((one) => one.schemes.includes(schemeOf(source.location)));
    if (adapter === undefined) continue;
    const now = await adapter.listFiles(source.location, { projectRoot, logger, faultPoints });
    const changed = firstDifference(source.files, now);
    if (changed !== undefined)
      throw new TerminalError({
        code: "DATA_SOURCE_CHANGED",
        fault: "data",
        message: `Step "${name}": ${changed} changed while the run read it. Nothing was written; run again when it is complete.`,
        context: { step: name, file: changed },
      });
  }
}

function firstDifference(planned: readonly PinnedFile[], now: readonly PinnedFile[]): string | undefined {
  const current = new Map(now.map((file) => [file.uri, file]));
  const gone = planned.find((file) => {
    const other = current.get(file.uri);
    return other === undefined || !isSameFile(file, other);
  });
  if (gone !== undefined) return gone.uri;
  const known = new Set(planned.map((file) => file.uri));
  return now.find((file) => !known.has(file.uri))?.uri;
}

function isSameFile(a: PinnedFile, b: PinnedFile): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.inode === b.inode && a.etag === b.etag;
}
