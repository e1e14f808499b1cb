import { cancelledError, isMillraceError, MillraceError } from "@millrace/foundation";
import type { ErrorCode, FailureClass, Fault } from "@millrace/protocols";
import { parseNativeError } from "./native-error.ts";
import type { NativeError } from "./native-error.ts";

/** What one kind of native error is for us. */
export interface ErrorRule {
  /** DuckDB's exception type. */
  readonly type: string;
  readonly subtype?: string;
  /** Kind of catalogue entry that is missing. */
  readonly entry?: RegExp;
  readonly message?: RegExp;
  readonly errno?: number;
  readonly code: ErrorCode;
  readonly fault: Fault;
  /** @defaultValue "terminal" */
  readonly failureClass?: FailureClass;
}

const badFile =
  /^(CSV Error|The CSV Parser|Error when sniffing|Malformed JSON in file|JSON transform error|No magic bytes|Schema mismatch|Geoparquet)|Parquet|parquet|magic bytes|decompress|gzip|GZIP|zstd|ZSTD|not utf-8|unicode/;

/**
 * Every native error, most specific first.
 *
 * **Source** `ExceptionType` of DuckDB 1.5.6, each row seen in a test; messages are matched only where types say too little.
 */
export const errorRules: readonly ErrorRule[] = [
  { type: "INTERRUPT", code: "RUN_CANCELLED", fault: "caller" },
  { type: "Out of Memory", code: "COMPUTE_OUT_OF_MEMORY", fault: "config" },
  { type: "Permission", code: "SANDBOX_VIOLATION", fault: "config" },
  { type: "Parser", code: "SQL_SYNTAX", fault: "config" },
  { type: "Syntax", code: "SQL_SYNTAX", fault: "config" },
  { type: "Invalid Input", message: /multiple statements/, code: "SQL_INVALID", fault: "config" },
  { type: "Invalid Input", message: /^Expected \d+ parameters/, code: "SQL_PARAMETER_UNKNOWN", fault: "config" },
  { type: "Parameter Not Resolved", code: "SQL_PARAMETER_UNKNOWN", fault: "config" },
  { type: "Binder", subtype: "COLUMN_NOT_FOUND", code: "SQL_COLUMN_NOT_FOUND", fault: "config" },
  {
    type: "Binder",
    message: /does not have a column named|not found in FROM clause|Could not find key/,
    code: "SQL_COLUMN_NOT_FOUND",
    fault: "config",
  },
  // Operators are functions too: `+(INTEGER, VARCHAR)` is a matter of types.
  { type: "Binder", message: /argument types '[^\w"]/, code: "SQL_TYPE_MISMATCH", fault: "config" },
  {
    type: "Binder",
    message: /^No function matches|^Macro .* does not support/,
    code: "SQL_FUNCTION_NOT_FOUND",
    fault: "config",
  },
  {
    type: "Binder",
    message: /^Cannot (mix|compare|combine|cast)|explicit cast is required|can only be applied to/,
    code: "SQL_TYPE_MISMATCH",
    fault: "config",
  },
  { type: "Binder", message: /^json_read expected records/, code: "DATA_INVALID_FILE", fault: "data" },
  { type: "Binder", code: "SQL_INVALID", fault: "config" },
  { type: "Catalog", entry: /^Table$/, code: "SQL_UNDECLARED_TABLE", fault: "config" },
  { type: "Catalog", entry: /Function/, code: "SQL_FUNCTION_NOT_FOUND", fault: "config" },
  { type: "Catalog", entry: /^Type$/, code: "SQL_TYPE_MISMATCH", fault: "config" },
  { type: "Catalog", message: /Function with name/, code: "SQL_FUNCTION_NOT_FOUND", fault: "config" },
  { type: "Catalog", code: "SQL_INVALID", fault: "config" },
  { type: "Conversion", message: /^Unimplemented type for cast/, code: "SQL_TYPE_MISMATCH", fault: "config" },
  { type: "Conversion", code: "DATA_CONVERSION", fault: "data" },
  { type: "Out of Range", code: "DATA_CONVERSION", fault: "data" },
  { type: "Mismatch Type", code: "SQL_TYPE_MISMATCH", fault: "config" },
  {
    type: "Invalid Input",
    message: /Failed to cast|^Could not (parse|convert)/,
    code: "DATA_CONVERSION",
    fault: "data",
  },
  { type: "Invalid Input", message: badFile, code: "DATA_INVALID_FILE", fault: "data" },
  // Thrift and page decoders of the Parquet reader: "TProtocolException: Invalid data", "Out of buffer".
  { type: "Invalid", code: "DATA_INVALID_FILE", fault: "data" },
  { type: "Serialization", code: "DATA_INVALID_FILE", fault: "data" },
  { type: "IO", message: badFile, code: "DATA_INVALID_FILE", fault: "data" },
  { type: "IO", message: /^No files found/, code: "DATA_SOURCE_CHANGED", fault: "data" },
  { type: "IO", message: /^Extension/, code: "COMPUTE_FAILED", fault: "config" },
  { type: "IO", errno: 2, code: "STORE_IO", fault: "upstream" },
  { type: "IO", errno: 13, code: "STORE_IO", fault: "config" },
  { type: "IO", errno: 28, code: "STORE_IO", fault: "upstream", failureClass: "retryable" },
  { type: "IO", code: "STORE_IO", fault: "upstream", failureClass: "retryable" },
  { type: "Missing Extension", code: "COMPUTE_FAILED", fault: "config" },
  { type: "Autoload", code: "COMPUTE_FAILED", fault: "config" },
  { type: "Not implemented", code: "SQL_INVALID", fault: "config" },
  { type: "Constraint", code: "COMPUTE_FAILED", fault: "data" },
  // Whatever else a query says of its rows: `error('…')`, a bad regular expression, two rows from a scalar subquery.
  { type: "Invalid Input", code: "COMPUTE_FAILED", fault: "data" },
  // The instance is unusable from here on; another attempt opens a new one.
  { type: "FATAL", code: "COMPUTE_FAILED", fault: "internal", failureClass: "retryable" },
];

const anythingElse: ErrorRule = { type: "", code: "COMPUTE_FAILED", fault: "internal" };

/** The rule of a native error. */
export function ruleOf(error: NativeError): ErrorRule {
  return (
    errorRules.find(
      (rule) =>
        rule.type === error.type &&
        (rule.subtype === undefined || rule.subtype === error.subtype) &&
        (rule.errno === undefined || rule.errno === error.errno) &&
        (rule.entry === undefined || (error.entry !== undefined && rule.entry.test(error.entry))) &&
        (rule.message === undefined || rule.message.test(error.message)),
    ) ?? anythingElse
  );
}

/** Where an error belongs, and what it is called there. */
export interface ErrorPlace {
  /** Code to use instead of the table's, for codes whose exit differs by phase. */
  readonly codes?: Partial<Record<ErrorCode, ErrorCode>>;
  readonly context?: Readonly<Record<string, unknown>>;
  /** Text before the message, such as `data/a.csv`. */
  readonly prefix?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * An error of DuckDB as ours: code and fault by the table, the engine's own words in short, what it knows of the place
 * in `context`. Errors that are ours already pass through.
 */
export function toComputeError(thrown: unknown, place: ErrorPlace = {}): MillraceError {
  if (isMillraceError(thrown)) return thrown;
  const native = parseNativeError(thrown);
  const rule = ruleOf(native);
  if (rule.code === "RUN_CANCELLED") return cancelledError(place.signal?.reason);
  const text = summarize(native.message);
  return new MillraceError({
    code: place.codes?.[rule.code] ?? rule.code,
    fault: rule.fault,
    failureClass: rule.failureClass ?? "terminal",
    message: place.prefix === undefined ? text : `${place.prefix}: ${text}`,
    context: { exception: native.type, ...factsOf(native), ...place.context },
    cause: thrown,
  });
}

function factsOf(native: NativeError): Readonly<Record<string, unknown>> {
  const candidates = native.candidates.filter((candidate) => !candidate.includes("->"));
  const line = /CSV Error on Line: (\d+)|in line (\d+)/.exec(native.message);
  const column = /converting column "((?:[^"]|"")*)"/.exec(native.message)?.[1];
  const name =
    native.name ??
    /column named "([^"]+)"|Column "([^"]+)" in/
      .exec(native.message)
      ?.slice(1)
      .find((part) => part !== undefined);
  const file = /^ {2}file = (.+)$/m.exec(native.message)?.[1] ?? /in file "([^"]+)"/.exec(native.message)?.[1];
  return {
    ...(name === undefined ? {} : { name }),
    ...(candidates.length === 0 ? {} : { candidates: [...new Set(candidates.map(withoutTable))] }),
    ...(file === undefined ? {} : { file }),
    ...(line === null ? {} : { fileLine: Number(line[1] ?? line[2]) }),
    ...(column === undefined ? {} : { column }),
  };
}

/** `a.id` is what DuckDB calls a candidate column; its name is the part that people mistype. */
function withoutTable(candidate: string): string {
  return /^[^.]+\.([^.]+)$/.exec(candidate)?.[1] ?? candidate;
}

/**
 * The engine's words without its advice, which names settings that are not the author's to set, and without the dump of
 * reading options below CSV errors.
 */
function summarize(message: string): string {
  const advice =
    /\n+\s*(Possible|Try setting|See also|Please try|Alternatively|Use "SET|\s*Candidate|\s{2}file =|Did you mean|LINE \d|The search space|This can happen|Column \S+ is being converted)/;
  const lines = (message.split(advice, 1)[0] ?? message).split("\n").map((line) => line.trim());
  const text = lines.filter((line) => line !== "").join("; ");
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
