// A runtime, from what is passed in to what people call. Its parts, in the order of the data:
//
//   runtime-options.ts   what was passed in, complete          workspace.ts       load and bind, with a session
//   plan-pipeline.ts     every decision of a run               execute-pipeline.ts   run, record, facade
//   preview.ts  query.ts first rows without a run              ../types           millrace-env.d.ts and the lock
import type { BoundDag, Issue, Sample, SourceLock } from "@millrace/protocols";
import { isPipeline } from "../builder/pipeline.ts";
import type { Pipeline } from "../builder/pipeline.ts";
import type { Input } from "../builder/step-function.ts";
import { loadPipeline, loadPipelineFile } from "../module/load-module.ts";
import type { LoadedCode, LoadOptions } from "../module/load-module.ts";
import { runStepTest } from "../testing/test-step.ts";
import { toEnvironmentText, typesOf } from "../types/environment-text.ts";
import type { TypesResult } from "../types/pipeline-types.ts";
import { emptyLock, readSourceLock, updateSourceLock, writeSourceLock } from "../types/source-lock.ts";
import { executePlanned } from "./execute-pipeline.ts";
import { toDefinitionError } from "./failed-definition.ts";
import { planWorkspace } from "./plan-pipeline.ts";
import type { PlannedPipeline, PlanSettings } from "./plan-pipeline.ts";
import { previewDataset, previewedDataset } from "./preview.ts";
import { openDatasetByName, queryDatasets } from "./query.ts";
import type { Run } from "./run.ts";
import type {
  ExecuteOptions,
  PipelineSource,
  PreviewOptions,
  QueryOptions,
  RunSettings,
  Runtime,
  StepTestOptions,
  TypesOptions,
} from "./runtime.ts";
import { resolveRuntimeOptions } from "./runtime-options.ts";
import type { ResolvedRuntimeOptions, RuntimeOptions } from "./runtime-options.ts";
import { openRuntimeState } from "./runtime-state.ts";
import type { RuntimeState } from "./runtime-state.ts";
import { SessionPool } from "./session-pool.ts";
import { bindWorkspace, openWorkspace } from "./workspace.ts";
import type { Binding, BindSettings, Workspace } from "./workspace.ts";

/**
 * Makes a runtime of computes and adapters. Opens nothing before it is needed.
 *
 * Each statement that DuckDB runs occupies one thread of Node's pool, which has 4: start the process with
 * `UV_THREADPOOL_SIZE` of at least `workers + 4`, or files are read and names resolved only between statements.
 *
 * @throws MillraceError `ENGINE_UNKNOWN` where no compute is passed.
 * @example
 * ```ts no-run
 * await using rt = await createRuntime({ compute: [duckdb()], adapters: [files()] });
 * const run = await rt.run(orders, { params: { since: "2026-01-01" } });
 * ```
 */
// Asynchronous, so that what a compute or adapter may have to ask first does not change every caller.
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  return new MillraceRuntime(resolveRuntimeOptions(options)) as unknown as Runtime;
}

class MillraceRuntime implements AsyncDisposable {
  readonly #options: ResolvedRuntimeOptions;
  readonly #pool = new SessionPool();
  readonly #state: RuntimeState;

  constructor(options: ResolvedRuntimeOptions) {
    this.#options = options;
    this.#state = openRuntimeState(options);
  }

  get projectRoot(): string {
    return this.#options.projectRoot;
  }

  get stateDir(): string {
    return this.#options.stateDir;
  }

  get datasets(): RuntimeState["datasets"] {
    return this.#state.datasets;
  }

  get runs(): RuntimeState["runs"] {
    return this.#state.runs;
  }

  async load(source: PipelineSource): Promise<LoadedCode> {
    const { handlers, variables, projectRoot } = this.#options;
    const options: LoadOptions = { types: handlers.map(({ type }) => type), variables, root: projectRoot };
    if (typeof source === "string") return loadPipelineFile(source, options);
    return isPipeline(source) ? loadPipeline(source, options) : source;
  }

  async bind(source: PipelineSource, settings: BindSettings = {}): Promise<Binding> {
    await using workspace = await this.#open(source, settings);
    return await this.#bind(workspace, settings);
  }

