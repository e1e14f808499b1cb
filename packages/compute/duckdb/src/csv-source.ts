import type { Column, FileSource, JsonObject } from "@millrace/protocols";
import { detectShape, readHead, toShapeOptions } from "./csv-dialect.ts";
import { checkGroups, groupByHeader, invalidCsv } from "./csv-groups.ts";
import type { CsvGroup } from "./csv-groups.ts";
import type { CsvShape } from "./csv-record.ts";
import { filesToSample, mergeFormats, mergeTypes, sampleTypes, sniffCsv } from "./csv-types.ts";
import { readTextHead } from "./file-content.ts";
import type { TextHead } from "./file-content.ts";
import { isSet } from "./read-options.ts";
import { mapFiles } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";
import type { SourceReader } from "./source-reader.ts";

/** What is known of CSV files: enough to read them with nothing left to guess. */
export interface CsvLayout {
  readonly options: JsonObject;
  readonly columns: readonly Column[];
  readonly groups: readonly CsvGroup[];
}

/**
 * Dialect, header and columns of CSV files. Types are sniffed from samples unless columns are declared.
 *
 * DuckDB's own detection is asked for types and the header alone: for a ragged or unclosed file it drops quoting, skips
 * lines or picks a delimiter that makes one column of everything, without an error.
 *
 * @throws MillraceError `DATA_INVALID_FILE`, `SOURCE_DUPLICATE_COLUMN`, `SOURCE_UNREADABLE`
 */
export async function describeCsv(
  files: readonly SourceFile[],
  source: FileSource,
  reader: SourceReader,
): Promise<CsvLayout> {
  const heads = await mapFiles(files, (file) => readTextHead(file, "csv", source.options));
  const blank = source.options["header"] === false ? -1 : heads.findIndex((head) => head.text.trim() === "");
  if (blank >= 0) throw invalidCsv(files[blank] as SourceFile, "it is empty");
  const shape = detectShape(heads[0] as TextHead, source.options);
  const pinned = {
    ...source.options,
    ...toShapeOptions(shape),
    // DuckDB's strict mode takes one kind of line end a file; without it, mixed ones are read right.
    strict_mode: source.options["strict_mode"] ?? heads.every((head) => readHead(head, shape).lineEnds.size < 2),
  };
  const header = await hasHeader(files[0] as SourceFile, heads[0] as TextHead, {
    options: pinned,
    shape,
    columns: source.columns,
    reader,
  });
  const options = { ...pinned, header };
  const groups = header
    ? groupByHeader(files, heads, shape)
    : [{ files, names: namesByPosition(heads[0] as TextHead, shape, source.columns) }];
  if (source.columns !== undefined) return checked({ options, columns: source.columns, groups });

  const samples = await mapFiles(filesToSample(groups), ({ file, names }) =>
    sampleTypes(file, names, { options, reader }),
  );
  const all = isSet(options, "union_by_name") ? groups.flatMap((group) => group.names) : (groups[0]?.names ?? []);
  const columns = [...new Set(all)].map((name) => ({
    name,
    type: mergeTypes(samples.map((sample) => sample.types.get(name))),
    nullable: true,
  }));
  return checked({ options: { ...options, ...mergeFormats(samples, options) }, columns, groups });
}

/** The layout of files whose options and columns are pinned; headers are read again, because files may have changed. */
export async function layoutCsv(
  files: readonly SourceFile[],
  source: FileSource,
  columns: readonly Column[],
): Promise<CsvLayout> {
  const { options } = source;
  const shape = detectShape({ text: "", whole: true }, options);
  if (!isSet(options, "header"))
    return { options, columns, groups: [{ files, names: columns.map((column) => column.name) }] };
  const heads = await mapFiles(files, (file) => readTextHead(file, "csv", options));
  return checked({ options, columns, groups: groupByHeader(files, heads, shape) });
}

/** Whether options say everything that reading needs, as those of `describeCsv` do. */
export function isPinnedCsv(options: JsonObject): boolean {
  return ["delim", "quote", "escape", "skip", "header", "strict_mode"].every((name) => options[name] !== undefined);
}

function checked(layout: CsvLayout): CsvLayout {
  if (isSet(layout.options, "header")) checkGroups(layout.groups, layout.columns, layout.options);
  return layout;
}

async function hasHeader(
  file: SourceFile,
  head: TextHead,
  known: {
    readonly options: JsonObject;
    readonly shape: CsvShape;
    readonly columns: readonly Column[] | undefined;
    readonly reader: SourceReader;
  },
): Promise<boolean> {
  const said = known.options["header"];
  if (typeof said === "boolean") return said;
  const fields = readHead(head, known.shape).records[0] ?? [];
  if (known.columns === undefined) return (await sniffCsv(file, fields.length, known)).header;
  const names = new Set(fields.map((field) => field.toLowerCase()));
  return known.columns.some((column) => names.has(column.name.toLowerCase()));
}

function namesByPosition(head: TextHead, shape: CsvShape, columns: readonly Column[] | undefined): readonly string[] {
  if (columns !== undefined) return columns.map((column) => column.name);
  return (readHead(head, shape).records[0] ?? []).map((_, index) => `column${index}`);
}
