// Builds, loads, runs and tests pipelines with the computes and adapters that are passed in.
//
//   import { createRuntime, pipeline } from "@millrace/sdk";
//
//   export default pipeline("orders", (p) => {
//     const raw = p.ingest("raw_orders", "data/orders/*.csv");
//     const daily = p.sql("daily", { raw }, `select day, count(*) as n from raw group by day`);
//     return { daily };
//   });
export { folder } from "./builder/connection.ts";
export type { Connection, Folder, PasswordInUrl, SafeUri, Source, Target } from "./builder/connection.ts";
export { optional } from "./builder/dataset.ts";
export type { Dataset, OptionalInput, StepInputs } from "./builder/dataset.ts";
export { sql } from "./builder/fragment.ts";
export type { SqlFragment, SqlHole } from "./builder/fragment.ts";
export { fromSteps } from "./builder/from-steps.ts";
export type { RowOutputs, RowParams, RowsOptions, StepRow } from "./builder/from-steps.ts";
export { isPipeline, pipeline } from "./builder/pipeline.ts";
export type { NoParams, Pipeline, PipelineOutputs } from "./builder/pipeline.ts";
export type { Builder } from "./builder/builder.ts";
export type { ColumnDefinition, Columns, ElementType, NestedType, ScalarType } from "./builder/columns.ts";
export type { PipelineEvents, PipelineHooks, PipelineListener } from "./builder/events.ts";
export type {
  ColumnOf,
  Condition,
  DatasetOptions,
  Duration,
  IngestOptions,
  PipelineOptions,
  PublishMode,
  PublishOptions,
  ReadOptions,
  RetryOptions,
  StepOptions,
  StoreOptions,
  WriteOptions,
} from "./builder/options.ts";
export type { ColumnsOf, InputsOf, Register, RunMillraceTypes, StepNames, Unbound } from "./builder/register.ts";
export type { ColumnsIn, ColumnValues, Row, RowIn, Value, ValueIn } from "./builder/row.ts";
export type { CheckedSql, SqlMustBeOneLiteral, SqlParameters, UnknownParameter } from "./builder/sql-text.ts";
export type {
  ArrowBatch,
  ArrowTable,
  ArrowVector,
  Context,
  EffectFunction,
  FunctionInputs,
  Input,
  MapFunction,
  Params,
  RowStream,
  TransformFunction,
  TransformOutput,
} from "./builder/step-function.ts";
export { Decimal } from "@millrace/engine";
export { defineConfig } from "./config.ts";
export type { ConfigSettings, MillraceConfig } from "./config.ts";
export { loadPipeline, loadPipelineFile } from "./module/load-module.ts";
export type { InlineFunction, LoadedCode, LoadOptions } from "./module/load-module.ts";
export type * as Typing from "./builder/typing.ts";
export { registerMillraceResolution } from "./module/resolution-hook.ts";
export { createRuntime } from "./runtime/create-runtime.ts";
export { createFunctionRegistry } from "./runtime/function-registry.ts";
export type { FunctionRegistry, FunctionTree, NamedFunction } from "./runtime/function-registry.ts";
export type { LimitOptions } from "./runtime/limits.ts";
export type { PlannedPipeline, PlanSettings } from "./runtime/plan-pipeline.ts";
export type { Run, RunOutputs, RunStep } from "./runtime/run.ts";
export type {
  ExecuteOptions,
  PipelineSource,
  PreviewOptions,
  QueryOptions,
  RunSettings,
  Runtime,
  StepTestOptions,
  OpenRunSettings,
  RunArguments,
  TypedRunSettings,
  TypesOptions,
} from "./runtime/runtime.ts";
export type { RuntimeOptions } from "./runtime/runtime-options.ts";
export type { Binding, BindSettings, Workspace } from "./runtime/workspace.ts";
export { createTestStep } from "./testing/create-test-step.ts";
export type { TestStep } from "./testing/create-test-step.ts";
export type { FixtureRow } from "./testing/step-fixture.ts";
export type { Fixtures, FixtureRows, TestedRow, StepTestResult } from "./testing/test-step.ts";
export { toEnvironmentText, typesOf } from "./types/environment-text.ts";
export type { AugmentedModule, PipelineTypes, StepTypes } from "./types/environment-text.ts";
export { environmentFileName } from "./types/pipeline-types.ts";
export type { TypesResult } from "./types/pipeline-types.ts";
export { emptyLock, lockFileName, readSourceLock, updateSourceLock, writeSourceLock } from "./types/source-lock.ts";
export { watchFiles } from "./types/watch-files.ts";
export type { WatchOptions } from "./types/watch-files.ts";
