import {
  formatColumnType,
  isSameColumnType,
  isWidening,
  quoteLiteral,
  suggestName,
  TerminalError,
} from "@millrace/foundation";
import type { Column, ColumnType, FileSource } from "@millrace/protocols";
import { checkParquetFile } from "./parquet-file.ts";
import { pathArguments } from "./path-columns.ts";
import { isSet } from "./read-options.ts";
import { mapFiles, toPattern } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";
import type { SourceReader } from "./source-reader.ts";
import { toStorageType } from "./storage-type.ts";

/** What the footers of Parquet files say. */
export interface ParquetFooters {
  readonly columns: readonly Column[];
  readonly rows: number;
}

/**
 * Columns and rows of Parquet files, by their footers.
 *
 * @throws MillraceError `DATA_INVALID_FILE` where a file is damaged or differs from the first one, `SOURCE_UNREADABLE`
 */
export async function describeParquet(
  files: readonly SourceFile[],
  source: FileSource,
  reader: SourceReader,
): Promise<ParquetFooters> {
  await mapFiles(files, checkParquetFile);
  // One after the other: a damaged footer fails all of these, and the first error says enough.
  const rows = await countParquetRows(files, reader);
  const required = await requiredColumns(files, reader);
  const union = isSet(source.options, "union_by_name");
  const found = await reader.columns(
    `SELECT * FROM ${readParquet(union ? files : files.slice(0, 1), source)}`,
    files[0]?.path,
  );
  if (!union) await checkSameSchema(files, found, { source, reader });
  const columns = found.map((column) => ({ ...column, nullable: !required.has(column.name) }));
  return {
    rows,
    columns:
      source.columns === undefined
        ? columns
        : matchDeclared(source.columns, columns, { source, file: files[0]?.path ?? "" }),
  };
}

/** Rows that the footers of files state. */
export async function countParquetRows(files: readonly SourceFile[], reader: SourceReader): Promise<number> {
  const [rows] = await reader.row(
    `SELECT sum(num_rows) FROM parquet_file_metadata(${listFiles(files)})`,
    files[0]?.path,
  );
  return Number(rows ?? 0);
}

/** Columns at the top that every file marks REQUIRED: the format itself keeps nulls out of them. */
export async function requiredColumns(
  files: readonly SourceFile[],
  reader: SourceReader,
): Promise<ReadonlySet<string>> {
  const rows = await reader.rows(
    `SELECT name FROM parquet_schema(${listFiles(files)}) WHERE repetition_type = 'REQUIRED' AND num_children IS NULL
     GROUP BY name HAVING count(DISTINCT file_name) = ${files.length}`,
    files[0]?.path,
  );
  return new Set(rows.map(([name]) => String(name)));
}

/** `read_parquet` of files; `fromPaths` says what is taken from their paths, by default nothing. */
export function readParquet(
  files: readonly SourceFile[],
  source: FileSource,
  fromPaths: readonly string[] = pathArguments([], false),
): string {
  const call = [
    listFiles(files),
    ...fromPaths,
    `union_by_name = ${isSet(source.options, "union_by_name")}`,
    `binary_as_string = ${isSet(source.options, "binary_as_string")}`,
  ];
  return `read_parquet(${call.join(", ")})`;
}

function listFiles(files: readonly SourceFile[]): string {
  return `[${files.map((file) => quoteLiteral(toPattern(file.path))).join(", ")}]`;
}

/** Files whose raw schema has another fingerprint are bound one by one, because writers spell the same types differently. */
async function checkSameSchema(
  files: readonly SourceFile[],
  expected: readonly Column[],
  { source, reader }: { readonly source: FileSource; readonly reader: SourceReader },
): Promise<void> {
  if (files.length < 2) return;
  const schemas = await reader.rows(
    `SELECT min(position) FROM (
       SELECT file_name, list(struct_pack(name, type, num_children, converted_type, logical_type) ORDER BY column_id) AS schema
       FROM parquet_schema(${listFiles(files)}) GROUP BY file_name) AS found
     JOIN (SELECT unnest(${listFiles(files)}) AS file_name, generate_subscripts(${listFiles(files)}, 1) - 1 AS position) AS given USING (file_name)
     GROUP BY schema`,
    files[0]?.path,
  );
  for (const [position] of schemas) {
    const file = files[Number(position)];
    if (file === undefined || file === files[0]) continue;
    const columns = await reader.columns(`SELECT * FROM ${readParquet([file], source)}`, file.path);
    const byName = new Map(columns.map((column) => [column.name, column.type]));
    const wrong = expected.find(({ name, type }) => {
      const other = byName.get(name);
      return other === undefined || !isSameColumnType(other, type);
    });
    const extra = columns.find(({ name }) => !expected.some((column) => column.name === name));
    if (wrong === undefined && (extra === undefined || isSet(source.options, "subset"))) continue;
    const type = wrong === undefined ? undefined : byName.get(wrong.name);
    const what =
      wrong === undefined
        ? `has a column "${extra?.name}" that the first file lacks`
        : type === undefined
          ? `has no column "${wrong.name}"`
          : `has "${wrong.name}" as ${formatColumnType(type)}, the first file as ${formatColumnType(wrong.type)}`;
    throw new TerminalError({
      code: "DATA_INVALID_FILE",
      fault: "data",
      message: `"${file.path}" ${what}. Set \`union_by_name: true\` where files may differ.`,
      context: { file: file.path, column: wrong?.name ?? extra?.name },
    });
  }
}

/** Declared columns must be in the files, with a type that loses nothing on the way. */
function matchDeclared(
  declared: readonly Column[],
  found: readonly Column[],
  { source, file }: { readonly source: FileSource; readonly file: string },
): readonly Column[] {
  const byName = new Map(found.map((column) => [column.name.toLowerCase(), column]));
  const refuse = (column: string, what: string): never => {
    throw new TerminalError({
      code: "SOURCE_UNREADABLE",
      fault: "config",
      message: `"${file}" ${what}.`,
      context: { file, column },
    });
  };
  for (const { name, type } of declared) {
    const column = byName.get(name.toLowerCase());
    if (column === undefined) {
      const suggestion = suggestName(
        name,
        found.map((other) => other.name),
      );
      return refuse(
        name,
        `has no column "${name}"; it has ${found.map((other) => `"${other.name}"`).join(", ")}${suggestion === undefined ? "" : `. Did you mean "${suggestion}"?`}`,
      );
    }
    if (!readsAs(column.type, type))
      refuse(
        name,
        `has "${name}" as ${formatColumnType(column.type)}, which does not read as ${formatColumnType(type)} without loss`,
      );
  }
  const names = new Set(declared.map((column) => column.name.toLowerCase()));
  const extra = found.find((column) => !names.has(column.name.toLowerCase()));
  if (extra !== undefined && !isSet(source.options, "subset"))
    refuse(
      extra.name,
      `has a column "${extra.name}" that is not declared; add it, or set \`subset: true\` to leave it out`,
    );
  return declared;
}

/** Widening, text that is parsed (bad values fail), and what this package itself writes for types that Parquet lacks. */
function readsAs(file: ColumnType, wanted: ColumnType): boolean {
  return (
    isWidening(file, wanted) || file.type === "VARCHAR" || isSameColumnType(file, toStorageType(wanted, "parquet"))
  );
}
