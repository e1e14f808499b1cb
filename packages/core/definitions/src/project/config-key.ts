import { isMillraceError, parseByteSize } from "@millrace/foundation";
import type { EngineName, JsonObject, JsonValue, Observe } from "@millrace/protocols";
import { isRecord } from "../finding.ts";
import { maxDurationMs, parseDuration } from "../rules/duration.ts";
import {
  below,
  checkKeys,
  readInteger,
  readJsonObject,
  readText,
  readTexts,
  readWord,
  wrongType,
  wrongValue,
} from "../rules/field.ts";
import type { Scope } from "../rules/field.ts";

/** How much is logged. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Values of a project's configuration, as they were parsed. */
export interface ConfigValues {
  readonly stateDir: string;
  readonly pipelinesDir: string;
  readonly engine: EngineName;
  /** Bytes. */
  readonly memory?: number;
  readonly workers: number;
  readonly threads?: number;
  readonly logLevel: LogLevel;
  readonly observe: Observe;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly targets?: string;
  readonly params: JsonObject;
  readonly secrets: { readonly allowShort: readonly string[] };
}

/** Name of a key. */
export type ConfigName = keyof ConfigValues;

/** One key of the configuration: what it is called where, and how it is read. */
export interface ConfigKey {
  readonly name: ConfigName;
  /** Name in YAML and TOML. */
  readonly wire: string;
  /** Name of the environment variable, where one sets it. */
  readonly variable?: string;
  /** Name of the flag, where one sets it. */
  readonly flag?: string;
  readonly initial?: JsonValue;
  /** Reports what is wrong, below the scope. */
  readonly parse: (value: unknown, key: string, scope: Scope) => JsonValue | undefined;
}

const integer =
  (max: number): ConfigKey["parse"] =>
  (value, key, scope) =>
    // Variables and flags are texts.
    readInteger({ [key]: typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value }, key, {
      min: 1,
      max,
      scope,
    });

const text: ConfigKey["parse"] = (value, key, scope) =>
  value === "" ? wrongValue(scope, key, { value, expected: "a path" }) : readText({ [key]: value }, key, scope);

const word =
  (...words: readonly string[]): ConfigKey["parse"] =>
  (value, key, scope) =>
    readWord({ [key]: value }, key, { words, scope });

const parseEngine: ConfigKey["parse"] = (value, key, scope) => {
  const engine = readWord({ [key]: value }, key, { words: ["duckdb", "spark", "pandas"], scope });
  return engine === "pandas" ? "duckdb" : engine;
};

/** Less than this, and the compute cannot work at all. */
const minMemory = 64 * 2 ** 20;

const parseMemory: ConfigKey["parse"] = (value, key, scope) => {
  const expected = 'a size such as "2GB", at least 64 MiB';
  if (typeof value !== "string" && typeof value !== "number") return wrongType(scope, key, { value, expected });
  try {
    const bytes = parseByteSize(value);
    return bytes >= minMemory ? bytes : wrongValue(scope, key, { value, expected });
  } catch (error) {
    // Only a refused text is a finding; anything else is a defect and passes.
    if (!isMillraceError(error)) throw error;
    return wrongValue(scope, key, { value, expected });
  }
};

const parseTimeout: ConfigKey["parse"] = (value, key, scope) =>
  typeof value === "string" && /^\d{1,10}$/.test(value) && Number(value) <= maxDurationMs
    ? wrongValue(scope, key, { value, expected: `a duration with a unit, such as "${value}s"` })
    : parseDuration(value, key, scope);

const parseSecrets: ConfigKey["parse"] = (value, key, scope) => {
  if (!isRecord(value)) return wrongType(scope, key, { value, expected: "an object" });
  const inside = below(scope, key);
  const allowShort = Object.hasOwn(value, "allowShort") ? "allowShort" : "allow_short";
  checkKeys(value, [allowShort], inside);
  return { allowShort: readTexts(value, allowShort, inside) ?? [] };
};

/** Every key, in the order in which `config show` prints them. */
export const configKeys: readonly ConfigKey[] = [
  {
    name: "stateDir",
    wire: "state_dir",
    variable: "MILLRACE_STATE_DIR",
    flag: "--state-dir",
    initial: ".millrace",
    parse: text,
  },
  {
    name: "pipelinesDir",
    wire: "pipelines_dir",
    variable: "MILLRACE_PIPELINES_DIR",
    initial: "pipelines",
    parse: text,
  },
  {
    name: "engine",
    wire: "engine",
    variable: "MILLRACE_ENGINE",
    flag: "--engine",
    initial: "duckdb",
    parse: parseEngine,
  },
  { name: "memory", wire: "memory", variable: "MILLRACE_MEMORY", flag: "--memory", parse: parseMemory },
  {
    name: "workers",
    wire: "workers",
    variable: "MILLRACE_WORKERS",
    flag: "--workers",
    initial: 4,
    parse: integer(1024),
  },
  { name: "threads", wire: "threads", variable: "MILLRACE_THREADS", flag: "--threads", parse: integer(1024) },
  {
    name: "logLevel",
    wire: "log_level",
    variable: "MILLRACE_LOG_LEVEL",
    flag: "--log-level",
    initial: "info",
    parse: word("debug", "info", "warn", "error", "silent"),
  },
  {
    name: "observe",
    wire: "observe",
    variable: "MILLRACE_OBSERVE",
    flag: "--observe",
    initial: "taps",
    parse: word("boundaries", "taps", "steps"),
  },
  { name: "timeout", wire: "timeout", variable: "MILLRACE_TIMEOUT", flag: "--timeout", parse: parseTimeout },
  { name: "targets", wire: "targets", variable: "MILLRACE_TARGETS", parse: text },
  {
    name: "params",
    wire: "params",
    initial: {},
    parse: (value, key, scope) => readJsonObject({ [key]: value }, key, scope),
  },
  { name: "secrets", wire: "secrets", initial: { allowShort: [] }, parse: parseSecrets },
];

/** Keys whose values are code: they pass from a module to the runtime as they are. */
export const extensionKeys: readonly string[] = ["compute", "adapters", "stores", "functions", "hooks", "handlers"];

/** Names of the environment variables of the product, by key and beside them. */
export const configVariables: readonly string[] = [
  ...configKeys.flatMap(({ variable }) => (variable === undefined ? [] : [variable])),
  "MILLRACE_CONFIG",
  "MILLRACE_ENV",
  "MILLRACE_FAULT",
];
