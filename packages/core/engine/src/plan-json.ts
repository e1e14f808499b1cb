import type { Column, ColumnsText, DatasetSchema, JsonObject, Plan } from "@millrace/protocols";
import { columnsToText, toSnakeCase } from "@millrace/foundation";

/** Fields whose keys are the author's own. */
const opaque = ["params", "options", "columns", "inputs", "outputs", "context"];

/** The whole plan as JSON with snake_case keys: wire form `millrace.plan` version 1, `plan.json`. */
export function planToJson(plan: Plan): JsonObject {
  const { bound, groupOf, ...rest } = plan;
  const steps = bound.dag.order.map((name) => {
    const node = bound.dag.nodes.get(name);
    const step = bound.steps.get(name);
    return {
      name,
      layer: node?.step.layer,
      type: node?.step.type,
      engine: node?.step.engine,
      level: node?.level,
      group: groupOf.get(name) ?? null,
      dependsOn: node?.dependsOn,
      inputs: node?.step.inputs,
      outputs: node?.step.outputs,
      ...(step?.sql === undefined ? {} : { sql: step.sql }),
      ...(step?.analysis === undefined
        ? {}
        : { tables: step.analysis.tables.map((table) => table.name), functions: step.analysis.functions }),
      datasets: [...(step?.outputs ?? [])].map(([dataset, schema]) => ({ dataset, ...schemaToJson(schema) })),
    };
  });
  return toSnakeCase(
    {
      schema: "millrace.plan",
      version: 1,
      ...rest,
      sources: plan.sources.map((source) => ({ ...source, columns: columnText(source.columns) })),
      steps,
    },
    { opaque },
  ) as JsonObject;
}

function schemaToJson(schema: DatasetSchema): { readonly origin: string; readonly columns: ColumnsText } {
  return { origin: schema.origin, columns: columnText(schema.columns) };
}

function columnText(columns: readonly Column[]): ColumnsText {
  return columnsToText(columns);
}
