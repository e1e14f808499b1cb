import { createConfigScope, mergeConfig } from "./config-scope.ts";
import type { ConfigPatch, ConfigScope } from "./config-scope.ts";
import { TerminalError } from "./error.ts";
import { suggestName } from "./suggestion.ts";
import { toCamelCase } from "./wire-case.ts";

/** Who owns the catalogs and how they are named: `{organization}_{env}_{framework_name}`. */
export interface CatalogConfig {
  readonly organization: string;
  readonly frameworkName: string;
}

/** Templates of places. `{catalog}`, `{schema}`, `{source_ref}`, `{table}` and `{date}` are replaced. */
export interface StorageConfig {
  readonly baseVolumeTemplate: string;
  readonly quarantinePathTemplate: string;
}

/** Where observability goes, and which of it is kept. Tables are `<schema>.<table>` of the catalog. */
export interface ObservabilityConfig {
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logsEnabled: boolean;
  readonly logsTable: string;
  readonly metricsEnabled: boolean;
  readonly metricsTable: string;
  readonly telemetryEnabled: boolean;
  readonly telemetryTable: string;
  readonly pipelineStatsEnabled: boolean;
  readonly pipelineStatsTable: string;
  readonly dqErrorsEnabled: boolean;
  readonly dqErrorsTable: string;
}

/** Switches for gradual introduction. */
export interface FeatureFlags {
  readonly enableSoftDelete: boolean;
  readonly enableSchemaEvolution: boolean;
  readonly enableDataQuality: boolean;
}

/** NovaFlow's configuration: environment, names, places, observability, switches. */
export interface FrameworkConfig extends FeatureFlags {
  readonly env: string;
  readonly catalog: CatalogConfig;
  readonly storage: StorageConfig;
  readonly observability: ObservabilityConfig;
}

/** Defaults as in the seed's own program (pelagisflow, `core/config.py`). */
const defaults: FrameworkConfig = {
  env: "dev",
  catalog: { organization: "cluk", frameworkName: "nova" },
  storage: {
    baseVolumeTemplate: "/Volumes/{catalog}/{schema}/raw/{source_ref}/{table}/",
    quarantinePathTemplate: "/Volumes/{catalog}/nova_framework/quarantine/{date}/",
  },
  observability: {
    logLevel: "info",
    logsEnabled: true,
    logsTable: "nova_framework.logs",
    metricsEnabled: true,
    metricsTable: "nova_framework.metrics",
    telemetryEnabled: true,
    telemetryTable: "nova_framework.telemetry",
    pipelineStatsEnabled: true,
    pipelineStatsTable: "nova_framework.pipeline_stats",
    dqErrorsEnabled: true,
    dqErrorsTable: "nova_framework.dq_errors",
  },
  enableSoftDelete: true,
  enableSchemaEvolution: true,
  enableDataQuality: true,
};

/** Makes framework configurations. */
export const FrameworkConfig: {
  /** Defaults for an environment, such as `"prod"`, with a patch on top. */
  fromEnv(env: string, patch?: ConfigPatch<FrameworkConfig>): FrameworkConfig;
  /** From snake_case fields, as configuration files have them. Unknown and mistyped ones fail with a suggestion. */
  fromDict(fields: Readonly<Record<string, unknown>>): FrameworkConfig;
} = {
  fromEnv(env, patch = {}) {
    return validate(mergeConfig<FrameworkConfig>({ ...defaults, env }, patch));
  },
  fromDict(fields) {
    const given = toCamelCase(fields) as ConfigPatch<FrameworkConfig>;
    checkFields(defaults, given, []);
    return validate(mergeConfig<FrameworkConfig>(defaults, given));
  },
};

/** The scope that NovaFlow's `get_config`, `set_config` and `reset_config` become: one for each who asks. */
export function createFrameworkScope(env = "dev"): ConfigScope<FrameworkConfig> {
  return createConfigScope({ load: () => FrameworkConfig.fromEnv(env), validate: (config) => void validate(config) });
}

