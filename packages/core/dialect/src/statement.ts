import type { StatementKind } from "@millrace/protocols";
import { tokensOf } from "./lexeme.ts";
import type { Lexeme } from "./lexeme.ts";
import { foldName } from "./syntax-tree.ts";

/** First words of statements. What is not here is `other`, if it is a statement at all. */
const kinds: ReadonlyMap<string, StatementKind> = new Map<string, StatementKind>([
  ...kind("select", "select from values table pivot pivot_wider pivot_longer unpivot summarize describe desc show"),
  ...kind("insert", "insert"),
  ...kind("update", "update"),
  ...kind("delete", "delete truncate"),
  ...kind("create", "create"),
  ...kind("drop", "drop"),
  ...kind("alter", "alter"),
  ...kind("copy", "copy export import"),
  ...kind("attach", "attach detach use"),
  ...kind("set", "set reset"),
  ...kind("pragma", "pragma"),
  ...kind("call", "call"),
  ...kind("load", "load install"),
  ...kind("transaction", "begin start commit rollback abort end"),
  ...kind(
    "other",
    "merge explain analyze vacuum checkpoint force comment prepare execute deallocate update_extensions",
  ),
]);

function kind(value: StatementKind, words: string): readonly (readonly [string, StatementKind])[] {
  return words.split(" ").map((word) => [word, value] as const);
}

/** One statement of a text, by its tokens alone. */
export interface StatementText {
  /** Undefined where the first word begins no statement. */
  readonly kind: StatementKind | undefined;
  /** PIVOT stands somewhere in it. */
  readonly hasPivot: boolean;
}

/** Splits a text at its semicolons and tells the statements by their first words, behind parentheses and WITH. */
export function readStatements(text: string): readonly StatementText[] {
  const statements: StatementText[] = [];
  let tokens: Lexeme[] = [];
  const finish = (): void => {
    if (tokens.length > 0) {
      const hasPivot = tokens.some((token) => /^pivot(_wider)?$/.test(wordOf(text, token)));
      statements.push({ kind: kinds.get(firstWord(text, tokens)), hasPivot });
    }
    tokens = [];
  };
  for (const token of tokensOf(text)) {
    if (token.kind === "symbol" && text[token.start] === ";") finish();
    else tokens.push(token);
  }
  finish();
  return statements;
}

/** A word in lower case; empty for any other token. */
export function wordOf(text: string, token: Lexeme | undefined): string {
  return token?.kind === "word" ? foldName(text.slice(token.start, token.end)) : "";
}

export function isSymbol(text: string, token: Lexeme | undefined, symbol: string): boolean {
  return token?.kind === "symbol" && text[token.start] === symbol;
}

function firstWord(text: string, tokens: readonly Lexeme[]): string {
  let at = 0;
  while (isSymbol(text, tokens[at], "(")) at++;
  const word = wordOf(text, tokens[at]);
  return word === "with" ? wordOf(text, tokens[endOfWith(text, tokens, at + 1)]) : word;
}

/** Index of the token behind `name (columns) USING KEY (…) AS MATERIALIZED (…), …`. */
function endOfWith(text: string, tokens: readonly Lexeme[], start: number): number {
  let at = wordOf(text, tokens[start]) === "recursive" ? start + 1 : start;
  for (;;) {
    // To the AS of this CTE and over its query; parentheses before are columns.
    at++;
    while (at < tokens.length && wordOf(text, tokens[at]) !== "as")
      at = isSymbol(text, tokens[at], "(") ? closing(text, tokens, at) + 1 : at + 1;
    while (at < tokens.length && !isSymbol(text, tokens[at], "(")) at++;
    at = closing(text, tokens, at) + 1;
    if (!isSymbol(text, tokens[at], ",")) return at;
    at++;
  }
}

/** Index of the parenthesis that closes the one at `open`; the last token where none does. */
export function closing(text: string, tokens: readonly Lexeme[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isSymbol(text, tokens[at], "(")) depth++;
    else if (isSymbol(text, tokens[at], ")")) depth--;
    if (depth === 0) return at;
  }
  return tokens.length - 1;
}
