// What is said when a run has ended: its state, rows, what was written, what failed, and where to look next.
import { formatBytes, formatCount, formatDuration } from "@millrace/foundation";
import type { ExitCode, Plan, RunRecord, RunState, StepRecord } from "@millrace/protocols";
import type { Style } from "../output/style.ts";
import { cleanText } from "../output/frame.ts";
import { escapeControls } from "../output/text-width.ts";
import type { RunView } from "./run-view.ts";
import { formatRows } from "./step-words.ts";

/** What the summary is made of. */
export interface SummaryOptions {
  readonly record: RunRecord;
  readonly plan: Plan;
  readonly view: RunView;
  readonly style: Style;
  readonly exitCode: ExitCode;
  /** Folder of committed datasets and of the run, as people read them. */
  readonly dataFolder: string;
  readonly runFolder: string;
  /** A path as people read it. */
  readonly shownPath: (path: string) => string;
  /** Frames of failures, ready to print. */
  readonly failures: readonly string[];
}

const headlines: Readonly<Record<RunState, string>> = {
  success: "finished",
  warning: "finished with warnings",
  partial: "failed in part",
  failed: "failed",
  cancelled: "was cancelled",
  timed_out: "ran into its timeout",
  crashed: "crashed",
  pending: "did not start",
  running: "is still running",
};

/** The block at the end of a run. */
export function formatSummary(options: SummaryOptions): string {
  const { record, style, exitCode } = options;
  const rows = [
    ...rowsLine(options),
    ...writtenLines(options),
    ...(record.datasets.length === 0
      ? []
      : [["Tables", `${options.dataFolder}  ${style.dim(datasetWords(record))}`] as const]),
    ["Run", options.runFolder] as const,
    ...lookLine(options),
  ];
  return [
    "",
    headline(options),
    ...options.failures,
    ...stateLine(options),
    ...rows.map(([label, text]) => `   ${label.padEnd(9)}${text}`),
    ...warningLines(options),
    ...(exitCode === 0 ? [] : [style.dim(`   exit ${exitCode}${exitCode === 10 ? " (--allow-warnings: 0)" : ""}`)]),
  ].join("\n");
}

function headline({ record, style }: SummaryOptions): string {
  const words = `${escapeControls(record.pipeline)} ${headlines[record.state]}`;
  const time =
    record.duration_ms === undefined
      ? ""
      : ` ${record.state === "success" || record.state === "warning" ? "in" : "after"} ${formatDuration(record.duration_ms)}`;
  return ` ${stateSign(record.state, style)} ${style.bold(words)}${time}`;
}

function stateSign(state: RunState, style: Style): string {
  const { signs } = style;
  if (state === "success") return style.green(signs.done);
  if (state === "warning") return style.yellow(signs.warning);
  if (state === "crashed") return style.red(signs.crashed);
  return state === "cancelled" ? style.yellow(signs.skipped) : style.red(signs.failed);
}

/** Read by sources, left out by filters, refused, written by sinks: what adds up over the whole run. */
function rowsLine({ record, view }: SummaryOptions): readonly (readonly [string, string])[] {
  const sources = record.steps.filter((step) => step.layer === "ingest" && step.rows !== undefined);
  const sinks = record.steps.filter((step) => step.target !== undefined && step.rows !== undefined);
  const sum = (steps: readonly StepRecord[]): string => {
    const rows = steps.reduce((total, step) => total + (step.rows?.rows ?? 0), 0);
    return formatRows({ rows, at_least: steps.some((step) => step.rows?.at_least === true) });
  };
  const filtered = view.lines().reduce((total, line) => total + (line.filtered ?? 0), 0);
  const rejected = record.steps.reduce((total, step) => total + (step.rows_rejected ?? 0), 0);
  const parts = [
    ...(sources.length === 0 ? [] : [`${sum(sources)} read`]),
    ...(filtered === 0 ? [] : [`${formatCount(filtered)} filtered`]),
    ...(rejected === 0 ? [] : [`${formatCount(rejected)} rejected`]),
    ...(sinks.length === 0 ? [] : [`${sum(sinks)} written`]),
  ];
  return parts.length === 0 ? [] : [["Rows", parts.join(", ")]];
}

function writtenLines({ record, shownPath }: SummaryOptions): readonly (readonly [string, string])[] {
  const written = record.steps
    .filter((step) => step.state === "success" && step.target !== undefined)
    .map((step) => ({ step, target: escapeControls(shownPath(step.target ?? "")) }));
  const width = Math.min(48, Math.max(0, ...written.map(({ target }) => target.length)));
  const rowWidth = Math.max(0, ...written.map(({ step }) => rowWords(step).length));
  return written.map(({ step, target }, index) => {
    const bytes = step.bytes_written === undefined ? "" : formatBytes(step.bytes_written);
    return [
      index === 0 ? "Wrote" : "",
      `${target.padEnd(width)}  ${rowWords(step).padStart(rowWidth)}  ${bytes.padStart(7)}`,
    ];
  });
}

function rowWords(step: StepRecord): string {
  if (step.rows === undefined) return "";
  return `${formatRows(step.rows)} ${step.rows.rows === 1 ? "row" : "rows"}`;
}

function datasetWords(record: RunRecord): string {
  const count = record.datasets.length;
  return `${formatCount(count)} ${count === 1 ? "dataset" : "datasets"}`;
}

/** A dataset to look at: one that the pipeline returns, else the last that was kept. */
function lookLine({ record, plan }: SummaryOptions): readonly (readonly [string, string])[] {
  const returned = plan.bound.dag.spec.returns.find((name) =>
    record.datasets.some((dataset) => dataset.dataset === name),
  );
  const dataset = returned ?? record.datasets.at(-1)?.dataset;
  return dataset === undefined ? [] : [["Look", `millrace query ${record.pipeline}.${dataset}`]];
}

/** `✓ 4 done   ✗ 1 failed   – 1 skipped (to_pg)`, for a run in which not all went well. */
function stateLine({ record, style }: SummaryOptions): readonly string[] {
  if (record.state === "success") return [];
  const { signs } = style;
  const named = (state: StepRecord["state"]): readonly string[] =>
    record.steps.filter((step) => step.state === state).map(({ name }) => name);
  const part = (sign: string, words: string, steps: readonly string[]): readonly string[] =>
    steps.length === 0 ? [] : [`${sign} ${steps.length} ${words}${words === "done" ? "" : ` (${shorten(steps)})`}`];
  const parts = [
    ...part(style.green(signs.done), "done", named("success")),
    ...part(style.red(signs.failed), "failed", named("failed")),
    ...part(style.red(signs.failed), "timed out", named("timed_out")),
    ...part(style.yellow(signs.skipped), "cancelled", named("cancelled")),
    ...part(style.dim(signs.skipped), "skipped", named("skipped")),
    ...part(style.dim(signs.dot), "not started", named("pending")),
  ];
  return [`   ${parts.join("   ")}`];
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 3).map(escapeControls).join(", ");
  return names.length > 3 ? `${shown}, and ${names.length - 3} more` : shown;
}

function warningLines({ record, style }: SummaryOptions): readonly string[] {
  const shown = record.warnings.filter(({ severity }) => severity === "warning").slice(0, 5);
  const left = record.warnings.filter(({ severity }) => severity === "warning").length - shown.length;
  return [
    ...shown.map((warning) => `   ${style.yellow(style.signs.warning)} ${cleanText(warning.message)}`),
    ...(left > 0 ? [style.dim(`     and ${left} more: millrace validate`)] : []),
  ];
}
