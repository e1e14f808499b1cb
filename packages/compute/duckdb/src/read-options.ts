import { quoteLiteral, suggestName, TerminalError } from "@millrace/foundation";
import type { FileFormat, JsonObject, JsonValue } from "@millrace/protocols";

type OptionKind = "text" | "boolean" | "integer" | "texts";

/** Options of ours that are not handed on: which columns of a file are wanted. */
const ownOptions: Readonly<Record<string, OptionKind>> = {
  subset: "boolean",
  union_by_name: "boolean",
  hive_partitioning: "boolean",
  filename: "boolean",
  sample_size: "integer",
};

const csvOptions: Readonly<Record<string, OptionKind>> = {
  header: "boolean",
  delim: "text",
  quote: "text",
  escape: "text",
  comment: "text",
  nullstr: "texts",
  dateformat: "text",
  timestampformat: "text",
  decimal_separator: "text",
  thousands: "text",
  encoding: "text",
  compression: "text",
  skip: "integer",
  strict_mode: "boolean",
  all_varchar: "boolean",
  allow_quoted_nulls: "boolean",
  max_line_size: "integer",
};

const jsonOptions: Readonly<Record<string, OptionKind>> = {
  compression: "text",
  dateformat: "text",
  timestampformat: "text",
  maximum_object_size: "integer",
  maximum_depth: "integer",
};

const optionsOf: Readonly<Record<FileFormat, Readonly<Record<string, OptionKind>>>> = {
  csv: { ...ownOptions, ...csvOptions },
  json: { ...ownOptions, ...jsonOptions },
  ndjson: { ...ownOptions, ...jsonOptions },
  parquet: {
    subset: "boolean",
    union_by_name: "boolean",
    hive_partitioning: "boolean",
    filename: "boolean",
    binary_as_string: "boolean",
  },
};

/** Options of DuckDB that make rows vanish or columns shift without a word. */
const silentOptions = new Set(["ignore_errors", "null_padding", "store_rejects", "rejects_limit"]);

/**
 * Checks reading options against those that the format has.
 *
 * @throws MillraceError `SOURCE_UNREADABLE`, with a suggestion
 */
export function checkReadOptions(format: FileFormat, options: JsonObject): void {
  const known = optionsOf[format];
  for (const [name, value] of Object.entries(options)) {
    if (silentOptions.has(name))
      throw refused(name, `loses rows without a word; mend the data, or declare a contract that quarantines`);
    const kind = known[name];
    if (kind === undefined) {
      const suggestion = suggestName(name, Object.keys(known));
      const hint =
        suggestion === undefined
          ? `known: ${Object.keys(known).toSorted().join(", ")}`
          : `did you mean "${suggestion}"?`;
      throw refused(name, `is not an option of ${format}; ${hint}`);
    }
    if (!fits(value, kind)) throw refused(name, `must be ${describeKind(kind)}; received ${JSON.stringify(value)}`);
  }
}

function fits(value: JsonValue, kind: OptionKind): boolean {
  if (kind === "boolean") return typeof value === "boolean";
  if (kind === "integer") return Number.isSafeInteger(value);
  if (kind === "text") return typeof value === "string";
  return typeof value === "string" || (Array.isArray(value) && value.every((item) => typeof item === "string"));
}

function describeKind(kind: OptionKind): string {
  return { boolean: "true or false", integer: "a whole number", text: "a text", texts: "a text or a list of texts" }[
    kind
  ];
}

function refused(name: string, why: string): TerminalError {
  return new TerminalError({
    code: "SOURCE_UNREADABLE",
    fault: "config",
    message: `Reading option "${name}" ${why}.`,
    context: { option: name },
  });
}

/** Options that DuckDB's own function takes, as `name = value` of a call. */
export function toReadArguments(format: FileFormat, options: JsonObject): readonly string[] {
  return Object.entries(options)
    .filter(([name]) => !(name in ownOptions) && name !== "all_varchar")
    .filter(([name]) => name in optionsOf[format])
    .map(([name, value]) => `${name} = ${toArgument(value)}`);
}

function toArgument(value: JsonValue): string {
  if (typeof value === "string") return quoteLiteral(value);
  if (Array.isArray(value)) return `[${value.map((item) => quoteLiteral(String(item))).join(", ")}]`;
  return JSON.stringify(value);
}

/** Whether a boolean option is set. */
export function isSet(options: JsonObject, name: string): boolean {
  return options[name] === true;
}

/** A text option, or its default. */
export function textOption(options: JsonObject, name: string, otherwise: string): string {
  const value = options[name];
  return typeof value === "string" ? value : otherwise;
}
