// Millrace under the names of the systems it was designed after: ODIBI CORE, NovaFlow, factflow. On DuckDB and files.
//
//   import { Orchestrator, PandasEngineContext, Step } from "millrace/seed";
//
//   await using context = new PandasEngineContext();
//   const result = await new Orchestrator([new Step({ … })], context).execute();
//   result.success; [...result.dataMap.keys()];
import { createOdibi } from "@millrace/sdk/seed";
import type { Odibi } from "@millrace/sdk/seed";
import { PandasEngineContext } from "./pandas-engine-context.ts";

export { PandasEngineContext } from "./pandas-engine-context.ts";
export {
  catalogName,
  CloudAdapter,
  CloudAdapters,
  correlationContext,
  createConfigScope,
  createExecutionResult,
  createFrameworkScope,
  createIdSource,
  createFunctionRegistry,
  createMessageFlow,
  createOdibi,
  DAGBuilder,
  DAGExecutor,
  EngineContext,
  EventEmitter,
  ExecutionContext,
  ExecutionPathResolver,
  ExecutionStatus,
  FrameworkConfig,
  getCorrelationId,
  NodeState,
  Orchestrator,
  PipelineStage,
  rawDataPath,
  setCorrelationId,
  Step,
  systemClock,
  tableName,
  toExecutionResult,
  Tracker,
  trackMessageFlow,
  withCorrelation,
} from "@millrace/sdk/seed";
export type {
  CatalogConfig,
  CloudAdapterOptions,
  CloudBackend,
  ConfigScope,
  ConfiguredPipeline,
  DAGBuilderOptions,
  EventOf,
  ExecutionContextOptions,
  ExecutionResult,
  ExecutionStats,
  ExecutorOptions,
  Frame,
  FunctionRegistry,
  FunctionTree,
  MessageFlow,
  MessageHop,
  NamedFunction,
  NodeExecutionResult,
  ObservabilityConfig,
  Odibi,
  OdibiRun,
  OdibiRunOptions,
  OdibiValidation,
  OrchestrationResult,
  ReadFrameOptions,
  StepFields,
  StepRow,
  StorageConfig,
  StorageContext,
  TrackedStep,
  WriteFrameOptions,
} from "@millrace/sdk/seed";

const odibi: Odibi = /* @__PURE__ */ createOdibi({
  pandas: () => new PandasEngineContext(),
  duckdb: () => new PandasEngineContext(),
});

/** `Pipeline.fromConfig("orders.json").setEngine("pandas").execute()`: a configuration file, set up call by call. */
export const Pipeline: Odibi["Pipeline"] = odibi.Pipeline;

/** `ODIBI.run("orders.json")`, `ODIBI.validate(…)`, `ODIBI.version()`. */
export const ODIBI: Odibi["ODIBI"] = odibi.ODIBI;
