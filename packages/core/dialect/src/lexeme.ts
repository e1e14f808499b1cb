/** What a stretch of SQL text is. */
export type LexemeKind =
  | "space"
  | "line_comment"
  | "block_comment"
  | "word"
  | "quoted"
  | "string"
  | "dollar_string"
  | "number"
  | "parameter"
  | "positional"
  | "symbol";

/** A stretch of SQL text, in UTF-16 code units. */
export interface Lexeme {
  readonly kind: LexemeKind;
  readonly start: number;
  readonly end: number;
  /** Name of a parameter, or of a quoted identifier without its quotes. */
  readonly name?: string;
}

/** DuckDB reads these as blanks outside quotes (`StripUnicodeSpaces` in its parser); everything else above ASCII is a letter. */
export const unicodeSpaces = "\\u00a0\\u2000-\\u200d\\u205f\\u2060\\u3000\\ufeff";

const letter = `(?:[A-Za-z_]|[^\\x00-\\x7f${unicodeSpaces}])`;
const letterOrDigit = `(?:[A-Za-z0-9_]|[^\\x00-\\x7f${unicodeSpaces}])`;
const spacePattern = new RegExp(`[ \\t\\n\\r\\f\\v${unicodeSpaces}]+`, "y");
const wordPattern = new RegExp(`${letter}(?:${letterOrDigit}|\\$)*`, "uy");
const dollarQuotePattern = new RegExp(`\\$(?:${letter}${letterOrDigit}*)?\\$`, "uy");
const numberPattern = /(?:\d|\.\d)[A-Za-z0-9_.]*/y;
const positionalPattern = /\$\d+/y;
const lineCommentPattern = /--[^\n\r]*/y;
const commentEdgePattern = /\/\*|\*\//g;

/**
 * Cuts a text into lexemes as DuckDB 1.5 does, without a gap: quotes, dollar quotes, nested comments, parameters.
 *
 * Never fails: an open quote or comment reaches to the end, and the parser says what is wrong with it. Linear in the text.
 */
export function* lexemesOf(text: string): Generator<Lexeme> {
  let start = 0;
  while (start < text.length) {
    const lexeme = readLexeme(text, start);
    yield lexeme;
    start = lexeme.end;
  }
}

/** Lexemes that mean something: neither blanks nor comments. */
export function* tokensOf(text: string): Generator<Lexeme> {
  for (const lexeme of lexemesOf(text)) if (!isTrivia(lexeme)) yield lexeme;
}

function isTrivia({ kind }: Lexeme): boolean {
  return kind === "space" || kind === "line_comment" || kind === "block_comment";
}

function readLexeme(text: string, start: number): Lexeme {
  const end = (pattern: RegExp): number | undefined => endOfMatch(pattern, text, start);
  const space = end(spacePattern);
  if (space !== undefined) return { kind: "space", start, end: space };
  switch (text[start]) {
    case "'":
      return { kind: "string", start, end: endOfQuotes(text, start) };
    case '"':
      return readQuoted(text, start);
    case "$":
      return readDollar(text, start);
    case "-": {
      const comment = end(lineCommentPattern);
      if (comment !== undefined) return { kind: "line_comment", start, end: comment };
      break;
    }
    case "/":
      if (text[start + 1] === "*") return { kind: "block_comment", start, end: endOfBlockComment(text, start) };
      break;
    case undefined:
    default:
  }
  const word = end(wordPattern);
  if (word !== undefined) {
    const isEscapeString = word === start + 1 && /[eE]/.test(text[start] ?? "") && text[word] === "'";
    if (isEscapeString) return { kind: "string", start, end: endOfEscapeString(text, word) };
    return { kind: "word", start, end: word };
  }
  const number = end(numberPattern);
  if (number !== undefined) return { kind: "number", start, end: number };
  return { kind: "symbol", start, end: start + 1 };
}

/** `$$…$$`, `$tag$…$tag$`, `$1`, `$name`, `$"name"`. DuckDB allows blanks and comments between `$` and the name. */
function readDollar(text: string, start: number): Lexeme {
  const tagEnd = endOfMatch(dollarQuotePattern, text, start);
  if (tagEnd !== undefined) {
    const tag = text.slice(start, tagEnd);
    const close = text.indexOf(tag, tagEnd);
    return { kind: "dollar_string", start, end: close < 0 ? text.length : close + tag.length };
  }
  const positional = endOfMatch(positionalPattern, text, start);
  if (positional !== undefined) return { kind: "positional", start, end: positional };
  let at = start + 1;
  while (at < text.length) {
    const next = text[at] === "$" ? undefined : readLexeme(text, at);
    if (next === undefined || !isTrivia(next)) {
      if (next?.kind === "word") return { kind: "parameter", start, end: next.end, name: text.slice(at, next.end) };
      if (next?.kind === "quoted") return { kind: "parameter", start, end: next.end, name: next.name ?? "" };
      break;
    }
    at = next.end;
  }
  return { kind: "symbol", start, end: start + 1 };
}

function readQuoted(text: string, start: number): Lexeme {
  const end = endOfQuotes(text, start);
  return { kind: "quoted", start, end, name: text.slice(start + 1, end - 1).replaceAll('""', '"') };
}

function endOfMatch(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** End of `'…'` or `"…"` where a doubled quote stands for itself. */
function endOfQuotes(text: string, start: number): number {
  const quote = text[start] ?? "";
  let at = start + 1;
  for (;;) {
    const close = text.indexOf(quote, at);
    if (close < 0) return text.length;
    if (text[close + 1] !== quote) return close + 1;
    at = close + 2;
  }
}

function endOfEscapeString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "'") {
      if (text[at + 1] !== "'") return at + 1;
      at++;
    }
  }
  return text.length;
}

function endOfBlockComment(text: string, start: number): number {
  let depth = 0;
  commentEdgePattern.lastIndex = start;
  for (;;) {
    const edge = commentEdgePattern.exec(text);
    if (edge === null) return text.length;
    depth += edge[0] === "/*" ? 1 : -1;
    if (depth === 0) return commentEdgePattern.lastIndex;
  }
}
