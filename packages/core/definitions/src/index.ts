// Pipelines from JSON, YAML, CSV, SQLite and modules, as one checked specification.
//
//   import { createPipelineLoader } from "@millrace/definitions";
//   const { spec, issues } = await createPipelineLoader().load("orders.yaml");
export { createPipelineLoader, pipelineExtensions } from "./pipeline-loader.ts";
export type { ModuleLoader, PipelineLoaderOptions } from "./pipeline-loader.ts";
export type { RowOptions } from "./forms/table-steps.ts";
export { normalizeSpec, validateSteps } from "./normalization.ts";
export type {
  NormalizedPipeline,
  NormalizeOptions,
  PipelineInput,
  ValidateOptions,
  ValidationReport,
} from "./normalization.ts";
export { lowerPipelinePolicy, lowerPolicy } from "./rules/policy-key.ts";
export type { BuilderPipelinePolicy, BuilderPolicy, BuilderRetry } from "./rules/policy-key.ts";
export { nameProblem } from "./rules/name.ts";
export type { VariableLookup } from "./rules/reference.ts";
export { findProjectRoot } from "./project/project-root.ts";
export { loadProjectConfig } from "./project/project-config.ts";
export type { LoadedProjectConfig, ProjectConfig, ProjectConfigOptions } from "./project/project-config.ts";
export type { ConfigSetting } from "./project/config-setting.ts";
export { configVariables } from "./project/config-key.ts";
export type { ConfigName, ConfigValues, LogLevel } from "./project/config-key.ts";
export type { ConfigSource, Variables } from "./project/config-layer.ts";
export { withTargets } from "./project/target-prefix.ts";
export type { PrefixedPipeline } from "./project/target-prefix.ts";
