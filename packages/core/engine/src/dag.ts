import type { Dag, DagNode, Issue, PipelineSpec } from "@millrace/protocols";
import { suggestName } from "@millrace/foundation";

/** A graph, or the reasons why there is none. */
export interface DagResult {
  readonly dag: Dag | undefined;
  readonly issues: readonly Issue[];
}

interface MutableNode {
  readonly index: number;
  readonly dependsOn: Set<string>;
  readonly dependants: Set<string>;
  level: number;
}

/**
 * Builds the graph of a pipeline: edges from `inputs` and `outputs`, levels, and the deterministic order (level, then name).
 * Finds all duplicate steps, duplicate outputs, undefined inputs and one cycle at once. One pass over the edges.
 */
export function buildDag(spec: PipelineSpec): DagResult {
  const issues: Issue[] = [];
  const nodes = new Map<string, MutableNode>();
  const producers = new Map<string, { step: string; output: string }>();
  const consumers = new Map<string, { step: string; input: string }[]>();

  for (const [index, step] of spec.steps.entries()) {
    const twin = nodes.get(step.name);
    if (twin !== undefined) {
      issues.push({
        severity: "error",
        code: "DEFINITION_DUPLICATE_STEP",
        message: `duplicate step names: steps ${twin.index + 1} and ${index + 1} are both called "${step.name}"`,
        path: ["steps", index, "name"],
        step: step.name,
        received: step.name,
      });
      continue;
    }
    nodes.set(step.name, { index, dependsOn: new Set(), dependants: new Set(), level: 0 });
    for (const [output, dataset] of Object.entries(step.outputs)) {
      const other = producers.get(dataset);
      if (other === undefined) producers.set(dataset, { step: step.name, output });
      else
        issues.push({
          severity: "error",
          code: "DEFINITION_DUPLICATE_OUTPUT",
          message: `dataset "${dataset}" is produced by two steps: "${other.step}" and "${step.name}"`,
          path: ["steps", index, "outputs", output],
          step: step.name,
          received: dataset,
        });
    }
  }

  for (const [index, step] of spec.steps.entries()) {
    const node = nodes.get(step.name);
    if (node?.index !== index) continue;
    for (const [input, dataset] of Object.entries(step.inputs)) {
      const producer = producers.get(dataset);
      if (producer === undefined) {
        issues.push(undefinedInput({ step: step.name, index, input, dataset }, [...producers.keys()]));
        continue;
      }
      let readers = consumers.get(dataset);
      if (readers === undefined) consumers.set(dataset, (readers = []));
      readers.push({ step: step.name, input });
      node.dependsOn.add(producer.step);
      nodes.get(producer.step)?.dependants.add(step.name);
    }
  }

  const sorted = assignLevels(nodes);
  if (sorted < nodes.size) issues.push(cycleIssue(findCycle(nodes), nodes));
  if (issues.some((issue) => issue.severity === "error")) return { dag: undefined, issues };
  return { dag: toDag(spec, nodes, { producers, consumers }), issues };
}

function undefinedInput(
  read: { readonly step: string; readonly index: number; readonly input: string; readonly dataset: string },
  known: readonly string[],
): Issue {
  const { step, index, input, dataset } = read;
  const suggestion = suggestName(dataset, known);
  const shown = known.slice(0, 20);
  const available =
    known.length === 0
      ? "no step produces any dataset"
      : `available: ${shown.join(", ")}${known.length > shown.length ? ", …" : ""}`;
  return {
    severity: "error",
    code: "DEFINITION_UNDEFINED_INPUT",
    message: `step "${step}" reads dataset "${dataset}" as "${input}", and no step produces it; ${available}`,
    path: ["steps", index, "inputs", input],
    step,
    received: dataset,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** Kahn's algorithm with levels; returns how many nodes were reached. */
function assignLevels(nodes: ReadonlyMap<string, MutableNode>): number {
  const waiting = new Map<string, number>();
  const queue: string[] = [];
  for (const [name, node] of nodes) {
    waiting.set(name, node.dependsOn.size);
    if (node.dependsOn.size === 0) queue.push(name);
  }
  let done = 0;
  for (const name of queue) {
    done += 1;
    const node = nodes.get(name) as MutableNode;
    for (const dependant of node.dependants) {
      const other = nodes.get(dependant) as MutableNode;
      other.level = Math.max(other.level, node.level + 1);
      const left = (waiting.get(dependant) ?? 0) - 1;
      waiting.set(dependant, left);
      if (left === 0) queue.push(dependant);
    }
  }
  return done;
}

/** Some cycle, as step names in the direction of the data. Called only when there is one. */
function findCycle(nodes: ReadonlyMap<string, MutableNode>): string[] {
  const finished = new Set<string>();
  for (const start of nodes.keys()) {
    const path: string[] = [];
    const onPath = new Map<string, number>();
    const stack: { name: string; next: Iterator<string> }[] = [];
    const enter = (name: string): void => {
      onPath.set(name, path.length);
      path.push(name);
      stack.push({ name, next: (nodes.get(name) as MutableNode).dependants.values() });
    };
    if (!finished.has(start)) enter(start);
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { name: string; next: Iterator<string> };
      const step = top.next.next();
      if (step.done === true) {
        finished.add(top.name);
        onPath.delete(top.name);
        path.pop();
        stack.pop();
        continue;
      }
      const at = onPath.get(step.value);
      if (at !== undefined) return path.slice(at);
      if (!finished.has(step.value)) enter(step.value);
    }
  }
  return [];
}

function cycleIssue(cycle: readonly string[], nodes: ReadonlyMap<string, MutableNode>): Issue {
  // Begin at the step that stands first in the definition, so that the message does not depend on the search.
  const first = cycle.reduce(
    (a, b) => ((nodes.get(a)?.index ?? 0) <= (nodes.get(b)?.index ?? 0) ? a : b),
    cycle[0] ?? "",
  );
  const at = cycle.indexOf(first);
  const ring = [...cycle.slice(at), ...cycle.slice(0, at), first];
  const shown = ring.length > 21 ? [...ring.slice(0, 10), `… ${ring.length - 20} more …`, ...ring.slice(-10)] : ring;
  return {
    severity: "error",
    code: "DEFINITION_CYCLE",
    message: `circular dependency: ${shown.join(" → ")}`,
    path: ["steps", nodes.get(first)?.index ?? 0, "inputs"],
    step: first,
  };
}

function toDag(
  spec: PipelineSpec,
  mutable: ReadonlyMap<string, MutableNode>,
  datasets: {
    readonly producers: Dag["producers"];
    readonly consumers: ReadonlyMap<string, { step: string; input: string }[]>;
  },
): Dag {
  const { producers, consumers } = datasets;
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const nodes = new Map<string, DagNode>();
  const levels: string[][] = [];
  for (const step of spec.steps) {
    const node = mutable.get(step.name) as MutableNode;
    nodes.set(step.name, {
      step,
      index: node.index,
      level: node.level,
      dependsOn: [...node.dependsOn].toSorted(byName),
      dependants: [...node.dependants].toSorted(byName),
    });
    (levels[node.level] ??= []).push(step.name);
  }
  for (const level of levels) level.sort(byName);
  for (const readers of consumers.values()) readers.sort((a, b) => byName(a.step, b.step) || byName(a.input, b.input));
  return { spec, nodes, order: levels.flat(), levels, producers, consumers };
}
