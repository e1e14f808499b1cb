import { suggestName } from "@millrace/foundation";
import { listNames, shorten } from "../finding.ts";
import type { Report } from "../finding.ts";
import { findCycles } from "./cycle.ts";
import type { ReadStep } from "./step.ts";

/** Names compared in all while looking for suggestions: about a tenth of a second, however many steps are wrong. */
const suggestionBudget = 200_000;

/** Longest cycle that is printed whole. */
const printedCycle = 100;

interface Producer {
  readonly index: number;
  readonly dataset: string;
}

/** Rules that need all steps: names once, datasets produced once, inputs produced at all, no circles. */
export function checkGraph(steps: readonly ReadStep[], report: Report): void {
  checkStepNames(steps, report);
  const producers = checkOutputs(steps, report);
  checkInputs(steps, producers, report);
  checkCycles(steps, producers, report);
}

function callStep(steps: readonly ReadStep[], index: number): string {
  const step = steps[index];
  return step?.named === true ? shorten(step.spec.name) : `step ${index + 1}`;
}

function labelOf({ named: hasName, spec, index }: ReadStep): string {
  return hasName ? `Step ${shorten(spec.name)}` : `Step ${index + 1}`;
}

function named(step: ReadStep): { readonly step?: string } {
  return step.named ? { step: step.spec.name } : {};
}

function checkStepNames(steps: readonly ReadStep[], report: Report): void {
  const seen = new Map<string, ReadStep>();
  for (const step of steps) {
    if (!step.named) continue;
    const { name } = step.spec;
    const first = seen.get(name.toLowerCase());
    if (first === undefined) {
      seen.set(name.toLowerCase(), step);
      continue;
    }
    const same = first.spec.name === name;
    report({
      code: "DEFINITION_DUPLICATE_STEP",
      message: same
        ? `Duplicate step name: ${shorten(name)} is the name of step ${first.index + 1} and of step ${step.index + 1}.`
        : `Duplicate step name: ${shorten(name)} (step ${step.index + 1}) differs from ${shorten(first.spec.name)} (step ${first.index + 1}) only in case.`,
      path: ["steps", step.index, "name"],
      ...named(step),
      received: name,
    });
  }
}

/** Dataset keys in lower case to their first producer. Folders and SQL may not tell names apart that differ in case. */
function checkOutputs(steps: readonly ReadStep[], report: Report): ReadonlyMap<string, Producer> {
  const producers = new Map<string, Producer>();
  for (const step of steps) {
    for (const [logical, dataset] of Object.entries(step.spec.outputs)) {
      const first = producers.get(dataset.toLowerCase());
      if (first === undefined) {
        producers.set(dataset.toLowerCase(), { index: step.index, dataset });
        continue;
      }
      const twin = first.dataset === dataset ? "" : `, where it is spelled ${shorten(first.dataset)}`;
      report({
        code: "DEFINITION_DUPLICATE_OUTPUT",
        message: `Dataset ${shorten(dataset)} is produced by ${callStep(steps, step.index)} and by ${callStep(steps, first.index)}${twin}.`,
        path: ["steps", step.index, "outputs", logical],
        ...named(step),
        received: dataset,
      });
    }
  }
  return producers;
}

function producerOf(producers: ReadonlyMap<string, Producer>, dataset: string): Producer | undefined {
  const producer = producers.get(dataset.toLowerCase());
  return producer?.dataset === dataset ? producer : undefined;
}

function checkInputs(steps: readonly ReadStep[], producers: ReadonlyMap<string, Producer>, report: Report): void {
  // The missing producer may be the step that could not be read.
  if (steps.some((step) => !step.outputsKnown)) return;
  const available = [...producers.values()].map(({ dataset }) => dataset);
  const stepOf = new Map(steps.filter((step) => step.named).map((step) => [step.spec.name, step]));
  let budget = suggestionBudget;
  const suggest = (dataset: string): string | undefined => {
    const own = Object.values(stepOf.get(dataset)?.spec.outputs ?? {})[0];
    if (own !== undefined) return own;
    budget -= available.length;
    return budget < 0 ? undefined : suggestName(dataset, available);
  };
  const known = listNames(available);
  for (const step of steps) {
    for (const [logical, dataset] of Object.entries(step.spec.inputs)) {
      if (producerOf(producers, dataset) !== undefined) continue;
      const suggestion = suggest(dataset);
      const hint = suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
      const isStep = stepOf.has(dataset) ? ` ${shorten(dataset)} is a step; inputs name datasets.` : "";
      report({
        code: "DEFINITION_UNDEFINED_INPUT",
        message: `${labelOf(step)}: input ${shorten(logical)} reads ${shorten(dataset)}, which no step produces.${isStep}${hint}`,
        path: ["steps", step.index, "inputs", logical],
        ...named(step),
        received: dataset,
        ...(suggestion === undefined ? {} : { suggestion }),
        notes: [`datasets that steps produce: ${known}`],
      });
    }
  }
}

function checkCycles(steps: readonly ReadStep[], producers: ReadonlyMap<string, Producer>, report: Report): void {
  const edges: number[][] = steps.map(() => []);
  for (const { index, spec } of steps)
    for (const dataset of Object.values(spec.inputs)) {
      const producer = producerOf(producers, dataset);
      if (producer !== undefined) edges[producer.index]?.push(index);
    }
  for (const cycle of findCycles(edges)) {
    const first = steps[cycle[0] ?? 0];
    const last = cycle.at(-1);
    if (first === undefined || last === undefined) continue;
    const closing = Object.entries(first.spec.inputs).find(
      ([, dataset]) => producerOf(producers, dataset)?.index === last,
    );
    report({
      code: "DEFINITION_CYCLE",
      message:
        cycle.length === 1
          ? `Circular dependency: ${printCycle(steps, cycle)}. The step reads its own output.`
          : `Circular dependency of ${cycle.length} steps: ${printCycle(steps, cycle)}.`,
      path: ["steps", first.index, "inputs", ...(closing === undefined ? [] : [closing[0]])],
      ...named(first),
    });
  }
}

function printCycle(steps: readonly ReadStep[], cycle: readonly number[]): string {
  const names = [...cycle, ...cycle.slice(0, 1)].map((index) => {
    const step = steps[index];
    return step?.named === true ? shorten(step.spec.name).slice(1, -1) : `step ${index + 1}`;
  });
  if (names.length <= printedCycle + 1) return names.join(" → ");
  const shown = printedCycle / 2;
  return [...names.slice(0, shown), `… ${names.length - 2 * shown} more …`, ...names.slice(-shown)].join(" → ");
}
