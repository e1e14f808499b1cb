import { formatDuration } from "@millrace/foundation";
import type { Style } from "../output/style.ts";
import { displayWidth, escapeControls, padText, truncateText } from "../output/text-width.ts";
import type { RunView, StepLine } from "./run-view.ts";
import { formatFiltered, formatRows, formatShortCount } from "./step-words.ts";

/** Cells of the columns of step lines: one layout for all lines of a run. */
export interface LineLayout {
  readonly name: number;
  readonly kind: number;
  readonly note: number;
  readonly rows: number;
}

/** Chooses a layout for a terminal of `width` cells. */
export function layoutLines(lines: readonly StepLine[], width: number): LineLayout {
  const longest = (texts: readonly string[]): number =>
    texts.reduce((cells, text) => Math.max(cells, displayWidth(text)), 0);
  const name = Math.min(28, Math.max(8, longest(lines.map((line) => line.name))));
  const kind = Math.max(6, longest(lines.map((line) => line.kind)));
  const rows = width >= 100 ? 25 : 12;
  // sign, blanks between columns, bracket and its words
  const rest = 3 + 2 + 2 + 2 + 14;
  // Room for a bar, or for what a filter leaves out, beside the words that are known before.
  const note = Math.max(22, longest(lines.map((line) => line.note)));
  return { name, kind, rows, note: Math.max(12, Math.min(44, note, width - name - kind - rows - rest)) };
}

/** A step as one line: sign, name, kind, what it does, rows, and its bracket or time. */
export function formatStepLine(
  line: StepLine,
  options: { readonly view: RunView; readonly layout: LineLayout; readonly style: Style },
): string {
  const { layout, style, view } = options;
  if (line.state === "failed" || line.state === "skipped") return formatEndedEarly(line, options);
  const name = padText(truncateText(escapeControls(line.name), layout.name), layout.name);
  const counted = formatInOut(line, style);
  const fitting = displayWidth(counted) <= layout.rows ? counted : formatRowsOut(line);
  const rows = padText(line.state === "running" ? formatProgressRows(line) : fitting, layout.rows, "right");
  const note = padText(truncateText(escapeControls(noteOf(line, options)), layout.note), layout.note);
  const shownNote =
    line.state === "running" && line.progress?.ratio !== undefined
      ? padText(formatBar(line.progress.ratio, style), layout.note)
      : note;
  const text = ` ${signOf(line, style)} ${name}  ${style.dim(padText(line.kind, layout.kind))}  ${paintNote(line, shownNote, style)}  ${rows}  ${bracketOf(line, view, style)}`;
  return text.trimEnd();
}

/** What went wrong takes the place of all columns to the right. */
function formatEndedEarly(
  line: StepLine,
  { layout, style }: { readonly layout: LineLayout; readonly style: Style },
): string {
  const name = padText(truncateText(escapeControls(line.name), layout.name), layout.name);
  const room = layout.note + layout.rows + 14;
  return ` ${signOf(line, style)} ${name}  ${style.dim(padText(line.kind, layout.kind))}  ${paintNote(line, truncateText(escapeControls((line.remark ?? "").split("\n")[0] ?? ""), room), style)}`;
}

/** `3,000,000 → 2,999,586`: rows in and out. An ingest and a step whose inputs are not known have one number. */
function formatInOut(line: StepLine, style: Style): string {
  if (line.rows === undefined || line.rowsIn === undefined || line.rowsIn.length > 3) return formatRowsOut(line);
  return `${line.rowsIn.map(formatRows).join(" + ")} ${style.signs.arrow} ${formatRowsOut(line)}`;
}

function formatRowsOut(line: StepLine): string {
  return line.rows === undefined ? "" : formatRows(line.rows);
}

function signOf(line: StepLine, style: Style): string {
  switch (line.state) {
    case "done":
      return style.green(style.signs.done);
    case "failed":
      return style.red(style.signs.failed);
    case "running":
      return style.cyan(style.signs.running);
    case "skipped":
      return style.dim(style.signs.skipped);
    case "waiting":
    default:
      return style.dim(style.signs.dot);
  }
}

function noteOf(line: StepLine, { view, style }: { readonly view: RunView; readonly style: Style }): string {
  const awaited =
    line.state === "waiting" && line.place !== "middle" && line.place !== "last" ? view.waitsFor(line) : [];
  if (awaited.length > 0) return `waits for ${awaited.join(", ")}`;
  const parts = [
    line.note,
    line.filtered === undefined ? "" : formatFiltered(line.filtered, style.signs),
    line.rejected === undefined || line.rejected === 0 ? "" : `${style.signs.minus}${line.rejected} rejected`,
    line.state === "running" ? (line.remark ?? "") : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function paintNote(line: StepLine, note: string, style: Style): string {
  return line.state === "failed"
    ? style.red(note)
    : line.state === "waiting" || line.state === "skipped"
      ? style.dim(note)
      : note;
}

function formatProgressRows(line: StepLine): string {
  const { rows, totalRows } = line.progress ?? {};
  if (rows === undefined) return "";
  return totalRows === undefined
    ? formatShortCount(rows)
    : `${formatShortCount(rows)} of ${formatShortCount(totalRows)}`;
}

function formatBar(ratio: number, style: Style): string {
  const cells = 15;
  const share = Math.min(1, Math.max(0, ratio));
  const full = Math.floor(share * cells);
  return `${style.signs.bar.full.repeat(full)}${style.signs.bar.empty.repeat(cells - full)} ${Math.floor(share * 100)}%`;
}

/** The steps of a group are one query: a bracket beside them, the time at its end. */
function bracketOf(line: StepLine, view: RunView, style: Style): string {
  const time = line.state === "waiting" || line.state === "skipped" ? "" : formatDuration(view.runningMs(line));
  const { first, middle, last } = style.signs.bracket;
  if (line.place === "alone") return time;
  const words = { first: `${first} one query`, middle, last: `${last} ${time}` } as const;
  return style.dim(words[line.place]);
}