/** Name of the catalog of the environment: `cluk_dev_nova`. */
export function catalogName({ catalog, env }: Pick<FrameworkConfig, "catalog" | "env">): string {
  return `${catalog.organization}_${env}_${catalog.frameworkName}`;
}

/** Folder of the raw files of a table. */
export function rawDataPath(
  config: FrameworkConfig,
  at: { readonly schema: string; readonly sourceRef: string; readonly table: string },
): string {
  const { schema, sourceRef, table } = at;
  return fillTemplate(config.storage.baseVolumeTemplate, {
    catalog: catalogName(config),
    schema,
    source_ref: sourceRef,
    table,
  });
}

/** Folder of the rows that were set aside on a day. */
export function quarantinePath(config: FrameworkConfig, date: string): string {
  return fillTemplate(config.storage.quarantinePathTemplate, { catalog: catalogName(config), date });
}

/** Full name of a table of the environment: `{catalog}.{schema}.{table}`. */
export function tableName(config: FrameworkConfig, schema: string, table: string): string {
  return [catalogName(config), checkPart("schema", schema), checkPart("table", table)].join(".");
}

/** Kinds of observability that have a table and a switch. */
export type ObservabilityKind = "logs" | "metrics" | "telemetry" | "pipelineStats" | "dqErrors";

/** Full name of the table for a kind of observability; undefined where it is switched off. */
export function observabilityTable(config: FrameworkConfig, kind: ObservabilityKind): string | undefined {
  const { observability } = config;
  return observability[`${kind}Enabled`] ? `${catalogName(config)}.${observability[`${kind}Table`]}` : undefined;
}

/** Whether a feature is switched on: `isFeatureEnabled(config, "soft_delete")`. */
export function isFeatureEnabled(
  flags: FeatureFlags,
  feature: "soft_delete" | "schema_evolution" | "data_quality",
): boolean {
  return {
    soft_delete: flags.enableSoftDelete,
    schema_evolution: flags.enableSchemaEvolution,
    data_quality: flags.enableDataQuality,
  }[feature];
}

function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return checkPart(name, value);
    const known = Object.keys(values).join(", ");
    throw invalid(`Template "${template}" has "{${name}}"; known here: ${known}.`, { template, name });
  });
}

/** Parts come from contracts and job parameters; none may leave its place in a path or name. */
function checkPart(name: string, value: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(value) && !value.includes("..")) return value;
  throw invalid(
    `"${name}" must be letters, digits, _, - and ., at most 128; received ${JSON.stringify(value.slice(0, 60))}.`,
    { name, value },
  );
}

function validate(config: FrameworkConfig): FrameworkConfig {
  checkPart("env", config.env);
  checkPart("organization", config.catalog.organization);
  checkPart("framework_name", config.catalog.frameworkName);
  if (!["debug", "info", "warn", "error"].includes(config.observability.logLevel))
    throw invalid(
      `log_level must be debug, info, warn or error; received ${JSON.stringify(config.observability.logLevel)}.`,
      {},
    );
  return config;
}

function checkFields(known: object, given: object, path: readonly string[]): void {
  for (const [key, value] of Object.entries(given) as readonly (readonly [string, unknown])[]) {
    const expected = Object.hasOwn(known, key) ? (known as Readonly<Record<string, unknown>>)[key] : undefined;
    const where = [...path, key].join(".");
    if (expected === undefined) {
      const suggestion = suggestName(key, Object.keys(known));
      throw invalid(`Unknown field "${where}".${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`, {
        field: where,
      });
    }
    if (typeof value !== typeof expected || value === null) {
      const kind = typeof expected === "object" ? "an object" : `a ${typeof expected}`;
      throw invalid(`Field "${where}" must be ${kind}; received ${value === null ? "null" : typeof value}.`, {
        field: where,
      });
    }
    if (typeof expected === "object" && expected !== null && typeof value === "object" && value !== null)
      checkFields(expected, value, [...path, key]);
  }
}

function invalid(message: string, context: Readonly<Record<string, unknown>>): TerminalError {
  return new TerminalError({ code: "CONFIG_VALUE_INVALID", fault: "config", message, context });
}
