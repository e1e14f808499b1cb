import { formatColumnType, quoteLiteral } from "@millrace/foundation";
import type { Column, ColumnType, JsonObject } from "@millrace/protocols";
import { isSet } from "./read-options.ts";
import type { SourceFile } from "./source-files.ts";

/** Name of the column that `filename: true` adds. */
export const filenameColumn = "filename";

/**
 * Columns that come from the paths of files: the keys of `key=value` folders where `hive_partitioning` is set, and the
 * path itself where `filename` is. Without these options nothing is taken from a path; DuckDB by itself would add a
 * column for every folder that has an `=` in its name.
 */
export function pathColumns(files: readonly SourceFile[], options: JsonObject): readonly Column[] {
  const partitions = isSet(options, "hive_partitioning") ? partitionColumns(files) : [];
  return isSet(options, "filename")
    ? [...partitions, { name: filenameColumn, type: { type: "VARCHAR" }, nullable: false }]
    : partitions;
}

function partitionColumns(files: readonly SourceFile[]): readonly Column[] {
  const values = new Map<string, string[]>();
  for (const { path } of files)
    for (const [, key, value] of path.matchAll(/(?<=[/\\])([^/\\=]+)=([^/\\]*)(?=[/\\])/g)) {
      const name = key as string;
      values.set(name, [...(values.get(name) ?? []), value as string]);
    }
  return [...values].map(([name, all]) => ({ name, type: partitionType(all), nullable: true }));
}

/** Numbers and days where every folder has one; a leading zero makes a code, which stays text. */
function partitionType(values: readonly string[]): ColumnType {
  const known = values.filter((value) => value !== "__HIVE_DEFAULT_PARTITION__");
  if (known.every((value) => /^-?(0|[1-9]\d{0,17})$/.test(value))) return { type: "BIGINT" };
  if (known.every((value) => /^\d{4}-\d{2}-\d{2}$/.test(value))) return { type: "DATE" };
  return { type: "VARCHAR" };
}

/** What DuckDB's readers are told about paths. */
export function pathArguments(partitions: readonly Column[], withFilename: boolean): readonly string[] {
  const types = partitions.map(
    (column) => `${quoteLiteral(column.name)}: ${quoteLiteral(formatColumnType(column.type))}`,
  );
  return [
    ...(partitions.length === 0
      ? ["hive_partitioning = false"]
      : ["hive_partitioning = true", `hive_types = {${types.join(", ")}}`]),
    `filename = ${withFilename}`,
  ];
}
