import type { StandardSchemaV1 } from "@standard-schema/spec";
import { TerminalError } from "@millrace/foundation";
import type { Builder } from "./builder.ts";
import { captureCallSite } from "./call-site.ts";
import { createBuilder } from "./create-builder.ts";
import type { Dataset } from "./dataset.ts";
import { PipelineDraft } from "./draft.ts";
import type { PipelineDefinition } from "./draft.ts";
import { createListeners } from "./events.ts";
import type { PipelineEvents, PipelineListener, PipelineListeners } from "./events.ts";
import type { PipelineOptions } from "./options.ts";

// Shared by every copy of this package in the process: the command line has one of its own.
const definition: unique symbol = Symbol.for("@millrace/pipeline");

/** What a pipeline returns: the datasets that a run gives, by name. */
export type PipelineOutputs = { readonly [output: string]: Dataset<unknown> } | void;

/** Parameters of a pipeline that declares none. */
export interface NoParams {}

/**
 * A pipeline: a name, its steps, and who is told of its events. Made by `pipeline` and `fromSteps`.
 *
 * `Pipeline` alone is any pipeline.
 */
export interface Pipeline<N extends string = string, In = never, O = unknown> {
  readonly name: N;
  /** The datasets that `run` gives, by the names under which the callback returned them. */
  readonly outputs: O;
  /** Calls a function on an event of every run of this pipeline in this process. */
  on<K extends keyof PipelineEvents>(event: K, listener: PipelineListener<K>): this;
  /** For the runtime; holds no state of a run. */
  readonly [definition]: unknown;
  /** Only a type: what `run` takes as `params`. */
  readonly __params?: (params: In) => void;
}

/** What the runtime reads of a pipeline. */
export interface PipelineState {
  readonly definition: PipelineDefinition;
  readonly listeners: PipelineListeners;
  /** Builds the definition once more: a callback that gives another one is not pure. */
  rebuild(): PipelineDefinition;
}

/**
 * Defines a pipeline by code.
 *
 * The callback runs at once and again when the pipeline is loaded: it adds steps and has no other effect.
 *
 * @example
 * ```ts no-run
 * export default pipeline("orders", (p) => {
 *   const raw = p.ingest("raw_orders", "data/orders/*.csv");
 *   const daily = p.sql("daily", { raw }, `select day, count(*) as n from raw group by day`);
 *   p.store("save_daily", daily, "gold/daily.parquet");
 *   return { daily };
 * });
 * ```
 */
export function pipeline<const N extends string, O extends PipelineOutputs>(
  name: N,
  build: (p: Builder<N, NoParams>) => O,
): Pipeline<N, NoParams, O>;
/** Defines a pipeline by code, with parameters by a Standard Schema and defaults of all steps. */
export function pipeline<
  const N extends string,
  O extends PipelineOutputs,
  S extends StandardSchemaV1 = StandardSchemaV1<NoParams, NoParams>,
>(
  name: N,
  options: PipelineOptions<S>,
  build: (p: Builder<N, StandardSchemaV1.InferOutput<S>>) => O,
): Pipeline<N, StandardSchemaV1.InferInput<S>, O>;
export function pipeline(name: string, ...rest: readonly unknown[]): Pipeline {
  const site = captureCallSite(pipeline);
  const [options, build] = (rest.length > 1 ? rest : [{}, rest[0]]) as [PipelineOptions<StandardSchemaV1>, unknown];
  if (typeof build !== "function") {
    throw new TerminalError({
      code: "DEFINITION_WRONG_TYPE",
      fault: "config",
      message: `pipeline(${JSON.stringify(name)}, …): the last argument must be a function that adds the steps; received ${typeof build}.`,
    });
  }
  const draw = (): { readonly definition: PipelineDefinition; readonly outputs: unknown } => {
    const draft = new PipelineDraft(name, options, site);
    const outputs: unknown = (build as (p: unknown) => unknown)(createBuilder(draft));
    return { definition: draft.finish(outputs), outputs };
  };
  const first = draw();
  return createPipeline(first.definition, { outputs: first.outputs ?? {}, rebuild: () => draw().definition });
}

/** @internal */
export function createPipeline(
  built: PipelineDefinition,
  { outputs, rebuild }: { readonly outputs: unknown; readonly rebuild: () => PipelineDefinition },
): Pipeline {
  const listeners = createListeners();
  const made: Pipeline = {
    name: built.document.name,
    outputs,
    on(event, listener) {
      listeners.add(event, listener);
      return made;
    },
    [definition]: { definition: built, listeners, rebuild } satisfies PipelineState,
  };
  return made;
}

/** Whether a value is a pipeline, from whichever copy of this package. */
export function isPipeline(value: unknown): value is Pipeline {
  return typeof value === "object" && value !== null && definition in value;
}

/** @internal */
export function pipelineState(made: Pipeline): PipelineState {
  return made[definition] as PipelineState;
}
