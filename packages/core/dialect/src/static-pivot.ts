import { tokensOf } from "./lexeme.ts";
import type { Lexeme } from "./lexeme.ts";
import { closing, isSymbol, wordOf } from "./statement.ts";

/** A dynamic PIVOT as a static one, which the parser does serialise. */
export interface StaticPivot {
  readonly text: string;
  /** Offset in the text as it was written, of an offset in `text`. */
  originalOffset(offset: number): number;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
  /** Characters of the text that it stands for. */
  readonly replaces: number;
  /** What of it was written elsewhere: from this place in the text, behind so many characters of its own. */
  readonly copied?: { readonly from: number; readonly behind: number; readonly length: number };
}

const endsList: ReadonlySet<string> = new Set(
  "using group order limit offset union except intersect where having qualify on".split(" "),
);

/**
 * Gives each `ON` column of a dynamic PIVOT a list of values, so that what it reads can be told.
 *
 * DuckDB takes a dynamic PIVOT for several statements and does not serialise it. `PIVOT t ON k` becomes `PIVOT t ON k IN ('')`.
 * Of `k IN (SELECT …)` the subquery becomes a CTE before PIVOT, so that the tables it reads are still told.
 */
export function toStaticPivot(text: string): StaticPivot | undefined {
  const tokens = [...tokensOf(text)];
  const insertions: Insertion[] = [];
  for (const [index, token] of tokens.entries()) {
    if (!/^pivot(_wider)?$/.test(wordOf(text, token))) continue;
    const on = findOn(text, tokens, index + 1);
    if (on !== undefined) insertions.push(...completeList(text, tokens, { pivot: index, start: on + 1 }));
  }
  if (insertions.length === 0) return undefined;
  // Several at one place keep their order.
  insertions.sort((a, b) => a.at - b.at);
  const pieces: string[] = [];
  let copied = 0;
  for (const { at, text: inserted, replaces } of insertions) {
    pieces.push(text.slice(copied, at), inserted);
    copied = at + replaces;
  }
  pieces.push(text.slice(copied));
  return { text: pieces.join(""), originalOffset: (offset) => toOriginal(offset, insertions) };
}

/** The ON of `PIVOT source ON`, at the depth of PIVOT itself; `t PIVOT (sum(v) FOR …)` has none and always lists values. */
function findOn(text: string, tokens: readonly Lexeme[], start: number): number | undefined {
  for (let at = start; at < tokens.length; at++) {
    if (isSymbol(text, tokens[at], "(")) at = closing(text, tokens, at);
    else if (isSymbol(text, tokens[at], ")") || isSymbol(text, tokens[at], ";")) return undefined;
    else if (wordOf(text, tokens[at]) === "on") return at;
  }
  return undefined;
}

/** Completes the elements of an ON list that name no values. */
function completeList(
  text: string,
  tokens: readonly Lexeme[],
  { pivot, start }: { readonly pivot: number; readonly start: number },
): readonly Insertion[] {
  const insertions: Insertion[] = [];
  let first = start;
  let inAt: number | undefined;
  // A list of CTEs before PIVOT ends in a parenthesis; another one goes behind a comma.
  let ctes = isSymbol(text, tokens[pivot - 1], ")") ? 1 : 0;
  for (let at = start; ; at++) {
    const token = tokens[at];
    const isEnd =
      token === undefined ||
      isSymbol(text, token, ")") ||
      isSymbol(text, token, ";") ||
      endsList.has(wordOf(text, token));
    if (isEnd || isSymbol(text, token, ",")) {
      if (at > first) insertions.push(...completeElement(text, tokens, { pivot, inAt, end: at, isWith: ctes > 0 }));
      if (at > first && inAt !== undefined) ctes++;
      if (isEnd) return insertions;
      first = at + 1;
      inAt = undefined;
    } else if (isSymbol(text, token, "(")) {
      at = closing(text, tokens, at);
    } else if (wordOf(text, token) === "in") {
      inAt = at;
    }
  }
}

function completeElement(
  text: string,
  tokens: readonly Lexeme[],
  element: {
    readonly pivot: number;
    readonly inAt: number | undefined;
    readonly end: number;
    readonly isWith: boolean;
  },
): readonly Insertion[] {
  const { pivot, inAt, end, isWith } = element;
  const [begin, last] = [tokens[pivot], tokens[end - 1]];
  if (begin === undefined || last === undefined) return [];
  if (inAt === undefined) return [{ at: last.end, text: " IN ('')", replaces: 0 }];
  const [word, open] = [tokens[inAt], tokens[inAt + 1]];
  const isQuery = /^(select|from|with|values|table)$/.test(wordOf(text, tokens[inAt + 2]));
  if (word === undefined || open === undefined || !isQuery) return [];
  const query = text.slice(open.start, last.end);
  const head = `${isWith ? "," : "WITH"} millrace_pivot_values_${word.start} AS `;
  return [
    {
      at: begin.start,
      text: `${head}${query} `,
      replaces: 0,
      copied: { from: open.start, behind: head.length, length: query.length },
    },
    { at: word.start, text: "IN ('')", replaces: last.end - word.start },
  ];
}

function toOriginal(offset: number, insertions: readonly Insertion[]): number {
  let shift = 0;
  for (const { at, text, replaces, copied } of insertions) {
    const inside = offset - at - shift;
    if (inside < 0) break;
    if (inside < text.length) {
      const place = copied === undefined ? -1 : inside - copied.behind;
      return copied === undefined || place < 0 || place >= copied.length ? at : copied.from + place;
    }
    shift += text.length - replaces;
  }
  return offset - shift;
}
