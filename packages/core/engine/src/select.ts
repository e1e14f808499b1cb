import type { Dag, Issue } from "@millrace/protocols";
import { suggestName } from "@millrace/foundation";

/** Which steps of a pipeline to run. */
export interface Selection {
  /**
   * Any of: a step or dataset name, `+name` (and all it needs), `name+` (and all that needs it), `tag:x`,
   * `path:x` (ingest, store or publish whose value starts with x), `medallion:x`. Nothing: all steps.
   */
  readonly select?: readonly string[];
  /** Same forms; taken away afterwards. */
  readonly exclude?: readonly string[];
}

/** The steps that a selection leaves, and what was wrong with it. */
export interface SelectionResult {
  readonly steps: ReadonlySet<string>;
  readonly issues: readonly Issue[];
}

/** Resolves a selection. A word that matches nothing is an error with a suggestion. */
export function selectSteps(dag: Dag, selection: Selection): SelectionResult {
  const issues: Issue[] = [];
  const resolve = (words: readonly string[]): Set<string> => {
    const found = new Set<string>();
    for (const word of words) {
      const matched = matchWord(dag, word);
      if (matched.length === 0) issues.push(noMatch(dag, word));
      for (const step of matched) found.add(step);
    }
    return found;
  };
  const all = selection.select === undefined || selection.select.length === 0;
  const selected = all ? new Set(dag.order) : resolve(selection.select ?? []);
  for (const step of resolve(selection.exclude ?? [])) selected.delete(step);
  if (issues.length === 0 && selected.size === 0)
    issues.push({
      severity: "error",
      code: "SELECTION_EMPTY",
      message: "the selection leaves no step to run",
      path: [],
    });
  return { steps: selected, issues };
}

function matchWord(dag: Dag, word: string): string[] {
  const upstream = word.startsWith("+");
  const downstream = word.endsWith("+");
  const name = word.slice(upstream ? 1 : 0, downstream ? -1 : undefined);
  const direct = matchName(dag, name);
  const found = new Set(direct);
  if (upstream) for (const step of closure(direct, (at) => dag.nodes.get(at)?.dependsOn ?? [])) found.add(step);
  if (downstream) for (const step of closure(direct, (at) => dag.nodes.get(at)?.dependants ?? [])) found.add(step);
  return [...found];
}

function matchName(dag: Dag, name: string): string[] {
  const [, method, argument] = /^(tag|path|medallion):(.*)$/s.exec(name) ?? [];
  if (method === undefined) {
    if (dag.nodes.has(name)) return [name];
    const producer = dag.producers.get(name);
    return producer === undefined ? [] : [producer.step];
  }
  return dag.order.filter((at) => {
    const step = dag.nodes.get(at)?.step;
    if (step === undefined) return false;
    if (method === "tag") return step.metadata.tags?.includes(argument ?? "") === true;
    if (method === "medallion") return step.metadata.medallion === argument;
    return step.type !== "sql" && step.layer !== "transform" && step.value.startsWith(argument ?? "");
  });
}

function closure(from: readonly string[], next: (step: string) => readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...from];
  for (const step of queue)
    for (const other of next(step))
      if (!seen.has(other)) {
        seen.add(other);
        queue.push(other);
      }
  return seen;
}

function noMatch(dag: Dag, word: string): Issue {
  const suggestion = suggestName(word.replace(/^\+|\+$/g, ""), [...dag.nodes.keys(), ...dag.producers.keys()]);
  return {
    severity: "error",
    code: "SELECTION_EMPTY",
    message: `"${word}" matches no step of "${dag.spec.name}"`,
    path: [],
    received: word,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
