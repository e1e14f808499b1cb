// What people read about a step beside its name: its kind, and a few words about what it does.
import { formatBytes, formatCount } from "@millrace/foundation";
import type { PinnedSource, Plan, RowCount, StepSpec } from "@millrace/protocols";
import type { Signs } from "../output/style.ts";

const aggregates = new Set([
  "count",
  "count_star",
  "sum",
  "avg",
  "min",
  "max",
  "median",
  "list",
  "string_agg",
  "any_value",
]);

/** Kind of a step in one word, as the builder calls it. */
export function kindOf(step: StepSpec): string {
  if (step.layer === "publish" && step.type === "function") return "effect";
  if (step.layer !== "transform") return step.layer;
  if (step.type !== "function") return step.type === "sql" ? "sql" : step.type;
  return step.params["mode"] === "row" ? "map" : "transform";
}

/** What a step reads, does or writes, as the plan knows it before anything ran. */
export function describeStep(name: string, plan: Plan): string {
  const step = plan.bound.dag.nodes.get(name)?.step;
  if (step === undefined) return "";
  const source = plan.sources.find((candidate) => candidate.step === name);
  if (source !== undefined) return describeSource(source);
  if (step.type === "sql")
    return describeSql(
      plan.bound.steps.get(name)?.sql ?? step.value,
      plan.bound.steps.get(name)?.analysis?.functions ?? [],
    );
  if (step.layer === "store" || step.layer === "publish") return step.type === "function" ? "" : step.value;
  return "";
}

/** `3 files, 214 MB`. */
export function describeSource(source: PinnedSource): string {
  const bytes = source.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const files = source.files.length === 1 ? source.format : `${formatCount(source.files.length)} files`;
  return source.files.length === 0 ? source.format : `${files}, ${formatBytes(bytes)}`;
}

function describeSql(sql: string, functions: readonly string[]): string {
  const words = [
    /\bjoin\b/i.test(sql) ? "join" : "",
    /\bunion\b/i.test(sql) ? "union" : "",
    /\bgroup\s+by\b/i.test(sql)
      ? "group by"
      : functions.some((name) => aggregates.has(name)) && !/\bover\b/i.test(sql)
        ? "aggregate"
        : "",
    /\bdistinct\b/i.test(sql) ? "distinct" : "",
  ];
  return words.filter((word) => word !== "").join(", ");
}

/**
 * How many rows a filter left out. Undefined where the step does more than filter, so that a difference of rows
 * would say something else.
 */
export function filteredRows(
  name: string,
  plan: Plan,
  rowsOf: (dataset: string) => RowCount | undefined,
): number | undefined {
  const step = plan.bound.dag.nodes.get(name)?.step;
  const inputs = Object.values(step?.inputs ?? {});
  if (step === undefined || inputs.length !== 1) return undefined;
  const isRowCode = step.type === "function" && step.params["mode"] === "row";
  const sql = plan.bound.steps.get(name)?.sql ?? step.value;
  const isFilter =
    step.type === "sql" &&
    describeStep(name, plan) === "" &&
    /\b(where|qualify)\b/i.test(sql) &&
    !/\b(limit|unnest|pivot|unpivot|intersect|except)\b/i.test(sql);
  if (!isRowCode && !isFilter) return undefined;
  const before = rowsOf(inputs[0] ?? "");
  const after = rowsOf(Object.values(step.outputs)[0] ?? "");
  if (before === undefined || after === undefined || before.at_least || after.at_least) return undefined;
  return before.rows > after.rows ? before.rows - after.rows : undefined;
}

/** `−106,071 filtered`. */
export function formatFiltered(rows: number, signs: Signs): string {
  return `${signs.minus}${formatCount(rows)} filtered`;
}

/** Rows of a step: `3,652`, or `≥ 2,048` where a consumer may have cut the count short. */
export function formatRows(rows: RowCount): string {
  return `${rows.at_least ? "≥ " : ""}${formatCount(rows.rows)}`;
}

/** `4.05M`: a count beside a bar, where three digits say enough. */
export function formatShortCount(count: number): string {
  if (count < 10_000) return formatCount(count);
  const units = ["k", "M", "G", "T"];
  let value = count / 1000;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${value >= 99.5 ? value.toFixed(0) : value >= 9.95 ? value.toFixed(1) : value.toFixed(2)}${units[index]}`;
}
