import { suggestName, TerminalError } from "@millrace/foundation";
import type { ParameterSpan } from "@millrace/protocols";
import { tokensOf } from "./lexeme.ts";

/** A `$name` of a text. */
export interface Parameter {
  readonly name: string;
  /** Where its `$` stands, UTF-16 code units. */
  readonly offset: number;
}

interface Place extends Parameter {
  readonly end: number;
}

/** A text with literals in place of its parameters, and where they stand. */
export interface Substitution {
  readonly text: string;
  readonly spans: readonly ParameterSpan[];
}

function* placesOf(text: string): Generator<Place> {
  // Most texts have none, and a search is far cheaper than lexing.
  if (!text.includes("$")) return;
  for (const { kind, start, end, name } of tokensOf(text)) {
    if (kind === "parameter") yield { name: name ?? "", offset: start, end };
  }
}

/** Every `$name` of a text in order of appearance, never inside strings, quoted names or comments. */
export function findParameters(text: string): readonly Parameter[] {
  return [...placesOf(text)].map(({ name, offset }) => ({ name, offset }));
}

/** Where the text has a numbered parameter (`$1`), the first of them. */
export function findPositional(text: string): { readonly text: string; readonly offset: number } | undefined {
  if (!/\$\d/.test(text)) return undefined;
  for (const { kind, start, end } of tokensOf(text)) {
    if (kind === "positional") return { text: text.slice(start, end), offset: start };
  }
  return undefined;
}

/**
 * Puts a literal in place of each `$name`.
 *
 * A literal never joins its neighbours: `x-$a` with `-5` gives `x-(-5)`, which would otherwise begin a comment.
 *
 * @throws MillraceError `SQL_PARAMETER_UNKNOWN` for a name without a literal.
 */
export function substituteParameters(text: string, literals: ReadonlyMap<string, string>): Substitution {
  const pieces: string[] = [];
  const spans: ParameterSpan[] = [];
  let copied = 0;
  let length = 0;
  for (const { name, offset, end } of placesOf(text)) {
    const literal = literals.get(name);
    if (literal === undefined) throw unknownParameter(name, offset, literals);
    const piece = isolate(literal, text[offset - 1] ?? "", text[end] ?? "");
    pieces.push(text.slice(copied, offset), piece);
    length += offset - copied;
    spans.push({ authorOffset: offset, authorLength: end - offset, sqlOffset: length, sqlLength: piece.length });
    length += piece.length;
    copied = end;
  }
  pieces.push(text.slice(copied));
  return { text: pieces.join(""), spans };
}

function isolate(literal: string, before: string, after: string): string {
  // A sign may meet an operator, and a number before a point would swallow it.
  const own = /^[-+]/.test(literal) || after === "." ? `(${literal})` : literal;
  const joins = /[\w'"$.]|\P{ASCII}/u;
  return `${joins.test(before) ? " " : ""}${own}${joins.test(after) ? " " : ""}`;
}

function unknownParameter(name: string, offset: number, literals: ReadonlyMap<string, string>): TerminalError {
  const suggestion = suggestName(name, literals.keys());
  const known = literals.size === 0 ? "there are none" : [...literals.keys()].map((key) => `$${key}`).join(", ");
  const hint = suggestion === undefined ? "" : ` Did you mean $${suggestion}?`;
  return new TerminalError({
    code: "SQL_PARAMETER_UNKNOWN",
    fault: "config",
    message: `The SQL uses the parameter $${name}, which has no value; known: ${known}.${hint}`,
    context: { parameter: name, offset, ...(suggestion === undefined ? {} : { suggestion }) },
  });
}
