import type { BoundaryReason, BoundDag, DagNode, Observe } from "@millrace/protocols";

/** Longest chain of steps that runs as one statement; longer ones hit the engine's limits on depth. */
const longestGroup = 32;

/** Steps that run inside a statement: they produce a relation and nothing else happens. */
export function isRelational(node: DagNode): boolean {
  return (
    (node.step.layer === "transform" && node.step.type === "sql") ||
    (node.step.layer === "ingest" && node.step.type === "config_op")
  );
}

/** A store or publish of a dataset to files. */
export function isFileSink(node: DagNode): boolean {
  return (node.step.layer === "store" || node.step.layer === "publish") && node.step.type === "config_op";
}

/**
 * Decides which datasets are materialised, and why. A dataset without a reason runs inside its consumer's statement;
 * one whose only consumer is a sink runs inside that sink's.
 */
export function findBoundaries(
  bound: BoundDag,
  options: BoundaryOptions,
): ReadonlyMap<string, readonly BoundaryReason[]> {
  return new BoundarySearch(bound, options).find();
}

/** What boundaries depend on beside the graph. */
export interface BoundaryOptions {
  readonly observe: Observe;
  readonly selected: ReadonlySet<string>;
}

class BoundarySearch {
  readonly #bound: BoundDag;
  readonly #options: BoundaryOptions;
  readonly #boundaries = new Map<string, BoundaryReason[]>();
  /** Steps that are fused below the output of a step, itself included. */
  readonly #fused = new Map<string, number>();

  constructor(bound: BoundDag, options: BoundaryOptions) {
    this.#bound = bound;
    this.#options = options;
  }

  find(): ReadonlyMap<string, readonly BoundaryReason[]> {
    const { dag } = this.#bound;
    for (const name of dag.order) {
      if (!this.#options.selected.has(name)) continue;
      const node = dag.nodes.get(name) as DagNode;
      if (isRelational(node)) this.#limitGroup(node);
      for (const dataset of Object.values(node.step.outputs)) {
        const reasons = this.#reasonsOf(node, dataset);
        if (reasons.length > 0) this.#boundaries.set(dataset, reasons);
      }
    }
    return this.#boundaries;
  }

  #reasonsOf(node: DagNode, dataset: string): BoundaryReason[] {
    const { dag, steps } = this.#bound;
    const { observe, selected } = this.#options;
    const { step } = node;
    const reasons = new Set<BoundaryReason>();
    const readers = (dag.consumers.get(dataset) ?? []).filter((reader) => selected.has(reader.step));
    const consumers = new Set(readers.map((reader) => reader.step));

    if (!isRelational(node)) reasons.add("comes from code");
    if (consumers.size === 0) reasons.add("no consumer");
    if (consumers.size > 1) reasons.add("several consumers");
    if (dag.spec.returns.includes(dataset)) reasons.add("returned");
    if (step.metadata.policy?.materialize === "always") reasons.add("asked for");
    if (step.layer !== "ingest" && hasOwnPolicy(node)) reasons.add("has a policy of its own");
    if (steps.get(step.name)?.analysis?.kind === "dynamic_pivot") reasons.add("dynamic pivot");
    if (observe === "steps") reasons.add("every step observed");
    for (const name of consumers) {
      const consumer = dag.nodes.get(name) as DagNode;
      const inputs = readers.filter((one) => one.step === name).map((one) => one.input);
      if (!isRelational(consumer) && !isFileSink(consumer)) reasons.add("feeds code");
      if (inputs.length > 1 || inputs.some((input) => this.#readsTwice(name, input)))
        reasons.add("read twice by one step");
      // A step with a policy of its own must fail, wait or be skipped without the steps before it.
      const alone = hasOwnPolicy(consumer) || isOptional(consumer, inputs);
      if (alone && (step.layer !== "ingest" || isFileSink(consumer))) reasons.add("has a policy of its own");
    }
    return [...reasons];
  }

  /** Where the text reads one input twice, the compute may evaluate it twice, and its counts cannot be told apart. */
  #readsTwice(step: string, input: string): boolean {
    const tables = this.#bound.steps.get(step)?.analysis?.repeatedTables ?? [];
    return tables.some((table) => table.toLowerCase() === input.toLowerCase());
  }

  /** Makes the largest inputs of a step boundaries until its group is short enough. */
  #limitGroup(node: DagNode): void {
    const { producers } = this.#bound.dag;
    const inputs = [...new Set(Object.values(node.step.inputs))]
      .filter((dataset) => !this.#boundaries.has(dataset) && producers.has(dataset))
      .map((dataset) => ({ dataset, size: this.#fused.get(producers.get(dataset)?.step ?? "") ?? 0 }))
      .toSorted((a, b) => b.size - a.size || (a.dataset < b.dataset ? -1 : 1));
    let size = 1 + inputs.reduce((sum, input) => sum + input.size, 0);
    for (const input of inputs) {
      if (size <= longestGroup) break;
      this.#boundaries.set(input.dataset, ["32 steps"]);
      size -= input.size;
    }
    this.#fused.set(node.step.name, size);
  }
}

function hasOwnPolicy(node: DagNode): boolean {
  const policy = node.step.metadata.policy;
  return (
    policy !== undefined &&
    (policy.retry !== undefined ||
      policy.timeout_ms !== undefined ||
      policy.on_error !== undefined ||
      policy.condition !== undefined)
  );
}

function isOptional(node: DagNode, inputs: readonly string[]): boolean {
  return inputs.some((input) => node.step.metadata.policy?.optional_inputs?.includes(input) === true);
}
