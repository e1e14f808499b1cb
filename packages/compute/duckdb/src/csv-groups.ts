import { formatColumnType, quoteLiteral, suggestName, TerminalError } from "@millrace/foundation";
import type { Column, JsonObject } from "@millrace/protocols";
import { readHead } from "./csv-dialect.ts";
import type { CsvShape } from "./csv-record.ts";
import type { TextHead } from "./file-content.ts";
import { isSet } from "./read-options.ts";
import type { SourceFile } from "./source-files.ts";

/** Files with one header, and its names in the order of the file. Without a header, names are given by position. */
export interface CsvGroup {
  readonly files: readonly SourceFile[];
  readonly names: readonly string[];
}

/**
 * Groups files by their headers, so that columns are read by name although DuckDB is told them by position.
 *
 * @throws MillraceError `DATA_INVALID_FILE`, `SOURCE_DUPLICATE_COLUMN`
 */
export function groupByHeader(
  files: readonly SourceFile[],
  heads: readonly TextHead[],
  shape: CsvShape,
): readonly CsvGroup[] {
  const groups = new Map<string, { readonly files: SourceFile[]; readonly names: readonly string[] }>();
  files.forEach((file, index) => {
    const names = readHead(heads[index] as TextHead, shape).records[0];
    if (names === undefined) throw invalidCsv(file, "it is empty; a header is expected");
    const key = JSON.stringify(names);
    const group = groups.get(key);
    if (group === undefined) {
      checkHeader(file, names);
      groups.set(key, { files: [file], names });
    } else group.files.push(file);
  });
  return [...groups.values()];
}

function checkHeader(file: SourceFile, names: readonly string[]): void {
  const seen = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    // Names in DuckDB ignore case, so `id` and `ID` are one.
    const key = name.trim().toLowerCase();
    const before = seen.get(key);
    seen.set(key, index);
    if (key !== "" && before === undefined) continue;
    const what =
      key === ""
        ? `column ${index + 1} has no name`
        : `columns ${(before ?? 0) + 1} and ${index + 1} are both named "${name}"`;
    throw new TerminalError({
      code: "SOURCE_DUPLICATE_COLUMN",
      fault: "data",
      message: `"${file.path}": ${what} in the header. Mend the file, or declare \`columns\` with \`header: false\` and \`skip: 1\`.`,
      context: { file: file.path, column: name, index: index + 1 },
    });
  }
}

/**
 * Checks that every group has the columns that are wanted, and no others unless `subset` or `union_by_name` says so.
 *
 * @throws MillraceError `SOURCE_UNREADABLE` where the first file lacks a column, `DATA_INVALID_FILE` where a later one differs
 */
export function checkGroups(groups: readonly CsvGroup[], columns: readonly Column[], options: JsonObject): void {
  const union = isSet(options, "union_by_name");
  const wanted = new Set(columns.map((column) => column.name.toLowerCase()));
  groups.forEach(({ files, names }, position) => {
    const file = files[0] as SourceFile;
    const present = new Set(names.map((name) => name.toLowerCase()));
    const missing = union ? undefined : columns.find((column) => !present.has(column.name.toLowerCase()));
    const extra = union || isSet(options, "subset") ? undefined : names.find((name) => !wanted.has(name.toLowerCase()));
    if (missing === undefined && extra === undefined) return;
    const suggestion = missing === undefined ? undefined : suggestName(missing.name, names);
    const what =
      missing === undefined
        ? `has a column "${extra}" that is not among ${columns.map((column) => `"${column.name}"`).join(", ")}; add it, or set \`subset: true\` to leave it out`
        : `has no column "${missing.name}"; it has ${names.map((name) => `"${name}"`).join(", ")}${suggestion === undefined ? "" : `. Did you mean "${suggestion}"?`}`;
    throw new TerminalError({
      code: position === 0 ? "SOURCE_UNREADABLE" : "DATA_INVALID_FILE",
      fault: position === 0 ? "config" : "data",
      message: `"${file.path}" ${what}${position === 0 ? "" : ". Set `union_by_name: true` where files may differ"}.`,
      context: { file: file.path, column: missing?.name ?? extra, ...(suggestion === undefined ? {} : { suggestion }) },
    });
  });
}

/** Columns of a group as `read_csv` takes them: every column of the file, unwanted ones as text. */
export function toCsvColumns(group: CsvGroup, columns: readonly Column[]): string {
  const types = new Map(columns.map((column) => [column.name.toLowerCase(), column.type]));
  const entries = group.names.map((name) => {
    const type = types.get(name.toLowerCase());
    return `${quoteLiteral(name)}: ${quoteLiteral(type === undefined ? "VARCHAR" : formatColumnType(type))}`;
  });
  return `{${entries.join(", ")}}`;
}

/** An error of a CSV file as a whole. */
export function invalidCsv(file: SourceFile, why: string): TerminalError {
  return new TerminalError({
    code: "DATA_INVALID_FILE",
    fault: "data",
    message: `"${file.path}" cannot be read as csv: ${why}.`,
    context: { file: file.path },
  });
}
