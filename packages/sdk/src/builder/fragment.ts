import { sqlLiteral, TerminalError } from "@millrace/foundation";
import { captureCallSite } from "./call-site.ts";
import type { CallSite } from "./call-site.ts";
import { isDataset } from "./dataset.ts";
import type { Dataset } from "./dataset.ts";

const parts: unique symbol = Symbol.for("@millrace/sql-fragment");

/** What may stand in a hole of `` sql`…` ``: a dataset, another fragment, or a value that becomes a typed literal. */
export type SqlHole = Dataset<unknown> | SqlFragment | string | number | bigint | boolean | Date | null;

/** SQL text with holes, made by `` sql`…` ``. */
export interface SqlFragment {
  /** @internal */
  readonly [parts]: FragmentParts;
}

/** The pieces of a fragment, and where the template stands. */
interface FragmentParts {
  readonly texts: readonly string[];
  readonly holes: readonly SqlHole[];
  readonly site: CallSite | undefined;
}

/**
 * Composes SQL of text, datasets, other fragments and values.
 *
 * A dataset becomes the logical name under which the step reads it; a value becomes a typed literal, never text.
 *
 * @example
 * ```ts no-run
 * p.sql("recent", { raw }, sql`select * from ${raw} where ${onlyEu ? sql`region = 'EU'` : sql`true`}`);
 * ```
 */
export function sql(texts: TemplateStringsArray, ...holes: SqlHole[]): SqlFragment {
  // A cooked text is undefined only after an invalid escape such as `\u{`; the raw text is what was meant then.
  const cooked = texts.map((text: string | undefined, index) => text ?? texts.raw[index] ?? "");
  return { [parts]: { texts: cooked, holes, site: captureCallSite(sql) } };
}

/** @internal */
export function isFragment(value: unknown): value is SqlFragment {
  return typeof value === "object" && value !== null && parts in value;
}

/** A run of a composed text that stands in a template as it is. */
export interface FragmentPiece {
  /** Where it begins in the composed text. */
  readonly start: number;
  readonly length: number;
  /** The template that it comes from, and which of its texts it is. */
  readonly site: CallSite | undefined;
  readonly index: number;
}

/** A fragment as one text, with the origin of each run of it. */
export interface ComposedSql {
  readonly text: string;
  readonly pieces: readonly FragmentPiece[];
}

/**
 * Writes a fragment out. `nameOf` gives the table name of a dataset.
 *
 * @throws MillraceError `DEFINITION_INVALID_VALUE` where a hole holds what SQL has no literal for.
 */
export function composeFragment(fragment: SqlFragment, nameOf: (dataset: Dataset<unknown>) => string): ComposedSql {
  const pieces: FragmentPiece[] = [];
  let text = "";
  const write = ({ texts, holes, site }: FragmentParts): void => {
    for (const [index, piece] of texts.entries()) {
      pieces.push({ start: text.length, length: piece.length, site, index });
      text += piece;
      if (index === texts.length - 1) continue;
      const hole = holes[index];
      if (isFragment(hole)) write(hole[parts]);
      else text += isDataset(hole) ? nameOf(hole) : toLiteral(hole);
    }
  };
  write(fragment[parts]);
  return { text, pieces };
}

const int64 = 2n ** 63n;

function toLiteral(value: unknown): string {
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return sqlLiteral(value);
  if (typeof value === "bigint")
    return sqlLiteral(String(value), value >= -int64 && value < int64 ? "BIGINT" : "HUGEINT");
  if (value instanceof Date && !Number.isNaN(value.getTime())) return sqlLiteral(value.toISOString(), "TIMESTAMPTZ");
  throw new TerminalError({
    code: "DEFINITION_INVALID_VALUE",
    fault: "config",
    message: `A hole of sql\`…\` holds ${describe(value)}. Expected a dataset, another fragment, a string, number, bigint, boolean, valid Date or null.`,
  });
}

function describe(value: unknown): string {
  if (value instanceof Date) return "an invalid Date";
  return value === undefined ? "undefined" : Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
