import { quoteLiteral, TerminalError } from "@millrace/foundation";
import type { Column, FileSource, JsonObject } from "@millrace/protocols";
import { readTextHead } from "./file-content.ts";
import type { TextHead } from "./file-content.ts";
import { isSet, toReadArguments } from "./read-options.ts";
import { mapFiles, toPattern } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";
import type { SourceReader } from "./source-reader.ts";

/** How records stand in JSON files, as `read_json` calls it. */
export type JsonLayout = "array" | "newline_delimited" | "unstructured" | "auto";

/** Sources up to this size are sampled whole, so that a key of the last record is seen. */
const wholeSourceBytes = 8 * 1024 * 1024;
/** Objects nested deeper become JSON: a type of a thousand levels helps nobody. */
const typedDepth = 12;

/**
 * Layout of files: `ndjson` is one record a line; `json` is an array, or objects one after the other.
 *
 * @throws MillraceError `DATA_INVALID_FILE` where a file is something else
 */
export async function detectJsonLayout(files: readonly SourceFile[], source: FileSource): Promise<JsonLayout> {
  return layoutOf(await readHeads(files, source), source);
}

function readHeads(files: readonly SourceFile[], source: FileSource): Promise<readonly TextHead[]> {
  return mapFiles(files, (file) => readTextHead(file, source.format, source.options));
}

function layoutOf(heads: readonly TextHead[], source: FileSource): JsonLayout {
  if (source.format === "ndjson") return "newline_delimited";
  const layouts = new Set(heads.map((head): JsonLayout => (/^\s*\[/.test(head.text) ? "array" : "unstructured")));
  return layouts.size === 1 ? (layouts.values().next().value ?? "auto") : "auto";
}

/**
 * Columns of JSON files, from a sample. Keys that differ only in case are refused: DuckDB's names ignore case, and it
 * would give the second one an invented name that no record has.
 *
 * @throws MillraceError `DATA_INVALID_FILE`, `SOURCE_DUPLICATE_COLUMN`
 */
export async function describeJson(
  files: readonly SourceFile[],
  source: FileSource,
  reader: SourceReader,
): Promise<readonly Column[]> {
  const heads = await readHeads(files, source);
  const layout = layoutOf(heads, source);
  if (source.columns !== undefined) return source.columns;
  const file = (files[0] as SourceFile).path;
  if (heads.every((head) => /^\s*(\[\s*\])?\s*$/.test(head.text)))
    throw new TerminalError({
      code: "DATA_INVALID_FILE",
      fault: "data",
      message: `"${file}" has no record; declare \`columns\` where a file may be empty.`,
      context: { file },
    });
  const bytes = files.reduce((sum, { pin }) => sum + pin.sizeBytes, 0);
  const asked = source.options["sample_size"];
  const call = [
    ...jsonArguments(files, layout, { maximum_depth: typedDepth, ...source.options }),
    `sample_size = ${typeof asked === "number" ? asked : bytes <= wholeSourceBytes ? -1 : 20_480}`,
    ...(isSet(source.options, "union_by_name") ? ["union_by_name = true"] : []),
  ];
  const columns = await reader.columns(`SELECT * FROM read_json(${call.join(", ")})`, file);
  for (const { name } of columns) {
    const base = /^(.+)_\d+$/.exec(name)?.[1];
    const twin = columns.find(
      (other) => base !== undefined && other.name !== base && other.name.toLowerCase() === base.toLowerCase(),
    );
    if (twin !== undefined)
      throw new TerminalError({
        code: "SOURCE_DUPLICATE_COLUMN",
        fault: "data",
        message: `"${file}" has the keys "${twin.name}" and "${base}", which are one name in SQL; declare \`columns\` with the one you want.`,
        context: { file, column: twin.name },
      });
  }
  return columns;
}

/** Arguments of `read_json` that reading and describing share. Rows are never left out. */
export function jsonArguments(
  files: readonly SourceFile[],
  layout: JsonLayout,
  options: JsonObject,
): readonly string[] {
  return [
    `[${files.map((file) => quoteLiteral(toPattern(file.path))).join(", ")}]`,
    `format = '${layout}'`,
    "records = 'true'",
    "ignore_errors = false",
    ...toReadArguments("json", options),
  ];
}
