import type { Plan, QueryGroup } from "@millrace/protocols";
import { holdsCondition } from "./condition.ts";
import type { RunStateBook } from "./run-state.ts";

/** Why a group that is ready does not run: a step that it needs did not succeed, or its condition is false. */
export function reasonToSkip(group: QueryGroup, plan: Plan, book: RunStateBook): string | undefined {
  const { dag } = plan.bound;
  for (const name of group.steps) {
    const step = dag.nodes.get(name)?.step;
    if (step === undefined) continue;
    const { condition, optional_inputs: optional = [] } = step.metadata.policy ?? {};
    for (const [input, dataset] of Object.entries(step.inputs)) {
      const producer = dag.producers.get(dataset)?.step ?? "";
      if (group.steps.includes(producer) || book.isExcluded(producer) || optional.includes(input)) continue;
      const state = book.state(producer);
      if (state === "success") continue;
      if (state === "skipped") return `step "${producer}" was skipped`;
      return `step "${producer}" ${state === "failed" ? "failed" : `is ${state}`}`;
    }
    if (condition === undefined) continue;
    const rowsOf = (input: string): number | undefined => book.rowsOf(step.inputs[input] ?? "");
    if (holdsCondition(condition, { params: plan.params, rowsOf })) continue;
    const value = condition.value === undefined ? "" : ` ${JSON.stringify(condition.value)}`;
    return `its condition ${condition.field} ${condition.operator}${value} is false`;
  }
  return undefined;
}

/** Optional inputs whose dataset this run did not produce, as `<step>.<logical name>`. */
export function missingInputs(group: QueryGroup, plan: Plan, book: RunStateBook): ReadonlySet<string> {
  const { dag } = plan.bound;
  const missing = new Set<string>();
  for (const name of group.steps) {
    const step = dag.nodes.get(name)?.step;
    for (const input of step?.metadata.policy?.optional_inputs ?? []) {
      const producer = dag.producers.get(step?.inputs[input] ?? "")?.step;
      if (producer !== undefined && !book.isExcluded(producer) && book.state(producer) !== "success")
        missing.add(`${name}.${input}`);
    }
  }
  return missing;
}
