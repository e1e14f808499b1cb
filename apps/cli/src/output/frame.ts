// Findings and failures as cargo prints them: code, place, the line with what is meant underlined, notes.
import type { Issue } from "@millrace/protocols";
import { displayWidth, escapeControls, truncateText } from "./text-width.ts";
import type { Style } from "./style.ts";

/** What a frame is made with. */
export interface FrameOptions {
  readonly style: Style;
  /** Text of a file, where it can be had. */
  readonly text: (file: string) => string | undefined;
  /** A path as people read it: relative to the working folder. */
  readonly shownPath: (file: string) => string;
  /** Cells of the terminal. */
  readonly width: number;
}

/** One finding with its frame. */
export function formatIssue(issue: Issue, options: FrameOptions): string {
  const { style } = options;
  const paint = issue.severity === "error" ? style.red : issue.severity === "warning" ? style.yellow : style.cyan;
  const label = issue.severity === "info" ? "note" : issue.severity;
  const lines = [`${paint(`${label}[${issue.code}]`)}: ${style.bold(cleanText(issue.message))}`];
  const { position } = issue;
  if (position !== undefined) {
    const place = [options.shownPath(position.file), position.line, position.column].filter(
      (part) => part !== undefined,
    );
    lines.push(`  ${style.cyan("-->")} ${place.join(":")}`);
    lines.push(...frameLines(issue, position, options));
  } else if (issue.path.length > 0) {
    lines.push(`  ${style.cyan("-->")} ${formatPath(issue.path)}`);
  }
  if (issue.expected !== undefined || issue.received !== undefined) {
    const parts = [
      issue.expected === undefined ? "" : `expected ${issue.expected}`,
      issue.received === undefined ? "" : `received ${issue.received}`,
    ];
    lines.push(noteLine(parts.filter((part) => part !== "").join(", "), options));
  }
  if (issue.suggestion !== undefined && !hasFrame(issue, options))
    lines.push(noteLine(suggestionText(issue.suggestion), options));
  for (const note of issue.notes ?? []) lines.push(noteLine(note, options));
  return lines.join("\n");
}

/** All findings, errors last so that they stay in sight, and the closing line. */
export function formatIssues(
  issues: readonly Issue[],
  options: FrameOptions & { readonly durationMs: number },
): string {
  const order = { info: 0, warning: 1, error: 2 } as const;
  const sorted = issues.toSorted((left, right) => order[left.severity] - order[right.severity]);
  const shown = sorted.slice(-maxIssues);
  const left = sorted.length - shown.length;
  const blocks = shown.map((issue) => formatIssue(issue, options));
  const more = left === 0 ? [] : [options.style.dim(`… and ${left} more before these; --json prints all`)];
  return [...more, ...blocks, closingLine(issues, options)].join("\n");
}

/** More would scroll the first ones away. */
const maxIssues = 50;

function closingLine(issues: readonly Issue[], options: FrameOptions & { readonly durationMs: number }): string {
  const errors = issues.filter(({ severity }) => severity === "error").length;
  const warnings = issues.filter(({ severity }) => severity === "warning").length;
  const counts = `${errors} ${errors === 1 ? "error" : "errors"}, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
  const worst = issues.findLast(({ severity }) => severity === "error") ?? issues.at(-1);
  const explain = worst === undefined ? "" : `   millrace explain ${worst.code}`;
  return ` ${counts} in ${(options.durationMs / 1000).toFixed(1)}s${options.style.dim(explain)}`;
}

function hasFrame(issue: Issue, options: FrameOptions): boolean {
  return (
    issue.position?.line !== undefined &&
    issue.position.column !== undefined &&
    sourceLine(issue.position, options) !== undefined
  );
}

function sourceLine(position: NonNullable<Issue["position"]>, options: FrameOptions): string | undefined {
  if (position.line === undefined) return undefined;
  return options.text(position.file)?.split(/\r\n|\r|\n/)[position.line - 1];
}

/** The line of a position, with what is meant underlined. Empty where the text cannot be had. */
export function frameLines(
  issue: Pick<Issue, "length" | "suggestion">,
  position: NonNullable<Issue["position"]>,
  options: FrameOptions,
): readonly string[] {
  const source = sourceLine(position, options);
  if (source === undefined || position.line === undefined) return [];
  const number = String(position.line);
  const gutter = " ".repeat(number.length + 2);
  const bar = options.style.cyan("|");
  const column = position.column;
  const window = cutAround(source, (column ?? 1) - 1, options.width - gutter.length - 3);
  const lines = [` ${options.style.cyan(number)} ${bar} ${window.text}`];
  if (column === undefined) return lines;
  const carets = "^".repeat(Math.max(1, Math.min(window.cellsOf(issue.length ?? 1), options.width - window.offset)));
  const hint = issue.suggestion === undefined ? "" : ` ${suggestionText(issue.suggestion)}`;
  return [...lines, `${gutter}${bar} ${" ".repeat(window.offset)}${options.style.red(carets + hint)}`];
}

interface LineWindow {
  readonly text: string;
  /** Cells before what is meant. */
  readonly offset: number;
  /** Cells of the next characters. */
  readonly cellsOf: (length: number) => number;
}

/** The part of a line around an index that fits; tabs become two blanks, control characters escapes. */
function cutAround(line: string, index: number, cells: number): LineWindow {
  const shown = (text: string): string => escapeControls(text.replaceAll("\t", "  "));
  const lead = 40;
  // Cut by characters first: a line can be megabytes long.
  const isShort = line.length <= 4 * cells && displayWidth(shown(line)) <= cells;
  const fitsBefore = index <= cells && displayWidth(shown(line.slice(0, index))) <= cells - lead;
  const start = isShort || fitsBefore ? 0 : Math.max(0, index - lead);
  const before = `${start > 0 ? "… " : ""}${shown(line.slice(start, index))}`;
  const text = truncateText(
    before + shown(line.slice(index, index + cells)) + (line.length > index + cells ? " …" : ""),
    cells,
  );
  return {
    text,
    offset: displayWidth(before),
    cellsOf: (length) => displayWidth(shown(line.slice(index, index + Math.min(length, cells)))),
  };
}

function noteLine(note: string, options: FrameOptions): string {
  return `   ${options.style.cyan("=")} ${cleanText(note)}`;
}

function suggestionText(suggestion: string): string {
  return `did you mean ${JSON.stringify(suggestion)}?`;
}

/** A message keeps its line breaks; what could move the cursor is escaped, and a huge one is cut. */
export function cleanText(text: string): string {
  const cut = text.length > 4000 ? `${text.slice(0, 4000)}… (${text.length} characters)` : text;
  return cut
    .split("\n")
    .map((line) => escapeControls(line.replace(/\r$/, "")))
    .join("\n     ");
}

/** `steps[3].inputs.raw` for `["steps", 3, "inputs", "raw"]`. */
function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((part, index) =>
      typeof part === "number"
        ? `[${part}]`
        : /^[\w-]+$/.test(part)
          ? `${index > 0 ? "." : ""}${part}`
          : `[${JSON.stringify(part)}]`,
    )
    .join("");
}
