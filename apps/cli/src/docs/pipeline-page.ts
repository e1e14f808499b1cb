// A pipeline as one Markdown page: picture, parameters, and for each step what it reads, does, gives and why.
import { formatColumnType } from "@millrace/foundation";
import type { BoundDag, DagNode, DatasetSchema, StepExplanation } from "@millrace/protocols";
import { kindOf } from "../terminal/step-words.ts";

/** What the page says beside the pipeline itself. */
export interface PageOptions {
  /** Mermaid text of the graph. */
  readonly mermaid: string;
  /** Command that writes the page again. */
  readonly command: string;
}

/** Writes the page. The same pipeline gives the same bytes: there is no date in it. */
export function formatPipelinePage(bound: BoundDag, options: PageOptions): string {
  const { dag } = bound;
  const { spec } = dag;
  const levels = dag.levels.length;
  const blocks = [
    `# ${escapeText(spec.name)}`,
    ...(spec.description === undefined ? [] : [escapeText(spec.description)]),
    `${dag.order.length} steps on ${levels} ${levels === 1 ? "level" : "levels"}. Written by \`${options.command}\`; edit the pipeline, not this page.`,
    fence("mermaid", options.mermaid),
    ...paramBlocks(bound),
    "## Steps",
    ...dag.order.flatMap((name) => stepBlocks(dag.nodes.get(name), bound)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function paramBlocks(bound: BoundDag): readonly string[] {
  const params = Object.entries(bound.dag.spec.params);
  if (params.length === 0) return [];
  const rows = params.map(([name, param]) => [
    code(name),
    param.type ?? "",
    param.default === undefined ? "required" : code(JSON.stringify(param.default)),
    param.description ?? "",
  ]);
  return ["## Parameters", table(["Parameter", "Type", "Default", "Meaning"], rows)];
}

function stepBlocks(node: DagNode | undefined, bound: BoundDag): readonly string[] {
  if (node === undefined) return [];
  const { step } = node;
  const { metadata } = step;
  const words = [kindOf(step), metadata.medallion, ...(metadata.tags ?? [])].filter((word) => word !== undefined);
  const schemas = bound.steps.get(step.name)?.outputs ?? new Map<string, DatasetSchema>();
  return [
    `### ${escapeText(step.name)}`,
    `${words.map(escapeText).join(", ")}${metadata.description === undefined ? "" : `: ${escapeText(metadata.description)}`}`,
    ...explainBlocks(metadata.explain),
    ...ioBlocks(node),
    ...(step.type === "sql" ? [fence("sql", step.value.trim())] : []),
    ...[...schemas].map(([dataset, schema]) => schemaBlock(dataset, schema)),
  ];
}

function ioBlocks(node: DagNode): readonly string[] {
  const { step } = node;
  const lines = [
    ...Object.entries(step.inputs).map(
      ([logical, dataset]) => `- reads ${code(dataset)}${logical === dataset ? "" : ` as ${code(logical)}`}`,
    ),
    ...(step.layer === "ingest" ? [`- reads from ${code(step.value)}`] : []),
    ...(step.layer === "connect" ? [`- connects to ${code(step.value)}`] : []),
    ...((step.layer === "store" || step.layer === "publish") && step.type !== "function"
      ? [`- writes to ${code(step.value)}`]
      : []),
    ...(step.type === "function" ? [`- runs ${code(step.value)}`] : []),
    ...(node.dependants.length === 0 ? [] : [`- read by ${node.dependants.map(code).join(", ")}`]),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function explainBlocks(explain: StepExplanation | undefined): readonly string[] {
  if (explain === undefined) return [];
  const list = (items: readonly string[]): string => items.map((item) => `- ${escapeText(item)}`).join("\n");
  return [
    ...(explain.purpose === undefined ? [] : [`**Purpose.** ${escapeText(explain.purpose)}`]),
    ...(explain.details === undefined || explain.details.length === 0 ? [] : [list(explain.details)]),
    ...(explain.formulas === undefined
      ? []
      : [
          table(
            ["Formula", ""],
            Object.entries(explain.formulas).map(([name, text]) => [escapeText(name), code(text)]),
          ),
        ]),
    ...(explain.result === undefined ? [] : [`**Result.** ${escapeText(explain.result)}`]),
    ...(explain.notes === undefined || explain.notes.length === 0 ? [] : [list(explain.notes)]),
  ];
}

function schemaBlock(dataset: string, schema: DatasetSchema): string {
  if (schema.origin === "open") return `${code(dataset)}: columns are known when it runs.`;
  const rows = schema.columns.map((column) => [
    code(column.name),
    code(formatColumnType(column.type)),
    column.nullable ? "" : "never null",
  ]);
  return table([`Column of ${dataset}`, "Type", ""], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => " --- |").join("")}`, ...rows.map(line)].join("\n");
}

/** A fence longer than any run of backticks inside. */
function fence(language: string, text: string): string {
  const longest = [...text.matchAll(/`+/g)].reduce((length, match) => Math.max(length, match[0].length), 2);
  const marks = "`".repeat(longest + 1);
  return `${marks}${language}\n${text.trimEnd()}\n${marks}`;
}

function code(text: string): string {
  const marks = "`".repeat(
    [...text.matchAll(/`+/g)].reduce((length, match) => Math.max(length, match[0].length), 0) + 1,
  );
  const flat = text.replaceAll(/\s+/g, " ");
  return flat.startsWith("`") || flat.endsWith("`") ? `${marks} ${flat} ${marks}` : `${marks}${flat}${marks}`;
}

/** Names and words are text, never markup. */
function escapeText(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<>#|]/g, (character) => (character === "_" ? "_" : `\\${character}`))
    .replaceAll(/\s*\n\s*/g, " ");
}
