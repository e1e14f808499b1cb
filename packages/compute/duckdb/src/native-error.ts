import { withPlainBlanks } from "./sql-scanner.ts";

/** What DuckDB says of an error, from `errors_as_json`. */
export interface NativeError {
  /** Exception type, such as `Binder`; `Unknown` where the binding itself failed. */
  readonly type: string;
  readonly message: string;
  readonly subtype?: string;
  /** Offset in the statement, in the unit that {@link offsetOf} knows. */
  readonly position?: number;
  /** The name that was not found. */
  readonly name?: string;
  /** What the name should have been: `Table`, `Scalar Function`. */
  readonly entry?: string;
  readonly candidates: readonly string[];
  readonly errno?: number;
}

/**
 * Reads an error of the binding. Its message is JSON, behind a prefix for parse errors; some errors of the binding's
 * own are plain text.
 */
export function parseNativeError(thrown: unknown): NativeError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const info = parseJson(text);
  if (info === undefined) return { type: "Unknown", message: text, candidates: [] };
  const part = (name: string): string | undefined => (typeof info[name] === "string" ? info[name] : undefined);
  const number = (name: string): number | undefined => (part(name) === undefined ? undefined : Number(part(name)));
  const position = number("position");
  const errno = number("errno");
  const name = part("name");
  const entry = part("type");
  const subtype = part("error_subtype");
  return {
    type: part("exception_type") ?? "Unknown",
    message: part("exception_message") ?? text,
    candidates: (part("candidates") ?? "")
      .split(",")
      .map(unquote)
      .filter((candidate) => candidate !== ""),
    ...(position === undefined || !Number.isSafeInteger(position) ? {} : { position }),
    ...(errno === undefined ? {} : { errno }),
    ...(name === undefined ? {} : { name }),
    ...(entry === undefined ? {} : { entry }),
    ...(subtype === undefined ? {} : { subtype }),
  };
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  const start = text.indexOf('{"exception_type"');
  if (start < 0) return undefined;
  try {
    return JSON.parse(text.slice(start)) as Readonly<Record<string, unknown>>;
  } catch {
    // DuckDB does not escape every byte of a user's text; the plain text still says what happened.
    return undefined;
  }
}

/** Candidates are a comma-separated list of names, quoted where needed and with their table: `"raw.id"`. */
function unquote(candidate: string): string {
  const plain = candidate.trim();
  return plain.startsWith('"') && plain.endsWith('"') ? plain.slice(1, -1).replaceAll('""', '"') : plain;
}

/**
 * Where an error stands in the statement's text, UTF-16 code units.
 *
 * **Source** seen on 1.5.6: the parser counts characters (code points), everything after it bytes of UTF-8.
 */
export function offsetOf({ type, position }: Pick<NativeError, "type" | "position">, text: string): number | undefined {
  if (position === undefined) return undefined;
  if (type !== "Parser")
    return Buffer.from(withPlainBlanks(text), "utf8").subarray(0, position).toString("utf8").length;
  let offset = 0;
  let characters = 0;
  for (const character of text) {
    if (characters++ === position) break;
    offset += character.length;
  }
  return offset;
}
