import { TerminalError } from "@millrace/foundation";
import type { Column, FileSource, JsonObject, SourceDescription } from "@millrace/protocols";
import { describeCsv } from "./csv-source.ts";
import { describeJson } from "./json-source.ts";
import { describeParquet } from "./parquet-source.ts";
import { pathColumns } from "./path-columns.ts";
import { checkReadOptions } from "./read-options.ts";
import { listSourceFiles } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";
import type { SourceReader } from "./source-reader.ts";

/**
 * What metadata and a sample say of a source: its columns, its options with everything that was sniffed written out, and
 * what pins its files.
 *
 * @throws MillraceError `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`, `SOURCE_DUPLICATE_COLUMN`, `DATA_INVALID_FILE`
 */
export async function describeSource(source: FileSource, reader: SourceReader): Promise<SourceDescription> {
  checkReadOptions(source.format, source.options);
  const files = await listSourceFiles(source.uris, reader);
  if (files.length === 0)
    throw new TerminalError({
      code: "SOURCE_NOT_FOUND",
      fault: "config",
      message: "A source needs at least one file.",
    });
  const fromPaths = pathColumns(files, source.options);
  const names = new Set(fromPaths.map((column) => column.name));
  // A column that the paths give is not looked for in the files.
  const inFiles = source.columns?.filter((column) => !names.has(column.name));
  const { columns: _all, ...rest } = source;
  const found = await describeFiles(files, inFiles === undefined ? rest : { ...rest, columns: inFiles }, reader);
  const columns = source.columns ?? [...found.columns.filter((column) => !names.has(column.name)), ...fromPaths];
  return {
    columns,
    options: found.options,
    files: files.map((file) => file.pin),
    ...(found.rows === undefined ? {} : { rows: found.rows }),
  };
}

async function describeFiles(
  files: readonly SourceFile[],
  source: FileSource,
  reader: SourceReader,
): Promise<{ readonly columns: readonly Column[]; readonly options: JsonObject; readonly rows?: number }> {
  switch (source.format) {
    case "csv":
      return describeCsv(files, source, reader);
    case "parquet":
      return { ...(await describeParquet(files, source, reader)), options: source.options };
    case "json":
    case "ndjson":
      return { columns: await describeJson(files, source, reader), options: source.options };
  }
}
