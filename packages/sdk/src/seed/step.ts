import type { Layer } from "@millrace/protocols";
import type { StepRow } from "../builder/from-steps.ts";

/** Fields of a step, as the seed's dataclass has them. */
export interface StepFields extends Omit<StepRow, "layer" | "type" | "engine" | "value"> {
  readonly layer: Layer;
  readonly type: string;
  /** `pandas` is an alias of `duckdb`. */
  readonly engine: string;
  readonly value: string;
}

/** One step of a pipeline: a record of nine fields (ODIBI CORE 1.1.0). */
export class Step implements StepFields {
  readonly layer: Layer;
  readonly name: string;
  readonly type: string;
  readonly engine: string;
  readonly value: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, unknown>>;

  constructor(fields: StepFields) {
    this.layer = fields.layer;
    this.name = fields.name;
    this.type = fields.type;
    this.engine = fields.engine;
    this.value = fields.value;
    this.params = fields.params ?? {};
    this.inputs = fields.inputs ?? {};
    this.outputs = fields.outputs ?? {};
    this.metadata = fields.metadata ?? {};
  }
}

/** Steps as plain rows: what a class adds to a record is left behind. @internal */
export function toRows(steps: readonly StepRow[]): readonly StepRow[] {
  return steps.map((step) => ({ ...step }));
}
