import { formatColumnType, quoteIdentifier, quoteLiteral } from "@millrace/foundation";
import type { Column, FileSource } from "@millrace/protocols";
import { toCsvColumns } from "./csv-groups.ts";
import { isPinnedCsv, layoutCsv } from "./csv-source.ts";
import type { CsvGroup } from "./csv-groups.ts";
import { describeSource } from "./describe-source.ts";
import { compressionOf } from "./file-content.ts";
import { detectJsonLayout, jsonArguments } from "./json-source.ts";
import { checkParquetFile } from "./parquet-file.ts";
import { readParquet, requiredColumns } from "./parquet-source.ts";
import { filenameColumn, pathArguments } from "./path-columns.ts";
import { checkReadOptions, isSet, toReadArguments } from "./read-options.ts";
import type { ScanRelation } from "./relation.ts";
import { listSourceFiles, mapFiles, toPattern } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";
import type { SourceReader } from "./source-reader.ts";

/** What reads a scan: everything of a `ScanRelation` but its name. */
export type ScanText = Omit<ScanRelation, "kind" | "id" | "label">;

/**
 * The text that reads a source, every option and column written out. What is not pinned yet is described first; headers
 * and magic bytes are checked again, because files may have changed since.
 *
 * @throws MillraceError as `describeSource`
 */
export async function composeScan(source: FileSource, reader: SourceReader): Promise<ScanText> {
  checkReadOptions(source.format, source.options);
  const files = await listSourceFiles(source.uris, reader);
  if (source.columns === undefined || (source.format === "csv" && !isPinnedCsv(source.options))) {
    const described = await describeSource(source, reader);
    return composeText(files, { ...source, options: described.options, columns: described.columns }, reader);
  }
  if (source.format === "parquet") await mapFiles(files, checkParquetFile);
  return composeText(files, { ...source, columns: source.columns }, reader);
}

async function composeText(
  files: readonly SourceFile[],
  source: FileSource & { readonly columns: readonly Column[] },
  reader: SourceReader,
): Promise<ScanText> {
  const { columns } = source;
  const partitions = isSet(source.options, "hive_partitioning")
    ? columns.filter((column) => isPartition(column, files))
    : [];
  const withFilename = isSet(source.options, "filename");
  const fromPaths = pathArguments(partitions, withFilename);
  const inFiles = columns.filter(
    (column) => !partitions.includes(column) && !(withFilename && column.name === filenameColumn),
  );
  const paths = files.map((file) => file.path);
  const base = {
    columns,
    format: source.format,
    files: paths,
    reads: [paths],
    packed: files.flatMap(({ path }) => {
      const compression = source.format === "parquet" ? "none" : compressionOf(path, source.options);
      return compression === "none" ? [] : [{ path, compression }];
    }),
    prunesFiles: partitions.length > 0,
  };
  if (source.format === "csv") {
    const { groups, options } = await layoutCsv(files, source, inFiles);
    const selects = groups.map((group) => readCsvGroup(group, { columns, inFiles, fromPaths, options }));
    return {
      ...base,
      select: selects.join("\nUNION ALL "),
      reads: groups.map((group) => group.files.map((file) => file.path)),
    };
  }
  if (source.format === "parquet") {
    const guarded = columns.some((column) => !column.nullable)
      ? await requiredColumns(files, reader)
      : new Set<string>();
    const list = columns.map((column) =>
      selectColumn(column, { cast: !partitions.includes(column), guard: !guarded.has(column.name) }),
    );
    return { ...base, select: `SELECT ${list.join(", ")} FROM ${readParquet(files, source, fromPaths)}` };
  }
  const types = inFiles.map((column) => `${quoteLiteral(column.name)}: ${quoteLiteral(formatColumnType(column.type))}`);
  const call = [
    ...jsonArguments(files, await detectJsonLayout(files, source), source.options),
    "auto_detect = false",
    `columns = {${types.join(", ")}}`,
    ...fromPaths,
  ];
  const list = columns.map((column) => selectColumn(column, { guard: true }));
  return { ...base, select: `SELECT ${list.join(", ")} FROM read_json(${call.join(", ")})` };
}

function readCsvGroup(
  group: CsvGroup,
  scan: {
    readonly columns: readonly Column[];
    readonly inFiles: readonly Column[];
    readonly fromPaths: readonly string[];
    readonly options: FileSource["options"];
  },
): string {
  const present = new Set(group.names.map((name) => name.toLowerCase()));
  const call = [
    `[${group.files.map((file) => quoteLiteral(toPattern(file.path))).join(", ")}]`,
    "auto_detect = false",
    `columns = ${toCsvColumns(group, scan.inFiles)}`,
    ...toReadArguments("csv", scan.options),
    "null_padding = false",
    "ignore_errors = false",
    ...scan.fromPaths,
  ];
  const list = scan.columns.map((column) =>
    scan.inFiles.includes(column) && !present.has(column.name.toLowerCase())
      ? `CAST(NULL AS ${formatColumnType(column.type)}) AS ${quoteIdentifier(column.name)}`
      : selectColumn(column, { guard: true }),
  );
  return `SELECT ${list.join(", ")} FROM read_csv(${call.join(", ")})`;
}

/**
 * One column of a scan. `cast` gives it its declared type; `guard` refuses nulls where the author declared none, which
 * no file format but Parquet's REQUIRED does by itself.
 */
function selectColumn(
  { name, type, nullable }: Column,
  { cast, guard }: { readonly cast?: boolean; readonly guard: boolean },
): string {
  const quoted = quoteIdentifier(name);
  const value = cast === true ? `CAST(${quoted} AS ${formatColumnType(type)})` : quoted;
  if (nullable || !guard) return `${value} AS ${quoted}`;
  const message = quoteLiteral(`column "${name}" is declared never null, and a row has no value in it`);
  return `CASE WHEN ${quoted} IS NULL THEN error(${message}) ELSE ${value} END AS ${quoted}`;
}

function isPartition(column: Column, files: readonly SourceFile[]): boolean {
  return files.some(({ path }) => path.includes(`/${column.name}=`));
}
