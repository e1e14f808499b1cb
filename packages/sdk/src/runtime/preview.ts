import { rm } from "node:fs/promises";
import { join } from "node:path";
import { executePlan, openDataset } from "@millrace/engine";
import { suggestName, TerminalError } from "@millrace/foundation";
import type { PipelineSpec, Plan, Sample } from "@millrace/protocols";
import { toRunError } from "./run.ts";
import type { PreviewOptions } from "./runtime.ts";
import type { ResolvedRuntimeOptions } from "./runtime-options.ts";
import { openDatasetFolder } from "./runtime-state.ts";
import type { Workspace } from "./workspace.ts";

/** What a preview needs beside its plan. */
export interface PreviewContext extends PreviewOptions {
  readonly workspace: Workspace;
  readonly runtime: ResolvedRuntimeOptions;
}

const quiet = { emit: () => undefined };
const never = new AbortController().signal;

/** The dataset whose rows show what a step does: its own, or the one that a sink would write. */
export function previewedDataset(spec: PipelineSpec, step: string): string {
  const found = spec.steps.find(({ name, outputs }) => name === step || Object.values(outputs).includes(step));
  const [dataset] = found === undefined ? [] : [...Object.values(found.outputs), ...Object.values(found.inputs)];
  if (dataset !== undefined) return dataset;
  const suggestion = suggestName(
    step,
    spec.steps.map(({ name }) => name),
  );
  const problem = found === undefined ? `there is no step "${step}"` : `step "${step}" has no rows to show`;
  throw new TerminalError({
    code: "SELECTION_EMPTY",
    fault: "caller",
    message: `"${spec.name}": ${problem}.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
    context: { step },
  });
}

/**
 * First rows of a dataset. SQL is composed from the sources and read no further than it must be; where code stands
 * above it, the steps above run whole into a scratch folder.
 */
export async function previewDataset(plan: Plan, dataset: string, context: PreviewContext): Promise<Sample> {
  const { workspace, runtime, rows = 20, signal } = context;
  const sampling = signal === undefined ? {} : { signal };
  const session = await workspace.environment.session();
  if (plan.groups.every(({ kind }) => kind === "sql"))
    return session.sample(await openDataset(dataset, { plan, session, recompute: true }), rows, sampling);
  const scratch = join(runtime.stateDir, "scratch", runtime.ids.uuid());
  try {
    const datasets = openDatasetFolder(scratch, runtime);
    const runId = runtime.ids.uuid();
    const record = await executePlan(plan, workspace.environment, {
      runId,
      executionId: runId,
      correlationId: runId,
      datasets,
      stagingDirectory: join(scratch, "staging"),
      events: quiet,
      stop: { graceful: signal ?? never, immediate: signal ?? never },
      versions: {},
    });
    if (record.state !== "success" && record.state !== "warning") throw toRunError(record);
    const versions = new Map(record.datasets.map((one) => [one.dataset, one.version]));
    return await session.sample(await openDataset(dataset, { plan, session, datasets, versions }), rows, sampling);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
