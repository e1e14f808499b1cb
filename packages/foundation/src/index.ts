// What every package above stands on: errors, column types, SQL text, digests, the world's ports.
//
//   import { parseColumnType, systemClock, TerminalError } from "@millrace/foundation";
export {
  cancelledError,
  isAbort,
  isMillraceError,
  MillraceError,
  QuarantineError,
  RetryableError,
  TerminalError,
  toMillraceError,
} from "./error.ts";
export type { ErrorFallback, MillraceErrorOptions } from "./error.ts";
export { fingerprintOf, toErrorJson } from "./error-json.ts";
export type { ErrorJsonOptions } from "./error-json.ts";
export { toJsonSafe, toJsonSafeObject } from "./json-safe.ts";
export type { JsonSafeOptions } from "./json-safe.ts";
export { suggestName, suggestNames } from "./suggestion.ts";
export {
  columnsFromText,
  columnsToText,
  formatColumn,
  formatColumnType,
  isSameColumnType,
  isWidening,
  parseColumn,
  parseColumnType,
} from "./column-type.ts";
export { quoteIdentifier, quoteLiteral, sqlLiteral } from "./sql-text.ts";
export { formatBytes, formatCount, formatDuration, parseByteSize, parseDurationMs } from "./quantity.ts";
export { digestBytes, digestOf, toCanonicalText } from "./digest.ts";
export { createIdSource, noFaults, silentLogger, systemClock } from "./world.ts";
export { createFaultPoints } from "./fault-injection.ts";
export type { FaultHandlers } from "./fault-injection.ts";
export { toCamelCase, toSnakeCase } from "./wire-case.ts";
export type { WireCaseOptions } from "./wire-case.ts";
export { createRedactor, mask } from "./redaction.ts";
export type { Redactor } from "./redaction.ts";
export { createSecretResolver, findSecretReferences, mapSecretProvider } from "./secret.ts";
export type { SecretResolver, SecretResolverOptions, SecretSource } from "./secret.ts";
export { createConfigScope, mergeConfig } from "./config-scope.ts";
export type { ConfigPatch, ConfigScope, ConfigScopeOptions } from "./config-scope.ts";
export {
  correlationContext,
  correlationFields,
  getCorrelationId,
  setCorrelationId,
  withCorrelation,
} from "./correlation.ts";
export type { CorrelationOptions } from "./correlation.ts";
export { createRecordLogger, logLevels } from "./record-logger.ts";
export type { LogLevel, LogRecord, RecordLoggerOptions } from "./record-logger.ts";
export { createMessageFlow, trackMessageFlow } from "./message-flow.ts";
export type { HopOptions, MessageFlow, MessageFlowOptions, MessageHop } from "./message-flow.ts";
export { decodeKeySegment, encodeKeySegment } from "./key-segment.ts";
export { ExecutionPathResolver, PipelineStage } from "./execution-path.ts";
export type { PathConfig, StorageContext } from "./execution-path.ts";
export { computeDelayMs, defaultRetryPolicy, parseRetryAfter, resolveRetryPolicy, withRetry } from "./retry.ts";
export type { ResolvedRetryPolicy, RetryNotice, RetryOptions } from "./retry.ts";
export { createCircuitBreaker } from "./circuit-breaker.ts";
export type { CircuitBreaker, CircuitBreakerOptions, CircuitState } from "./circuit-breaker.ts";
export { createExecutionResult, ExecutionStatus, toExecutionResult } from "./execution-result.ts";
export type { ExecutionResult, ExecutionResultOptions } from "./execution-result.ts";
export {
  catalogName,
  createFrameworkScope,
  FrameworkConfig,
  isFeatureEnabled,
  observabilityTable,
  quarantinePath,
  rawDataPath,
  tableName,
} from "./framework-config.ts";
export type {
  CatalogConfig,
  FeatureFlags,
  ObservabilityConfig,
  ObservabilityKind,
  StorageConfig,
} from "./framework-config.ts";
export { isRunIdMatch, shortRunId } from "./run-id.ts";
