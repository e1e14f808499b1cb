// Types, tables and ports that two packages share. No behaviour; wire schemas are in `@millrace/protocols/schemas`.
//
//   import type { ComputeEngine, PipelineSpec } from "@millrace/protocols";
//   import { errorCodes } from "@millrace/protocols";
export type { JsonObject, JsonValue } from "./json.ts";
export type {
  Column,
  ColumnsText,
  ColumnType,
  DatasetSchema,
  ScalarTypeName,
  SchemaOrigin,
  StructField,
} from "./column-type.ts";
export { typeMappings } from "./type-mapping.ts";
export type { TypeMapping } from "./type-mapping.ts";
export type {
  ConditionOperator,
  EngineName,
  ErrorStrategy,
  Layer,
  Medallion,
  ParamSpec,
  PipelinePolicy,
  PipelineSpec,
  RetryPolicy,
  SourcePosition,
  StepCondition,
  StepExplanation,
  StepMetadata,
  StepPolicy,
  StepSpec,
  StepType,
} from "./pipeline-spec.ts";
export type { PipelineFile, PipelinePolicyRow, RetryRow, StepPolicyRow, StepRow, StepRowMetadata } from "./step-row.ts";
export type { Issue, IssueSeverity } from "./issue.ts";
export type { ErrorCodeEntry, ErrorJson, ExitCode, FailureClass, Fault } from "./error.ts";
export { errorCodes } from "./error-codes.ts";
export type { ErrorCode } from "./error-codes.ts";
export type { EffectGuarantee, WriteMode } from "./effect.ts";
export type { DatasetRef, Manifest, ManifestFile } from "./dataset.ts";
export type { TargetFile, TargetManifest } from "./target-manifest.ts";
export type { BoundDag, BoundStep, Dag, DagNode, ParameterSpan, PinnedFile, PinnedSource } from "./dag.ts";
export type {
  BoundaryReason,
  GroupEnd,
  Observe,
  Plan,
  PlannedTarget,
  QueryGroup,
  ResolvedPolicy,
  RunLimits,
} from "./plan.ts";
export type {
  Attempt,
  DatasetRecord,
  Execution,
  RowCount,
  RunRecord,
  RunState,
  StepOrigin,
  StepRecord,
  StepState,
} from "./run.ts";
export { runStateMappings, stepStateMappings } from "./state-mapping.ts";
export type { RunStateMapping } from "./state-mapping.ts";
export type { EventBase, RunEvent, RunEventName } from "./event.ts";
export type { LockedSource, SourceLock } from "./source-lock.ts";
export { faultPoints } from "./fault-point.ts";
export type { FaultAction, FaultPoint, FaultPointName } from "./fault-point.ts";
export type { Clock, EventSink, FaultPoints, IdSource, LogFields, Logger, SecretProvider } from "./ports/world.ts";
export type {
  OrderDependence,
  ParsedSql,
  SqlAnalysis,
  SqlAnalyzer,
  SqlSyntaxError,
  SqlSyntaxTreeSource,
  StatementKind,
  SyntaxTree,
  TableReference,
} from "./ports/sql-analyzer.ts";
export type {
  ComputeCapabilities,
  ComputeEngine,
  ComputeSession,
  DescribeRequest,
  FileFormat,
  FileSource,
  MaterialiseResult,
  MaterialiseTarget,
  RelationId,
  Sample,
  SessionOptions,
  SessionStats,
  SourceDescription,
  StatementOptions,
  WrittenFile,
} from "./ports/compute.ts";
export type { ByteStore, ByteStoreCapabilities, ObjectStat } from "./ports/byte-store.ts";
export type {
  Adapter,
  AdapterContext,
  EffectContext,
  Sink,
  SinkReceipt,
  SinkRequest,
  SinkWriter,
} from "./ports/adapter.ts";
export type { DatasetCommit, DatasetStaging, DatasetStore } from "./ports/dataset-store.ts";
export type { StepDescribeContext, StepHandler, StepRunContext } from "./ports/step-handler.ts";
export type {
  ColumnData,
  FunctionResolver,
  ResolvedFunction,
  RowFunction,
  RowOptions,
  StepContext,
  StepFunction,
  StepInput,
} from "./ports/step-function.ts";
export type { ConfigProtocol } from "./ports/config.ts";
export type { LoadedPipeline, PipelineLoader } from "./ports/pipeline-loader.ts";
