import { createStepInput } from "@millrace/engine";
import type { Column, ComputeSession, RelationId, StepInput } from "@millrace/protocols";

const relationOf: unique symbol = Symbol("relation");

/** Rows in the compute of a context: what a DataFrame is in the seed. Read as an input of a code step is. */
export interface Frame extends Pick<StepInput, "schema" | "rows" | "batches" | "count"> {
  /** Whole columns as typed arrays; all of them where none is named. */
  readonly columns: StepInput["columns"];
  /** The relation in its session. */
  readonly [relationOf]: RelationId;
}

/** @internal */
export function createFrame(session: ComputeSession, relation: RelationId, columns: readonly Column[]): Frame {
  const input = createStepInput({
    schema: { origin: "bound", columns },
    present: true,
    count: () => session.count(relation),
    ipc: (names) => session.exportArrow(relation, names === undefined ? {} : { columns: names }),
  });
  return {
    schema: input.schema,
    rows: (options) => input.rows(options),
    columns: (...names) => input.columns(...names),
    batches: () => input.batches(),
    count: () => input.count(),
    [relationOf]: relation,
  };
}

/** @internal */
export function frameRelation(frame: Frame): RelationId {
  return frame[relationOf];
}
