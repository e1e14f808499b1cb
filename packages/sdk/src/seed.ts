// Millrace under the names of the systems it was designed after: ODIBI CORE, NovaFlow, factflow.
//
//   import { EngineContext, Orchestrator, Step } from "@millrace/sdk/seed";
//
//   await using context = new EngineContext({ compute: [duckdb()], adapters: [files()] });
//   const result = await new Orchestrator([new Step({ … })], context).execute();
//   result.success; [...result.dataMap.keys()];
export { CloudAdapter, CloudAdapters } from "./seed/cloud-adapter.ts";
export type { CloudAdapterOptions, CloudBackend } from "./seed/cloud-adapter.ts";
export { DAGBuilder } from "./seed/dag-builder.ts";
export type { DAGBuilderOptions } from "./seed/dag-builder.ts";
export { EngineContext } from "./seed/engine-context.ts";
export type { ReadFrameOptions, WriteFrameOptions } from "./seed/engine-context.ts";
export { EventEmitter } from "./seed/event-emitter.ts";
export type { EventOf } from "./seed/event-emitter.ts";
export { ExecutionContext } from "./seed/execution-context.ts";
export type { ExecutionContextOptions } from "./seed/execution-context.ts";
export type { Frame } from "./seed/frame.ts";
export { NodeState } from "./seed/node-state.ts";
export type { NodeExecutionResult } from "./seed/node-state.ts";
export { createOdibi } from "./seed/odibi.ts";
export type { ConfiguredPipeline, Odibi, OdibiRun, OdibiRunOptions, OdibiValidation } from "./seed/odibi.ts";
export { DAGExecutor, Orchestrator } from "./seed/orchestrator.ts";
export type { ExecutionStats, ExecutorOptions, OrchestrationResult } from "./seed/orchestrator.ts";
export { Step } from "./seed/step.ts";
export type { StepRow } from "./builder/from-steps.ts";
export type { StepFields } from "./seed/step.ts";
export { Tracker } from "./seed/tracker.ts";
export type { TrackedStep } from "./seed/tracker.ts";
export { createFunctionRegistry } from "./runtime/function-registry.ts";
export type { FunctionRegistry, FunctionTree, NamedFunction } from "./runtime/function-registry.ts";
export {
  catalogName,
  correlationContext,
  createConfigScope,
  createExecutionResult,
  createFrameworkScope,
  createIdSource,
  createMessageFlow,
  ExecutionPathResolver,
  ExecutionStatus,
  FrameworkConfig,
  getCorrelationId,
  PipelineStage,
  rawDataPath,
  setCorrelationId,
  systemClock,
  tableName,
  toExecutionResult,
  trackMessageFlow,
  withCorrelation,
} from "@millrace/foundation";
export type {
  CatalogConfig,
  ConfigScope,
  ExecutionResult,
  MessageFlow,
  MessageHop,
  ObservabilityConfig,
  StorageConfig,
  StorageContext,
} from "@millrace/foundation";
