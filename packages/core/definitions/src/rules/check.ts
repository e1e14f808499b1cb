import type { CheckSpec, JsonValue } from "@millrace/protocols";
import { isRecord } from "../finding.ts";
import {
  below,
  checkKeys,
  isFull,
  isPattern,
  missing,
  nameOf,
  readJson,
  readText,
  readTexts,
  readWord,
  report,
  wrongType,
  wrongValue,
} from "./field.ts";
import type { Scope } from "./field.ts";

type Fields = Readonly<Record<string, unknown>>;
type Rule = CheckSpec["rule"];

const keys = ["rule", "name", "columns", "min", "max", "values", "pattern", "sql", "severity"];
const rules = ["not_null", "unique", "between", "accepted_values", "matches", "row_count", "sql"] as const;

/** What each rule is made of, beside `rule`, `name` and `severity`. Of `min` and `max` one is enough. */
const parts: Readonly<Record<Rule, readonly ("columns" | "range" | "values" | "pattern" | "sql")[]>> = {
  not_null: ["columns"],
  unique: ["columns"],
  between: ["columns", "range"],
  accepted_values: ["columns", "values"],
  matches: ["columns", "pattern"],
  row_count: ["range"],
  sql: ["sql"],
};

/** Checks of a step. */
export function readChecks(fields: Fields, outer: Scope): readonly CheckSpec[] | undefined {
  const { checks } = fields;
  if (checks === undefined) return undefined;
  if (!Array.isArray(checks)) return wrongType(outer, "checks", { value: checks, expected: "a list of checks" });
  const scope = below(outer, "checks");
  const list: readonly unknown[] = checks;
  return list.flatMap((item, index) => {
    if (isFull(scope)) return [];
    if (isRecord(item)) return readCheck(item, below(scope, index)) ?? [];
    wrongType(scope, index, { value: item, expected: "an object" });
    return [];
  });
}

function readCheck(fields: Fields, scope: Scope): CheckSpec | undefined {
  checkKeys(fields, keys, scope);
  const rule = readWord(fields, "rule", { words: rules, scope }) ?? missing(fields, "rule", scope);
  const severity = readWord(fields, "severity", { words: ["error", "warn", "quarantine"], scope }) ?? "error";
  const name = readText(fields, "name", scope);
  const columns = readTexts(fields, "columns", scope);
  const min = readJson(fields, "min", scope);
  const max = readJson(fields, "max", scope);
  const values = readValues(fields, scope);
  const pattern = readText(fields, "pattern", scope);
  const sql = readText(fields, "sql", scope);
  if (rule === undefined) return undefined;
  checkParts(fields, rule, scope);
  if (columns?.length === 0) wrongValue(scope, "columns", { value: columns, expected: "at least one column" });
  if (pattern !== undefined && !isPattern(pattern))
    wrongValue(scope, "pattern", { value: pattern, expected: "a regular expression" });
  if (rule === "row_count" && severity === "quarantine")
    wrongValue(scope, "severity", {
      value: severity,
      expected: '"error" or "warn": a number of rows has no rows to set aside',
    });
  return {
    rule,
    ...(name === undefined ? {} : { name }),
    ...(columns === undefined ? {} : { columns }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(values === undefined ? {} : { values }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(sql === undefined ? {} : { sql }),
    severity,
  };
}

function readValues(fields: Fields, scope: Scope): readonly JsonValue[] | undefined {
  const values = readJson(fields, "values", scope);
  if (values === undefined || isList(values)) return values;
  return wrongType(scope, "values", { value: values, expected: "a list" });
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Reports parts that the rule needs and lacks, and parts that it has no use for. */
function checkParts(fields: Fields, rule: Rule, scope: Scope): void {
  const needed: readonly string[] = parts[rule];
  for (const part of needed) {
    if (part !== "range") missing(fields, part, scope);
    else if (fields["min"] === undefined && fields["max"] === undefined)
      report(scope, {
        code: "DEFINITION_MISSING_KEY",
        message: `${nameOf(scope, "min")} or "max" is missing.`,
        expected: "min or max",
      });
  }
  for (const key of ["columns", "min", "max", "values", "pattern", "sql"]) {
    const part = key === "min" || key === "max" ? "range" : key;
    if (fields[key] === undefined || needed.includes(part)) continue;
    report(scope, {
      code: "DEFINITION_UNKNOWN_KEY",
      message: `${nameOf(scope, key)} has no meaning for the rule "${rule}".`,
      path: [key],
      at: "key",
    });
  }
}
