// The way from a definition to a run: graph, binding, plan, execution.
//
//   const { dag, issues } = buildDag(spec);
//   const bound = await bindDag(dag, environment, { params: {}, sources: "live" });
//   const { plan } = planRun(bound, environment, options);
//   const record = await executePlan(plan, environment, run);
export { buildDag } from "./dag.ts";
export type { DagResult } from "./dag.ts";
export { selectSteps } from "./select.ts";
export type { Selection, SelectionResult } from "./select.ts";
export type { EngineEnvironment } from "./environment.ts";
export { bindDag } from "./bind.ts";
export type { BindOptions } from "./bind.ts";
export { planRun } from "./plan.ts";
export type { PlanOptions, PlanResult } from "./plan.ts";
export { planToJson } from "./plan-json.ts";
export { executePlan } from "./execute.ts";
export type { RunOptions } from "./run-context.ts";
export { openDataset } from "./relations.ts";
export type { OpenDatasetOptions } from "./relations.ts";
export { graphToDot, graphToJson, graphToMermaid, graphToText, layerColors } from "./graph.ts";
export { inferColumns } from "./code-step/infer-columns.ts";
export type { InferredRow } from "./code-step/infer-columns.ts";
export { callStepFunction, createStepInput, Decimal, encodeOutput, mapRows, splitOutputs } from "./code-step/index.ts";
export type { MapOptions, OutputContext, StepInputSource } from "./code-step/index.ts";
export { isDecimal } from "./code-step/decimal.ts";
