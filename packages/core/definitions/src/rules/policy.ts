import { isMillraceError, parseColumn } from "@millrace/foundation";
import type { PipelinePolicy, RetryPolicy, StepCondition, StepPolicy } from "@millrace/protocols";
import { isRecord } from "../finding.ts";
import { maxDurationMs, parseDuration } from "./duration.ts";
import {
  below,
  checkKeys,
  isFull,
  isPattern,
  missing,
  nameOf,
  readBoolean,
  readInteger,
  readJson,
  readRecord,
  readText,
  readTexts,
  readWord,
  report,
  wrongType,
  wrongValue,
} from "./field.ts";
import type { Scope } from "./field.ts";
import { pipelinePolicyKeys, retryKeys, stepPolicyKeys, wireKeysOf } from "./policy-key.ts";

type Fields = Readonly<Record<string, unknown>>;

const errorStrategies = ["fail_fast", "fail_later", "ignore"] as const;
const guarantees = ["transactional", "atomic-replace", "idempotent-key", "at-least-once"] as const;
const operators = ["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "matches", "exists", "not_exists"] as const;

/** Policy of a step: short spellings made long, unknown keys and bad values reported. */
export function readStepPolicy(fields: Fields, scope: Scope): StepPolicy {
  checkKeys(fields, wireKeysOf(stepPolicyKeys), scope);
  return defined<StepPolicy>({
    retry: readRetry(fields, scope),
    timeout_ms: readDuration(fields, { key: "timeout_ms", short: "timeout", scope }),
    on_error: readWord(fields, "on_error", { words: errorStrategies, scope }),
    condition: readCondition(fields, scope),
    materialize: readWord(fields, "materialize", { words: ["auto", "always", "never"], scope }),
    optional_inputs: readTexts(fields, "optional_inputs", scope),
    columns: readColumns(fields, scope),
  });
}

/** Policy of a pipeline. */
export function readPipelinePolicy(fields: Fields, scope: Scope): PipelinePolicy {
  checkKeys(fields, wireKeysOf(pipelinePolicyKeys), scope);
  return defined<PipelinePolicy>({
    retry: readRetry(fields, scope),
    timeout_ms: readDuration(fields, { key: "timeout_ms", short: "timeout", scope }),
    step_timeout_ms: readDuration(fields, { key: "step_timeout_ms", short: "step_timeout", scope }),
    on_error: readWord(fields, "on_error", { words: errorStrategies, scope }),
    workers: readInteger(fields, "workers", { min: 1, max: 1024, scope }),
    level_barrier: readBoolean(fields, "level_barrier", scope),
    require_guarantee: readWord(fields, "require_guarantee", { words: guarantees, scope }),
  });
}

/** Fields without those that are undefined. */
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };
function defined<T extends object>(fields: Loose<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function readRetry(fields: Fields, scope: Scope): RetryPolicy | undefined {
  const { retry } = fields;
  if (retry === undefined) return undefined;
  if (typeof retry === "number") {
    const attempts = readInteger(fields, "retry", { min: 1, max: 100, scope });
    return attempts === undefined ? undefined : { attempts };
  }
  if (!isRecord(retry))
    return wrongType(scope, "retry", { value: retry, expected: "a number of attempts, or an object" });
  const inside = below(scope, "retry");
  checkKeys(retry, wireKeysOf(retryKeys), inside);
  return defined<RetryPolicy>({
    attempts: readInteger(retry, "attempts", { min: 1, max: 100, scope: inside }),
    base_ms: readDuration(retry, { key: "base_ms", short: "base", scope: inside }),
    factor: readFactor(retry, inside),
    cap_ms: readDuration(retry, { key: "cap_ms", short: "cap", scope: inside }),
    jitter: readWord(retry, "jitter", { words: ["full", "none"], scope: inside }),
  });
}

function readFactor(fields: Fields, scope: Scope): number | undefined {
  const { factor } = fields;
  if (factor === undefined) return undefined;
  if (typeof factor !== "number") return wrongType(scope, "factor", { value: factor, expected: "a number" });
  return factor >= 1 && factor <= 100
    ? factor
    : wrongValue(scope, "factor", { value: factor, expected: "a number from 1 to 100" });
}

/** A duration: milliseconds under its long name, text or milliseconds under its short one. */
function readDuration(
  fields: Fields,
  names: { readonly key: string; readonly short: string; readonly scope: Scope },
): number | undefined {
  const { key, short, scope } = names;
  const long = readInteger(fields, key, { min: 1, max: maxDurationMs, scope });
  if (fields[short] === undefined) return long;
  const written = parseDuration(fields[short], short, scope);
  if (fields[key] === undefined) return written;
  report(scope, {
    code: "DEFINITION_DUPLICATE_KEY",
    message: `${nameOf(scope, short)} and ${nameOf(scope, key)} say the same; keep one.`,
    path: [short],
    at: "key",
  });
  return undefined;
}

function readCondition(fields: Fields, outer: Scope): StepCondition | undefined {
  const condition = readRecord(fields, "condition", outer);
  if (condition === undefined) return undefined;
  const scope = below(outer, "condition");
  checkKeys(condition, ["field", "operator", "value"], scope);
  const field = readText(condition, "field", scope) ?? missing(condition, "field", scope);
  const operator =
    readWord(condition, "operator", { words: operators, scope }) ?? missing(condition, "operator", scope);
  const value = readJson(condition, "value", scope);
  if (field === undefined || operator === undefined) return undefined;
  if (!/^(?:params\.[A-Za-z_]\w*|inputs\.[A-Za-z_][\w.-]*\.rows)$/.test(field))
    return wrongValue(scope, "field", { value: field, expected: "params.<name> or inputs.<logical name>.rows" });
  const expected = conditionValue(operator, value);
  if (expected !== undefined && condition["value"] !== undefined)
    return wrongValue(scope, "value", { value, expected: `${expected} for "${operator}"` });
  if (expected !== undefined) return missing(condition, "value", scope);
  return { field, operator, ...(value === undefined ? {} : { value }) };
}

/** What the operator needs, where the value is not that. */
function conditionValue(operator: (typeof operators)[number], value: unknown): string | undefined {
  switch (operator) {
    case "exists":
    case "not_exists":
      return value === undefined ? undefined : "absent";
    case "in":
    case "not_in":
      return Array.isArray(value) ? undefined : "a list";
    case "matches":
      return typeof value === "string" && isPattern(value) ? undefined : "a regular expression";
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return typeof value === "number" || typeof value === "string" ? undefined : "a number or a text";
    case "eq":
    case "ne":
    default:
      return value === undefined ? "a value" : undefined;
  }
}

function readColumns(fields: Fields, outer: Scope): Readonly<Record<string, string>> | undefined {
  const columns = readRecord(fields, "columns", outer);
  if (columns === undefined) return undefined;
  const scope = below(outer, "columns");
  const seen = new Map<string, string>();
  const result: [string, string][] = [];
  for (const name of Object.keys(columns)) {
    if (isFull(scope)) break;
    const type = readText(columns, name, scope);
    const twin = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (twin !== undefined)
      report(scope, {
        code: "DEFINITION_INVALID_NAME",
        message: `column "${name}" differs from "${twin}" only in case; SQL does not tell them apart.`,
        path: [name],
        at: "key",
      });
    else if (columnNameProblem(name) !== undefined)
      report(scope, {
        code: "DEFINITION_INVALID_NAME",
        message: `a column cannot be declared as "${name}": ${columnNameProblem(name)}.`,
        path: [name],
        at: "key",
      });
    else if (type !== undefined) {
      checkColumnType(name, type, scope);
      result.push([name, type]);
    }
  }
  return Object.fromEntries(result);
}

function columnNameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name === "__proto__") return "it is reserved by JavaScript";
  // Columns of a CSV file are taken by their place, and objects put such keys first.
  return /^(?:0|[1-9]\d{0,9})$/.test(name) ? "a whole number loses its place among the keys of an object" : undefined;
}

function checkColumnType(name: string, type: string, scope: Scope): void {
  try {
    parseColumn(name, type);
  } catch (error) {
    // Only a refused type is a finding; anything else is a defect and passes.
    if (!isMillraceError(error)) throw error;
    const { suggestion, offset } = error.context;
    report(scope, {
      code: "DEFINITION_INVALID_VALUE",
      message: `column ${nameOf(scope, name)}: ${error.message}`,
      path: [name],
      expected: "a SQL type",
      received: type,
      ...(typeof offset === "number" ? { offset } : {}),
      ...(typeof suggestion === "string" ? { suggestion } : {}),
    });
  }
}
