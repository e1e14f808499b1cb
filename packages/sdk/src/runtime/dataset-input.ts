import { createStepInput } from "@millrace/engine";
import type { ComputeSession, DatasetSchema, RelationId } from "@millrace/protocols";
import type { Input } from "../builder/step-function.ts";

/** A dataset opened for one reading. */
export interface OpenedDataset extends AsyncDisposable {
  readonly session: ComputeSession;
  readonly relation: RelationId;
}

/** An input over a dataset that is opened whenever it is read: nothing is held between two readings. */
export function createDatasetInput<C>(schema: DatasetSchema, open: () => Promise<OpenedDataset>): Input<C> {
  const input = createStepInput({
    schema,
    present: true,
    async count() {
      await using opened = await open();
      return opened.session.count(opened.relation);
    },
    async *ipc(columns) {
      await using opened = await open();
      yield* opened.session.exportArrow(opened.relation, columns === undefined ? {} : { columns });
    },
  });
  return input as unknown as Input<C>;
}
