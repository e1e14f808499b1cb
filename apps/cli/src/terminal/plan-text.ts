// A plan for people: what runs as one query and why it ends, what is read, what is written and how surely, columns.
import { relative } from "node:path";
import { columnsToText, formatBytes, formatCount, formatDuration } from "@millrace/foundation";
import type { GroupEnd, Plan, QueryGroup } from "@millrace/protocols";
import type { Style } from "../output/style.ts";
import { escapeControls, padText } from "../output/text-width.ts";
import { describeSource, describeStep, kindOf } from "./step-words.ts";

/** What a plan is printed with. */
export interface PlanTextOptions {
  readonly style: Style;
  readonly projectRoot: string;
  /** Command that carries the plan out. */
  readonly again: string;
}

/** The plan as lines. */
export function formatPlan(plan: Plan, options: PlanTextOptions): string {
  const { style } = options;
  return [
    headline(plan, style),
    "",
    ...plan.groups.flatMap((group) => groupLines(group, plan, style)),
    ...(plan.excluded.length === 0 ? [] : [style.dim(` left out  ${plan.excluded.map(escapeControls).join(", ")}`)]),
    "",
    ...readLines(plan, options),
    ...writeLines(plan, options),
    ...columnLines(plan, style),
    "",
    ` Nothing was changed.   ${style.dim(options.again)}`,
  ].join("\n");
}

function headline(plan: Plan, style: Style): string {
  const { limits } = plan;
  const steps = plan.groupOf.size;
  const dot = ` ${style.signs.dot} `;
  const parts = [
    style.bold(escapeControls(plan.pipeline)),
    `${formatCount(steps)} ${steps === 1 ? "step" : "steps"} in ${formatCount(plan.groups.length)} ${plan.groups.length === 1 ? "group" : "groups"}`,
    `${plan.groups[0]?.engine ?? "duckdb"}, ${limits.workers} ${limits.workers === 1 ? "worker" : "workers"}, ${limits.threads} ${limits.threads === 1 ? "thread" : "threads"}, ${formatBytes(limits.memoryBytes)}`,
    ...(limits.timeoutMs === undefined ? [] : [`timeout ${formatDuration(limits.timeoutMs)}`]),
    ...(plan.deterministic ? ["deterministic"] : []),
    ...(plan.levelBarrier ? ["level barrier"] : []),
    `at ${plan.logicalTime}`,
  ];
  return ` ${parts.join(dot)}`;
}

function groupLines(group: QueryGroup, plan: Plan, style: Style): readonly string[] {
  const names = group.steps.map(escapeControls);
  const kinds = [...new Set(group.steps.map((name) => kindOfStep(name, plan)))];
  const label = group.steps.length > 1 ? "one query" : (kinds[0] ?? group.kind);
  const details = group.steps.map((name) => describeStep(name, plan)).filter((words) => words !== "");
  const head = ` ${padText(label, 10)} ${style.bold(names.join(` ${style.signs.arrow} `))}  ${style.dim(details.join("; "))}`;
  return [
    head.trimEnd(),
    ...group.ends.map((end) => `            ${style.dim(endWords(end))}`).filter((line) => line.trim() !== ""),
  ];
}

function kindOfStep(name: string, plan: Plan): string {
  const step = plan.bound.dag.nodes.get(name)?.step;
  return step === undefined ? "" : kindOf(step);
}

function endWords(end: GroupEnd): string {
  if (end.kind === "boundary") return `stores dataset ${escapeControls(end.dataset)}: ${end.reasons.join(", ")}`;
  return "";
}

function readLines(plan: Plan, { style, projectRoot }: PlanTextOptions): readonly string[] {
  return plan.sources.map((source) => {
    const rows = source.rows === undefined ? "" : `, ${formatCount(source.rows)} rows`;
    const way = source.reading === "spool" ? ", copied first" : "";
    return ` ${style.cyan("read")}       ${shorten(source.location, projectRoot)}  ${style.dim(`${describeSource(source)}${rows}${way}`)}`;
  });
}

function writeLines(plan: Plan, { style, projectRoot }: PlanTextOptions): readonly string[] {
  const sinks = plan.groups.flatMap(({ ends }) => ends.flatMap((end) => (end.kind === "sink" ? [end.target] : [])));
  return sinks.map(
    (target) =>
      ` ${style.yellow("write")}      ${shorten(target.uri, projectRoot)}  ${style.dim(`${target.format} ${target.form}, ${target.mode.replaceAll("_", " ")}, ${target.guarantee}`)}`,
  );
}

/** Columns of what the pipeline returns, or where it returns nothing, of what it stores. */
function columnLines(plan: Plan, style: Style): readonly string[] {
  const { returns } = plan.bound.dag.spec;
  const stored = plan.groups.flatMap(({ ends }) => ends.flatMap((end) => (end.kind === "sink" ? [end.dataset] : [])));
  const datasets = returns.length > 0 ? returns : [...new Set(stored)];
  return datasets.map((dataset) => {
    const schema = plan.bound.schemas.get(dataset);
    const columns =
      schema === undefined || schema.origin === "open"
        ? "known when it runs"
        : Object.entries(columnsToText(schema.columns))
            .map(([name, type]) => `${escapeControls(name)} ${type}`)
            .join(", ");
    return ` columns    ${escapeControls(dataset)}: ${style.dim(columns)}`;
  });
}

function shorten(location: string, projectRoot: string): string {
  const path = location.startsWith("/") ? relative(projectRoot, location) : location;
  return escapeControls(path.startsWith("..") ? location : path);
}
