import type { Dag, EventSink, RunRecord } from "@millrace/protocols";
import { fromSteps } from "../builder/from-steps.ts";
import type { StepRow } from "../builder/from-steps.ts";
import type { Run } from "../runtime/run.ts";
import { DAGBuilder } from "./dag-builder.ts";
import type { EngineContext } from "./engine-context.ts";
import { toNodeResult } from "./node-state.ts";
import type { NodeExecutionResult } from "./node-state.ts";
import { toRows } from "./step.ts";
import type { Tracker } from "./tracker.ts";

/** How a pipeline of the seed runs. */
export interface ExecutorOptions {
  /** Name of the pipeline. @defaultValue "pipeline" */
  readonly name?: string;
  /** False runs one node after another. @defaultValue true */
  readonly parallel?: boolean;
  /** Nodes that run at the same time. @defaultValue 4 */
  readonly maxWorkers?: number;
  /** Attempts in all. @defaultValue 3 */
  readonly maxRetries?: number;
  /** Seconds before the second attempt. @defaultValue 1 */
  readonly retryDelay?: number;
  /** Waits for a level before the next, as the seed does. @defaultValue false */
  readonly levelBarrier?: boolean;
  /** Nodes that are left out. */
  readonly skipNodes?: readonly string[];
}

/** Statistics of a run (ODIBI CORE 1.1.0 `get_stats`). */
export interface ExecutionStats {
  readonly totalNodes: number;
  readonly completed: number;
  readonly failed: number;
  readonly totalDurationMs: number;
  readonly totalAttempts: number;
  readonly avgAttempts: number;
}

/** What an orchestrator gives. */
export interface OrchestrationResult {
  /** Whether every node is done; a warning is a success. */
  readonly success: boolean;
  readonly state: RunRecord["state"];
  /** Every dataset that was produced, by its key. */
  readonly dataMap: Run["dataMap"];
  /** Outcome of each node, in the order of the definition. */
  readonly results: readonly NodeExecutionResult[];
  readonly tracker: Tracker | undefined;
  readonly dagBuilder: DAGBuilder;
  readonly record: RunRecord;
  getExecutionStats(): ExecutionStats;
}

/** Runs a graph in a context: `DAGExecutor` of the seed. */
export class DAGExecutor {
  readonly #steps: readonly StepRow[];
  readonly #context: EngineContext;
  readonly #tracker: Tracker | undefined;
  readonly #events: EventSink | undefined;
  readonly #options: ExecutorOptions;

  constructor(
    dag: Dag,
    context: EngineContext,
    ...rest: readonly [tracker?: Tracker, events?: EventSink, options?: ExecutorOptions]
  ) {
    this.#steps = dag.spec.steps;
    this.#context = context;
    [this.#tracker, this.#events, this.#options = { name: dag.spec.name }] = rest;
  }

  /** Runs all nodes and resolves with what came of them, failure included. */
  async execute(): Promise<OrchestrationResult> {
    const {
      name = "pipeline",
      parallel = true,
      maxWorkers,
      maxRetries,
      retryDelay,
      levelBarrier,
      skipNodes,
    } = this.#options;
    const retry = {
      ...(maxRetries === undefined ? {} : { attempts: maxRetries }),
      ...(retryDelay === undefined ? {} : { base_ms: Math.round(retryDelay * 1000) }),
    };
    const runtime = await this.#context.runtime();
    const pipeline = fromSteps(name, toRows(this.#steps), { policy: { retry } });
    const events = this.#events;
    const run = await runtime.run(pipeline, {
      sequential: !parallel,
      ...(maxWorkers === undefined ? {} : { workers: maxWorkers }),
      ...(levelBarrier === undefined ? {} : { levelBarrier }),
      ...(skipNodes === undefined ? {} : { exclude: skipNodes }),
      ...(events === undefined ? {} : { onEvent: (event) => events.emit(event) }),
    });
    this.#tracker?.track(run.record);
    return toResult(run, this.#tracker, new DAGBuilder(this.#steps, { name, types: this.#context.nodeTypes }));
  }
}

/** Runs a list of steps in a context: `Orchestrator` of the seed. */
export class Orchestrator {
  readonly #executor: () => DAGExecutor;

  constructor(
    steps: readonly StepRow[],
    context: EngineContext,
    ...rest: readonly [tracker?: Tracker, events?: EventSink, options?: ExecutorOptions]
  ) {
    const { name = "pipeline" } = rest[2] ?? {};
    this.#executor = () =>
      new DAGExecutor(new DAGBuilder(steps, { name, types: context.nodeTypes }).build(), context, ...rest);
  }

  /** Runs all steps and resolves with what came of them, failure included. */
  async execute(): Promise<OrchestrationResult> {
    return this.#executor().execute();
  }

  /** The same as `execute`: the seed has both names. */
  async run(): Promise<OrchestrationResult> {
    return this.execute();
  }
}

function toResult(run: Run, tracker: Tracker | undefined, dagBuilder: DAGBuilder): OrchestrationResult {
  const results = run.record.steps.map(toNodeResult);
  return {
    success: run.state === "success" || run.state === "warning",
    state: run.state,
    dataMap: run.dataMap,
    results,
    tracker,
    dagBuilder,
    record: run.record,
    getExecutionStats: () => toStats(results, run.record),
  };
}

function toStats(results: readonly NodeExecutionResult[], record: RunRecord): ExecutionStats {
  const totalAttempts = results.reduce((sum, { attempts }) => sum + attempts, 0);
  return {
    totalNodes: results.length,
    completed: results.filter(({ state }) => state === "success" || state === "cached").length,
    failed: results.filter(({ state }) => state === "failed").length,
    totalDurationMs: record.duration_ms ?? 0,
    totalAttempts,
    avgAttempts: results.length === 0 ? 0 : totalAttempts / results.length,
  };
}
