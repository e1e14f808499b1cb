/** A statement inside a text: where it stands, without its semicolon, and its words outside of parentheses. */
export interface StatementSlice {
  readonly start: number;
  /** After the last character that is not blank or comment. */
  readonly end: number;
  /** Unquoted words in lower case at parenthesis depth 0, in order. */
  readonly words: readonly string[];
}

/**
 * One token at a time, as DuckDB's lexer sees them: comments (nested ones too), quoted names, texts, escape and dollar
 * texts, words. Sticky, so that each match begins where the last one ended.
 */
const token =
  /(?<blank>\s+|--[^\n]*)|(?<comment>\/\*)|(?<text>[eE]'(?:\\.|''|[^'\\])*'?|'(?:''|[^'])*'?|"(?:""|[^"])*"?)|(?<dollar>\$(?:[A-Za-z_\u{80}-\u{10ffff}][\w\u{80}-\u{10ffff}]*)?\$)|(?<word>[A-Za-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*)|(?<other>[^])/uy;

/** Statements of a text, empty ones left out. Never fails: what is not SQL is a statement too. */
export function splitStatements(text: string): readonly StatementSlice[] {
  const statements: StatementSlice[] = [];
  let words: string[] = [];
  let start = -1;
  let end = 0;
  let depth = 0;
  const finish = (): void => {
    if (start >= 0) statements.push({ start, end, words });
    words = [];
    start = -1;
    depth = 0;
  };
  for (let at = 0; at < text.length; ) {
    token.lastIndex = at;
    const groups = token.exec(text)?.groups ?? {};
    const next = groups["dollar"] === undefined ? token.lastIndex : endOfDollarText(text, at, groups["dollar"]);
    if (groups["comment"] !== undefined) {
      at = endOfComment(text, at);
      continue;
    }
    if (groups["blank"] === undefined) {
      if (groups["other"] === ";") finish();
      else {
        if (start < 0) start = at;
        end = next;
        if (groups["word"] !== undefined && depth === 0) words.push(groups["word"].toLowerCase());
        if (groups["other"] === "(") depth++;
        if (groups["other"] === ")") depth--;
      }
    }
    at = next;
  }
  finish();
  return statements;
}

/** The text up to the end of its last statement: semicolons and comments behind it cut off, offsets unchanged. */
export function trimStatementEnd(text: string): string {
  return text.slice(0, splitStatements(text).at(-1)?.end ?? 0);
}

/** Block comments nest, as in PostgreSQL. An open one ends with the text. */
function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const pair = text.slice(at, at + 2);
    if (pair === "/*") depth++;
    else if (pair === "*/") depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function endOfDollarText(text: string, start: number, tag: string): number {
  const close = text.indexOf(tag, start + tag.length);
  return close < 0 ? text.length : close + tag.length;
}
