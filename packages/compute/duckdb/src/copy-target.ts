import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseByteSize, quoteIdentifier, quoteLiteral, suggestName, TerminalError } from "@millrace/foundation";
import type { Column, FileFormat, JsonObject, JsonValue, MaterialiseTarget, WrittenFile } from "@millrace/protocols";
import { needsStorageCast, toStorageSelect } from "./storage-type.ts";
import { toLocalPath } from "./source-files.ts";

/** Options of COPY that each format takes, under DuckDB's names. */
const formatOptions: Readonly<Record<FileFormat, readonly string[]>> = {
  csv: ["compression", "header", "delim", "quote", "escape", "nullstr", "dateformat", "timestampformat", "force_quote"],
  json: ["compression", "dateformat", "timestampformat"],
  ndjson: ["compression", "dateformat", "timestampformat"],
  parquet: ["compression", "compression_level", "row_group_size", "kv_metadata"],
};

/** Options that shape a folder. */
const folderOptions = ["partition_by", "file_size_bytes"];

/** A target that is ready to be written. */
export interface CopyTarget {
  /** Where COPY writes: a file, or a folder that it fills. */
  readonly path: string;
  readonly folder: string | undefined;
  readonly format: FileFormat;
  /** What stands behind `TO '…'`. */
  readonly options: string;
  /** Whether COPY itself reports each file: only its Parquet writer does. */
  readonly reportsFiles: boolean;
}

/**
 * A COPY for a staged place.
 *
 * @throws MillraceError `TARGET_INVALID` for options that the format or form does not have
 */
export function toCopyTarget(target: MaterialiseTarget): CopyTarget {
  const { format, form } = target;
  checkOptions(target);
  const uri = toLocalPath(target.uri);
  const parts = toNames(target.options["partition_by"]);
  const fileSize = target.options["file_size_bytes"];
  const filled = form === "folder" && (parts.length > 0 || fileSize !== undefined);
  const options = [
    `FORMAT ${format === "ndjson" ? "json" : format}`,
    ...(format === "json" ? ["ARRAY true"] : []),
    ...Object.entries(target.options)
      .filter(([name]) => !folderOptions.includes(name))
      .map(([name, value]) => toCopyOption(name, value)),
    ...(parts.length === 0 ? [] : [`PARTITION_BY (${parts.map(quoteIdentifier).join(", ")})`]),
    ...(fileSize === undefined ? [] : [`FILE_SIZE_BYTES ${toBytes(fileSize)}`]),
    ...(filled ? ["FILENAME_PATTERN 'part-{i}'"] : []),
  ];
  return {
    path: form === "file" || filled ? uri : join(uri, `part-0.${format}`),
    folder: form === "folder" ? uri : undefined,
    format,
    options: `(${options.join(", ")})`,
    reportsFiles: format === "parquet",
  };
}

/** The select list of a COPY: types that the format would spoil are stored as what keeps their values. */
export function toCopySelect(columns: readonly Column[], format: FileFormat): string {
  if (format === "parquet") return needsStorageCast(columns, "parquet") ? toStorageSelect(columns, "parquet") : "*";
  if (format === "csv" || !columns.some((column) => isFloat(column))) return "*";
  // DuckDB writes NaN and infinities bare, which is not JSON; as text they are read back as numbers.
  return columns
    .map((column) => {
      const name = quoteIdentifier(column.name);
      return isFloat(column)
        ? `CASE WHEN isfinite(${name}) THEN to_json(${name}) ELSE to_json(CAST(${name} AS VARCHAR)) END AS ${name}`
        : name;
    })
    .join(", ");
}

function isFloat({ type }: Column): boolean {
  return type.type === "FLOAT" || type.type === "DOUBLE";
}

/** Files that a COPY left, with their sizes; sorted by path. */
export async function listWritten(target: CopyTarget): Promise<readonly WrittenFile[]> {
  const paths = target.folder === undefined ? [target.path] : await filesBelow(target.folder);
  return Promise.all(paths.map(async (uri) => ({ uri, sizeBytes: (await stat(uri)).size })));
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function checkOptions({ format, form, options }: MaterialiseTarget): void {
  const known = [...formatOptions[format], ...folderOptions];
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const suggestion = suggestName(name, known);
      throw invalid(
        name,
        `is not an option of ${format}${suggestion === undefined ? `; known: ${known.join(", ")}` : `; did you mean "${suggestion}"?`}`,
      );
    }
    if (folderOptions.includes(name) && form === "file") throw invalid(name, "needs a folder: end the target with `/`");
    if (name === "partition_by" && (format === "json" || format === "ndjson"))
      throw invalid(name, `is not written by DuckDB for ${format}; use csv or parquet`);
  }
}

function toCopyOption(name: string, value: JsonValue): string {
  const key = name.toUpperCase();
  if (name === "kv_metadata") return `${key} ${toStruct(value)}`;
  if (name === "force_quote")
    return value === true || value === "*" ? `${key} *` : `${key} (${toNames(value).map(quoteIdentifier).join(", ")})`;
  if (typeof value === "string") return `${key} ${quoteLiteral(value)}`;
  if (typeof value === "number" || typeof value === "boolean") return `${key} ${value}`;
  throw invalid(name, `takes a text, a number or true and false; received ${JSON.stringify(value)}`);
}

function toBytes(value: JsonValue): number {
  if (typeof value === "string") return parseByteSize(value);
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw invalid("file_size_bytes", `takes a number of bytes; received ${JSON.stringify(value)}`);
}

function toStruct(value: JsonValue): string {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw invalid("kv_metadata", "takes an object of texts");
  const entries = Object.entries(value as JsonObject).map(
    ([key, text]) => `${quoteLiteral(key)}: ${quoteLiteral(typeof text === "string" ? text : JSON.stringify(text))}`,
  );
  return `{${entries.join(", ")}}`;
}

function toNames(value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === "string") return value.split(",").map((name) => name.trim());
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value;
  throw invalid("partition_by", `takes a list of columns; received ${JSON.stringify(value)}`);
}

function invalid(name: string, why: string): TerminalError {
  return new TerminalError({
    code: "TARGET_INVALID",
    fault: "config",
    message: `Writing option "${name}" ${why}.`,
    context: { option: name },
  });
}
