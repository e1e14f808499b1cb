import type { ColumnsText, JsonValue } from "@millrace/protocols";
import type { Style } from "./style.ts";
import { displayWidth, escapeControls, padText, truncateText } from "./text-width.ts";

/** Rows as a table for people: names, types, values; numbers to the right, empty values marked. */
export function formatDataTable(
  data: { readonly columns: ColumnsText; readonly rows: readonly (readonly JsonValue[])[] },
  options: { readonly style: Style; readonly width: number },
): string {
  const names = Object.keys(data.columns);
  const types = Object.values(data.columns);
  const cells = data.rows.map((row) => row.map(formatCell));
  const widths = names.map((name, index) => {
    const longest = cells.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? "")), 0);
    return Math.min(
      maxCellWidth,
      Math.max(displayWidth(escapeControls(name)), displayWidth(types[index] ?? ""), longest),
    );
  });
  const shown = fittingColumns(widths, options.width);
  const line = (row: readonly string[], paint: (text: string, index: number) => string): string =>
    shown
      .map((index) => {
        const width = widths[index] ?? 0;
        const align = isNumeric(types[index] ?? "") ? "right" : "left";
        return paint(padText(truncateText(row[index] ?? "", width), width, align), index);
      })
      .join("  ")
      .trimEnd();
  const hidden = names.length - shown.length;
  return [
    ` ${line(names.map(escapeControls), (text) => options.style.bold(text))}`,
    ` ${line(types, (text) => options.style.dim(text))}`,
    ...cells.map(
      (row, rowIndex) =>
        ` ${line(row, (text, index) => (data.rows[rowIndex]?.[index] === null ? options.style.dim(text) : text))}`,
    ),
    ...(hidden === 0
      ? []
      : [
          options.style.dim(
            ` ${hidden} more columns: ${truncateText(names.slice(shown.length).join(", "), options.width - 20)}`,
          ),
        ]),
  ].join("\n");
}

/** Wider values are cut: a table is to be read, `--json` has them whole. */
const maxCellWidth = 40;

function fittingColumns(widths: readonly number[], width: number): readonly number[] {
  let used = 1;
  const shown: number[] = [];
  for (const [index, cells] of widths.entries()) {
    used += cells + 2;
    if (used > width && shown.length > 0) break;
    shown.push(index);
  }
  return shown;
}

function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\([\d, ]+\))!?$/.test(type);
}

function formatCell(value: JsonValue): string {
  if (value === null) return "null";
  return escapeControls(typeof value === "object" ? JSON.stringify(value) : String(value));
}