  async plan(source: PipelineSource, settings: PlanSettings = {}): Promise<PlannedPipeline> {
    const workspace = await this.#open(source, settings);
    try {
      const { stateDir, params } = this.#options;
      return await planWorkspace(workspace, { ...settings, lock: await this.#lockOf(settings) }, { stateDir, params });
    } catch (error) {
      await workspace[Symbol.asyncDispose]();
      throw error;
    }
  }

  async validate(source: PipelineSource, settings: PlanSettings = {}): Promise<readonly Issue[]> {
    await using planned = await this.plan(source, { sources: "lock", allowMissingParams: true, ...settings });
    return planned.issues;
  }

  async run(source: PipelineSource, settings: RunSettings = {}): Promise<Run> {
    const planned = await this.plan(source, settings);
    const run = await this.execute(planned, settings);
    return run;
  }

  async execute(planned: PlannedPipeline, options: ExecuteOptions = {}): Promise<Run> {
    await using running = planned;
    const { loaded } = running.workspace;
    if (planned.plan === undefined || planned.bound === undefined)
      throw toDefinitionError(loaded.spec?.name ?? loaded.pipeline?.name ?? loaded.file ?? "", planned.issues);
    await this.#writeFirstLock(planned.bound);
    return await executePlanned(planned.plan, planned.workspace, {
      ...options,
      runtime: this.#options,
      state: this.#state,
      reopen: (settings) => this.#open(loaded, settings),
    });
  }

  async preview(source: PipelineSource, step: string, options: PreviewOptions = {}): Promise<Sample> {
    const loaded = await this.load(source);
    const name = loaded.spec?.name ?? loaded.file ?? "";
    if (loaded.spec === undefined) throw toDefinitionError(name, loaded.issues);
    const dataset = previewedDataset(loaded.spec, step);
    const settings: PlanSettings = {
      allowMissingParams: true,
      ...options,
      select: [`+${dataset}`],
      observe: "boundaries",
    };
    await using planned = await this.plan(loaded, settings);
    if (planned.plan === undefined) throw toDefinitionError(name, planned.issues);
    return await previewDataset(planned.plan, dataset, {
      ...options,
      workspace: planned.workspace,
      runtime: this.#options,
    });
  }

  async query(sql: string, options: QueryOptions = {}): Promise<Sample> {
    const plans: PlannedPipeline[] = [];
    try {
      for (const source of options.pipelines ?? []) plans.push(await this.plan(source, { allowMissingParams: true }));
      await using workspace = openWorkspace(emptyCode, {}, { options: this.#options, pool: this.#pool });
      return await queryDatasets(sql, { ...options, plans, workspace, datasets: this.#state.datasets });
    } finally {
      for (const planned of plans) await planned[Symbol.asyncDispose]();
    }
  }

  async dataset(name: string): Promise<Input<unknown>> {
    return openDatasetByName(name, this.#state.datasets, () =>
      openWorkspace(emptyCode, {}, { options: this.#options, pool: this.#pool }),
    );
  }

  // The signature is that of `Runtime`.
  // oxlint-disable-next-line max-params
  async testStep(
    pipeline: Pipeline,
    step: string,
    fixtures: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>,
    options: StepTestOptions = {},
  ): Promise<unknown> {
    const settings: BindSettings = { ...options, sources: "lock", allowMissingParams: true };
    await using workspace = await this.#open(pipeline, settings);
    return await runStepTest({ workspace, binding: await this.#bind(workspace, settings) }, step, fixtures);
  }

  async types(
    sources: readonly PipelineSource[],
    { refresh = false, module = "millrace" }: TypesOptions = {},
  ): Promise<TypesResult> {
    let lock = (await this.#readLock()) ?? emptyLock;
    const issues = new Map<string, readonly Issue[]>();
    const bounds: BoundDag[] = [];
    for (const source of sources) {
      const settings: BindSettings = { sources: refresh ? "live" : "lock", allowMissingParams: true };
      await using workspace = await this.#open(source, settings);
      const { bound, issues: found } = await bindWorkspace(
        workspace,
        { ...settings, lock: refresh ? undefined : lock },
        this.#options.params,
      );
      const { spec, pipeline, file } = workspace.loaded;
      issues.set(spec?.name ?? pipeline?.name ?? file ?? "", found);
      if (bound === undefined) continue;
      bounds.push(bound);
      lock = updateSourceLock(lock, bound, this.#options.clock);
    }
    return { text: toEnvironmentText(bounds.map(typesOf), module), lock, issues };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
    for (const compute of this.#options.compute) await compute.close();
  }

  async #open(source: PipelineSource, settings: BindSettings): Promise<Workspace> {
    return openWorkspace(await this.load(source), settings, { options: this.#options, pool: this.#pool });
  }

  async #bind(workspace: Workspace, settings: BindSettings): Promise<Binding> {
    return bindWorkspace(workspace, { ...settings, lock: await this.#lockOf(settings) }, this.#options.params);
  }

  async #lockOf({ lock }: BindSettings): Promise<SourceLock | undefined> {
    return lock ?? this.#readLock();
  }

  async #readLock(): Promise<SourceLock | undefined> {
    const { lockFile } = this.#options;
    return lockFile === undefined ? undefined : readSourceLock(lockFile);
  }

  /** The first run of a pipeline writes what it found of its sources; later ones compare with it. */
  async #writeFirstLock(bound: BoundDag): Promise<void> {
    const { lockFile, clock, ids } = this.#options;
    if (lockFile === undefined) return;
    const before = (await this.#readLock()) ?? emptyLock;
    const prefix = `${bound.dag.spec.name}.`;
    if (Object.keys(before.sources).some((key) => key.startsWith(prefix))) return;
    const after = updateSourceLock(before, bound, clock);
    if (Object.keys(after.sources).length > Object.keys(before.sources).length)
      await writeSourceLock(lockFile, after, ids);
  }
}

/** What a question without a pipeline is asked in. */
const emptyCode: LoadedCode = {
  spec: undefined,
  issues: [],
  files: [],
  functions: new Map(),
  locate: () => undefined,
  text: () => undefined,
};
