import { rm } from "node:fs/promises";
import { join } from "node:path";
import { executePlan, openDataset, planToJson } from "@millrace/engine";
import type { RunFolder } from "@millrace/state";
import {
  columnsFromText,
  correlationContext,
  createRecordLogger,
  getCorrelationId,
  TerminalError,
} from "@millrace/foundation";
import type { DatasetSchema, EventSink, Plan, RunEvent, RunRecord } from "@millrace/protocols";
import { pipelineState } from "../builder/pipeline.ts";
import type { Input } from "../builder/step-function.ts";
import { createDatasetInput } from "./dataset-input.ts";
import { createRunLogger } from "./redacted-logger.ts";
import { createRun } from "./run.ts";
import type { Run } from "./run.ts";
import type { ExecuteOptions } from "./runtime.ts";
import type { ResolvedRuntimeOptions } from "./runtime-options.ts";
import type { RuntimeState } from "./runtime-state.ts";
import { readVersions } from "./versions.ts";
import type { BindSettings, Workspace } from "./workspace.ts";

/** What an execution needs beside its plan. */
export interface ExecutionContext extends ExecuteOptions {
  readonly runtime: ResolvedRuntimeOptions;
  readonly state: RuntimeState;
  /** Opens the pipeline again, to read a dataset after the run. */
  readonly reopen: (settings: BindSettings) => Promise<Workspace>;
}

const never = new AbortController().signal;

/** Runs a plan: events to all who listen, the record to the run's folder, a facade to the caller. */
export async function executePlanned(plan: Plan, workspace: Workspace, context: ExecutionContext): Promise<Run> {
  const { runtime, state } = context;
  const runId = context.runId ?? runtime.ids.uuid();
  const correlationId = context.correlationId ?? getCorrelationId() ?? runId;
  const folder = await state.openRun(runId);
  const { redactor, clock } = runtime;
  const logger = createRunLogger(
    redactor,
    runtime.logger,
    createRecordLogger({ write: (record) => folder.log(record), clock, redactor, level: "debug" }),
  );
  const environment = { ...workspace.environment, logger };
  const stagingDirectory = join(runtime.stateDir, "staging", runId);
  const record = await correlationContext(
    async () =>
      executePlan(plan, environment, {
        runId,
        executionId: runtime.ids.uuid(),
        correlationId,
        datasets: state.datasets,
        stagingDirectory,
        events: createEventSink(folder, workspace, { ...context, logger }),
        stop: { graceful: context.signal ?? never, immediate: context.immediate ?? never },
        versions: await readVersions(environment.compute),
      }),
    { id: correlationId },
  );
  // What an attempt left that could not clean up after itself.
  await rm(stagingDirectory, { recursive: true, force: true });
  const safe = redactor.redactValue(record);
  await folder.finish({ plan: redactor.redactValue(planToJson(plan)), record: safe });
  return createFacade(plan, safe, { workspace, context, folder });
}

/** Events in their order, without secrets: to the run's folder, the runtime, the caller, and the pipeline's listeners. */
function createEventSink(
  folder: RunFolder,
  { loaded }: Workspace,
  context: ExecutionContext & { readonly logger: Workspace["environment"]["logger"] },
): EventSink {
  const { runtime, onEvent, logger } = context;
  const listeners = loaded.pipeline === undefined ? undefined : pipelineState(loaded.pipeline).listeners;
  let last: Promise<void> = Promise.resolve();
  const deliver = async (event: RunEvent, before: Promise<void>): Promise<void> => {
    await before;
    await runtime.events.emit(event);
    await runtime.hooks.emit(event, logger);
    await onEvent?.(event);
    await listeners?.emit(event, logger);
  };
  return {
    emit(event) {
      const safe = runtime.redactor.redactValue(event);
      folder.event(safe);
      last = deliver(safe, last);
      return last;
    },
  };
}

function createFacade(
  plan: Plan,
  record: RunRecord,
  {
    workspace,
    context,
    folder,
  }: { readonly workspace: Workspace; readonly context: ExecutionContext; readonly folder: RunFolder },
): Run {
  const { loaded, logicalTime, limits, deterministic, sandbox } = workspace;
  const versions = new Map(record.datasets.map(({ dataset, version }) => [dataset, version]));
  const settings: BindSettings = {
    at: logicalTime,
    deterministic,
    sandbox,
    memory: limits.memoryBytes,
    threads: limits.threads,
  };
  const states = new Map(record.steps.map(({ name, state }) => [name, state]));
  const read = (dataset: string): Input<unknown> =>
    createDatasetInput(schemaOf(dataset, plan, record), async () => {
      const producer = plan.bound.dag.producers.get(dataset)?.step ?? dataset;
      const stateOfStep = states.get(producer);
      if (stateOfStep !== "success") throw notProduced(dataset, { step: producer, state: stateOfStep, run: record });
      const reopened = await context.reopen(settings);
      const session = await reopened.environment.session();
      const relation = await openDataset(dataset, { plan, session, datasets: context.state.datasets, versions });
      return { session, relation, [Symbol.asyncDispose]: () => reopened[Symbol.asyncDispose]() };
    });
  const returned =
    loaded.pipeline === undefined
      ? Object.fromEntries(plan.bound.dag.spec.returns.map((name) => [name, name]))
      : pipelineState(loaded.pipeline).definition.outputs;
  const datasets = new Map([...plan.bound.dag.producers].map(([dataset, { step }]) => [dataset, step]));
  return createRun({ record, folder: folder.path, returned, datasets, read });
}

/** Columns as they were committed, else as they were bound. */
function schemaOf(dataset: string, plan: Plan, record: RunRecord): DatasetSchema {
  const committed = record.datasets.find((one) => one.dataset === dataset);
  if (committed !== undefined) return { origin: "bound", columns: columnsFromText(committed.columns) };
  return plan.bound.schemas.get(dataset) ?? { origin: "open", columns: [] };
}

function notProduced(
  dataset: string,
  { step, state, run }: { readonly step: string; readonly state: string | undefined; readonly run: RunRecord },
): TerminalError {
  const why = state === undefined ? "was not part of the run" : `is ${state}`;
  return new TerminalError({
    code: "DATASET_NOT_PRODUCED",
    fault: "caller",
    message: `Run ${run.run_id} of "${run.pipeline}" did not produce "${dataset}": step "${step}" ${why}. Look at run.steps, or call run.orThrow().`,
    context: { dataset, step, run_id: run.run_id },
  });
}
