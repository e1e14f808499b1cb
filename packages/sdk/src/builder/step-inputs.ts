import { quoteIdentifier } from "@millrace/foundation";
import type { CallSite } from "./call-site.ts";
import { isDataset, isOwnedBy } from "./dataset.ts";
import type { Dataset, StepInputs } from "./dataset.ts";
import type { PipelineDraft } from "./draft.ts";

/** A step whose inputs are read. */
export interface InputOwner {
  readonly name: string;
  readonly inputs?: StepInputs;
  readonly site: CallSite | undefined;
}

/** Logical names to dataset keys, and which of them may be missing. */
export function toInputs(
  draft: PipelineDraft,
  { name: step, inputs = {}, site }: InputOwner,
): { readonly inputs: Readonly<Record<string, string>>; readonly missing: readonly string[] } {
  const missing: string[] = [];
  const entries = Object.entries(inputs).flatMap(([logical, input]) => {
    const mayMiss = typeof input === "object" && "optional" in input;
    const dataset: unknown = mayMiss ? input.optional : input;
    if (mayMiss) missing.push(logical);
    if (isDataset(dataset) && isOwnedBy(dataset, draft)) return [[logical, dataset.name] as const];
    const received = isDataset(dataset) ? `the dataset "${dataset.name}" of another pipeline` : `a ${typeof dataset}`;
    draft.report({
      code: "DEFINITION_WRONG_TYPE",
      message: `step "${step}": input "${logical}" is ${received}; expected what a step of this pipeline returned`,
      step,
      site,
      path: ["inputs", logical],
    });
    return [];
  });
  return { inputs: Object.fromEntries(entries), missing };
}

/** The table name of a dataset in a step's SQL: the logical name under which the step reads it. */
export function nameInStep(
  draft: PipelineDraft,
  {
    dataset,
    inputs,
    step,
    site,
  }: {
    readonly dataset: Dataset<unknown>;
    readonly inputs: StepInputs;
    readonly step: string;
    readonly site: CallSite | undefined;
  },
): string {
  for (const [logical, input] of Object.entries(inputs))
    if (input === dataset || ("optional" in input && input.optional === dataset)) return quoteIdentifier(logical);
  draft.report({
    code: "SQL_UNDECLARED_TABLE",
    message: `step "${step}": a hole of its SQL is the dataset "${dataset.name}", which is not an input of the step`,
    step,
    site,
    path: ["value"],
    suggestion: `{ ${[...Object.keys(inputs), dataset.name].join(", ")} }`,
  });
  return quoteIdentifier(dataset.name);
}
