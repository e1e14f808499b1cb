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
  /(?<blank>\s+|--[^\n]*)|(?<comment>\/\*)|(?<text>[eE]'(?:\\.|''|[^'\\])*'?|'(?:''|[^'])*'?|"(?:""|[^"])*"?)|(?<dollar>\$(?:(?:[A-Za-z_]|[^\s\p{ASCII}])(?:\w|[^\s\p{ASCII}])*)?\$)|(?<word>(?:[A-Za-z_]|[^\s\p{ASCII}])(?:[\w$]|[^\s\p{ASCII}])*)|(?<other>[^])/uy;

interface Token {
  readonly kind: "blank" | "comment" | "text" | "dollar" | "word" | "other";
  readonly start: number;
  readonly end: number;
}

/** Tokens of a text, one behind the other without a gap. */
function* tokensOf(text: string): Generator<Token> {
  for (let start = 0; start < text.length;) {
    token.lastIndex = start;
    const groups = token.exec(text)?.groups ?? {};
    const [kind = "other", value = ""] = Object.entries(groups).find(([, part]) => part !== undefined) ?? [];
    const end =
      kind === "comment"
        ? endOfComment(text, start)
        : kind === "dollar"
          ? endOfDollarText(text, start, value)
          : token.lastIndex;
    yield { kind: kind as Token["kind"], start, end };
    start = end;
  }
}

/** Statements of a text, empty ones left out. Never fails: what is not SQL is a statement too. */
export function splitStatements(text: string): readonly StatementSlice[] {
  const statements: StatementSlice[] = [];
  let words: string[] = [];
  let slice: { readonly start: number; end: number } | undefined;
  let depth = 0;
  const finish = (): void => {
    if (slice !== undefined) statements.push({ ...slice, words });
    words = [];
    slice = undefined;
    depth = 0;
  };
  for (const { kind, start, end } of tokensOf(text)) {
    if (kind === "blank" || kind === "comment") continue;
    const value = text.slice(start, end);
    if (kind === "other" && value === ";") {
      finish();
      continue;
    }
    slice ??= { start, end };
    slice.end = end;
    if (kind === "word" && depth === 0) words.push(value.toLowerCase());
    if (value === "(") depth++;
    if (value === ")") depth--;
  }
  finish();
  return statements;
}

/**
 * The text as DuckDB counts its bytes: a blank beyond ASCII, such as a no-break space, is one byte to it except in quotes
 * and line comments. Each is one code unit before and after, so that offsets stay.
 */
export function withPlainBlanks(text: string): string {
  if (/^\p{ASCII}*$/u.test(text)) return text;
  return [...tokensOf(text)]
    .map(({ kind, start, end }) => {
      const part = text.slice(start, end);
      return (kind === "blank" && !part.startsWith("--")) || kind === "comment"
        ? part.replaceAll(/[^\S\p{ASCII}]/gu, " ")
        : part;
    })
    .join("");
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
