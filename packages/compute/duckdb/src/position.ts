import type { MillraceError } from "@millrace/foundation";
import { toComputeError } from "./errors.ts";
import { offsetOf, parseNativeError } from "./native-error.ts";
import type { NativeError } from "./native-error.ts";
import type { Relation, ScanRelation } from "./relation.ts";
import type { ComposedStatement, Segment } from "./statement.ts";

/** A place in a step's own SQL: offset in UTF-16 code units, line and column from 1. */
export interface SqlPlace {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset. */
export function placeIn(sql: string, offset: number): SqlPlace {
  const before = sql.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { offset, line: before.split("\n").length, column: offset - lineStart + 1 };
}

/**
 * An error of a composed statement, with the relation it belongs to: by the position where the engine gives one, by the
 * file where it names one, else all relations of the statement are named.
 */
export function blameRelation(thrown: unknown, statement: ComposedStatement, signal?: AbortSignal): MillraceError {
  const native = parseNativeError(thrown);
  const segment = findSegment(native, statement);
  if (segment === undefined) {
    const scan = findScan(native, statement.relations);
    const labels = statement.relations.map((relation) => relation.label);
    const [only] = labels;
    const context =
      scan !== undefined
        ? { label: scan.label }
        : labels.length === 1 && only !== undefined
          ? { label: only }
          : { labels };
    return toComputeError(thrown, { signal, context, ...(scan === undefined ? {} : nameFile(native, scan)) });
  }
  const { relation } = segment;
  const place = placeOf(native, segment, statement.text);
  return toComputeError(thrown, { signal, context: { label: relation.label, ...place } });
}

function findSegment(native: NativeError, statement: ComposedStatement): Segment | undefined {
  const at = offsetOf(native, statement.text);
  return at === undefined ? undefined : statement.segments.find((segment) => at >= segment.start && at < segment.end);
}

function placeOf(native: NativeError, { relation, sqlStart }: Segment, text: string): SqlPlace | undefined {
  const at = offsetOf(native, text);
  if (relation.kind !== "query" || sqlStart === undefined || at === undefined) return undefined;
  const offset = at - sqlStart;
  return offset < 0 || offset > relation.sql.length ? undefined : placeIn(relation.sql, offset);
}

/** A message about content without the file that has it says too little. */
function nameFile(native: NativeError, scan: ScanRelation): { readonly prefix?: string } {
  if (scan.files.some((file) => native.message.includes(file))) return {};
  const [file] = scan.files;
  return {
    prefix:
      scan.files.length === 1 ? `"${file}"` : `one of ${scan.files.length} files, the first of which is "${file}"`,
  };
}

/** Errors of readers name a file; it is blamed where one scan alone reads it. */
function findScan(native: NativeError, relations: readonly Relation[]): ScanRelation | undefined {
  const scans = relations.filter((relation) => relation.kind === "scan");
  const readers = scans.filter((scan) => scan.files.some((file) => native.message.includes(file)));
  if (readers.length > 0) return readers.length === 1 ? readers[0] : undefined;
  // Bad pages of a Parquet file name nothing; with one scan there is no doubt.
  const isContent = /^(CSV Error|The CSV|Malformed JSON in file|JSON transform|Out of buffer|TProtocol)/.test(
    native.message,
  );
  return isContent && scans.length === 1 ? scans[0] : undefined;
}
