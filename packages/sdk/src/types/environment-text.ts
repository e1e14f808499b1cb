import type { BoundDag, Column } from "@millrace/protocols";
import { toColumnLiteral, toKey } from "./column-literal.ts";

/** Package whose `Register` is augmented: the one that a project installs. */
export type AugmentedModule = "millrace" | "@millrace/sdk";

/** What is known of one step. */
export interface StepTypes {
  readonly step: string;
  /** Undefined where the columns are not known before the run. */
  readonly columns: readonly Column[] | undefined;
  /** Logical input name to the step that it reads. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** What is known of one pipeline. */
export interface PipelineTypes {
  readonly pipeline: string;
  readonly steps: readonly StepTypes[];
}

/** Columns and inputs of every step with one output. */
export function typesOf(bound: BoundDag): PipelineTypes {
  const { dag } = bound;
  const steps = dag.spec.steps.flatMap((step): StepTypes[] => {
    const [output, ...others] = Object.values(step.outputs);
    if (output === undefined || others.length > 0) return [];
    const schema = bound.schemas.get(output);
    const inputs = Object.entries(step.inputs).map(([logical, dataset]) => [
      logical,
      dag.producers.get(dataset)?.step ?? dataset,
    ]);
    return [
      {
        step: step.name,
        columns: schema === undefined || schema.origin === "open" ? undefined : schema.columns,
        inputs: Object.fromEntries(inputs),
      },
    ];
  });
  return { pipeline: dag.spec.name, steps };
}

/**
 * The text of `millrace-env.d.ts`. The same for the same columns: pipelines by name, steps in their order.
 *
 * A step whose columns are open is left loose, as `Unbound`.
 */
export function toEnvironmentText(pipelines: readonly PipelineTypes[], module: AugmentedModule): string {
  const sorted = pipelines.toSorted((a, b) => (a.pipeline < b.pipeline ? -1 : 1));
  const open = sorted.some(({ steps }) => steps.some(({ columns }) => columns === undefined));
  return [
    "// Written by `millrace types`. Columns of every step, so that the compiler checks code steps. Commit it; do not edit it.",
    open ? `import type { Unbound } from "${module}";` : `import "${module}";`,
    "",
    `declare module "${module}" {`,
    "  interface Register {",
    ...toBlock("pipelines", sorted, ({ steps }) => steps.flatMap((step) => toColumns(step))),
    ...toBlock("inputs", sorted, ({ steps }) =>
      steps.map(({ step, inputs }) => `        ${toKey(step)}: ${toInline(inputs)};`),
    ),
    "  }",
    "}",
    "",
  ].join("\n");
}

function toBlock(
  name: string,
  pipelines: readonly PipelineTypes[],
  lines: (pipeline: PipelineTypes) => readonly string[],
): readonly string[] {
  return [
    `    ${name}: {`,
    ...pipelines.flatMap((pipeline) => [`      ${toKey(pipeline.pipeline)}: {`, ...lines(pipeline), "      };"]),
    "    };",
  ];
}

function toColumns({ step, columns }: StepTypes): readonly string[] {
  if (columns === undefined) return [`        ${toKey(step)}: Unbound;`];
  return [
    `        ${toKey(step)}: {`,
    ...columns.map((column) => `          ${toKey(column.name)}: ${toColumnLiteral(column)};`),
    "        };",
  ];
}

function toInline(inputs: Readonly<Record<string, string>>): string {
  const entries = Object.entries(inputs).map(([logical, step]) => `${toKey(logical)}: ${JSON.stringify(step)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join("; ")} }`;
}
