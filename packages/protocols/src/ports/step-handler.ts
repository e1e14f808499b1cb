import type { DatasetSchema } from "../column-type.ts";
import type { JsonObject } from "../json.ts";
import type { StepSpec } from "../pipeline-spec.ts";
import type { ComputeSession, RelationId } from "./compute.ts";
import type { Clock, Logger } from "./world.ts";

/** What a handler may ask while a step is bound. */
export interface StepDescribeContext {
  readonly inputs: ReadonlyMap<string, DatasetSchema>;
  readonly params: JsonObject;
  readonly projectRoot: string;
}

/** What a handler gets to run a step. */
export interface StepRunContext {
  /** The compute session; opened on first call. */
  readonly session: () => Promise<ComputeSession>;
  readonly inputs: ReadonlyMap<string, RelationId>;
  readonly params: JsonObject;
  readonly projectRoot: string;
  readonly runId: string;
  readonly attempt: number;
  /** The same for every attempt of this effect. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Runs steps of one layer and type: what `register_node` is in the seed. A handler's step is a group of its own;
 * its outputs are boundaries.
 */
export interface StepHandler {
  readonly layer: StepSpec["layer"];
  readonly type: string;
  /** Schema of each output by logical name, without effect. */
  describe(step: StepSpec, context: StepDescribeContext): Promise<ReadonlyMap<string, DatasetSchema>>;
  /** Runs the step; gives a relation for each output by logical name. */
  run(step: StepSpec, context: StepRunContext): Promise<ReadonlyMap<string, RelationId>>;
}
