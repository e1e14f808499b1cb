import { normalizeSpec } from "@millrace/definitions";
import { buildDag, graphToMermaid, graphToText } from "@millrace/engine";
import type { Dag, DagNode } from "@millrace/protocols";
import type { StepRow } from "../builder/from-steps.ts";
import { toDefinitionError } from "../runtime/failed-definition.ts";
import { toRows } from "./step.ts";

/** What a builder knows beside the steps. */
export interface DAGBuilderOptions {
  /** @defaultValue "pipeline" */
  readonly name?: string;
  /** Step types of registered nodes. */
  readonly types?: readonly string[];
}

/** Makes the graph of a list of steps: edges from inputs to outputs. */
export class DAGBuilder {
  readonly #steps: readonly StepRow[];
  readonly #options: DAGBuilderOptions;
  #dag: Dag | undefined;

  constructor(steps: readonly StepRow[], options: DAGBuilderOptions = {}) {
    this.#steps = steps;
    this.#options = options;
  }

  /**
   * Checks the steps and gives their graph.
   *
   * @throws MillraceError `DEFINITION_CYCLE`, `DEFINITION_DUPLICATE_OUTPUT`, `DEFINITION_UNDEFINED_INPUT` … with all
   *   findings as `issues`.
   */
  build(): Dag {
    if (this.#dag !== undefined) return this.#dag;
    const { name = "pipeline", types = [] } = this.#options;
    const { spec, issues } = normalizeSpec({ name, steps: toRows(this.#steps) }, { types });
    if (spec === undefined) throw toDefinitionError(name, issues);
    const built = buildDag(spec);
    if (built.dag === undefined) throw toDefinitionError(name, built.issues);
    this.#dag = built.dag;
    return built.dag;
  }

  /** Nodes by level, then name: the order in which they may run one after another. */
  getExecutionOrder(): readonly DagNode[] {
    const dag = this.build();
    return dag.order.flatMap((name) => dag.nodes.get(name) ?? []);
  }

  /** Names of the steps that may run at the same time, level by level. */
  getParallelBatches(): readonly (readonly string[])[] {
    return this.build().levels;
  }

  /** The graph as text. */
  visualize(): string {
    return graphToText(this.build());
  }

  /** The graph as Mermaid, coloured by layer as in the seed. */
  exportMermaid(): string {
    return graphToMermaid(this.build());
  }
}
