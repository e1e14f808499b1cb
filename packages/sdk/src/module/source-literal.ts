// Finds the string and template literals of a JavaScript or TypeScript text, so that a value of a definition can be
// shown where its author wrote it. It tells literals from comments and regular expressions and knows nothing else.

/** A run of a literal's value that stands in the text as one piece: all of a string, one part of a template. */
export interface LiteralText {
  /** The value, with escapes resolved and line ends as `\n`. */
  readonly value: string;
  /** Offset of the first character after the opening quote, backtick or `}`. */
  readonly start: number;
  /** Offset of the closing quote, backtick or `${`. */
  readonly end: number;
  /** Offset in the text of a character of the value. */
  at(offset: number): number;
}

/** A string (one text) or a template (one text more than it has holes). */
export interface SourceLiteral {
  /** Offset of the opening quote or backtick. */
  readonly start: number;
  readonly texts: readonly LiteralText[];
}

/** All literals of a text, in order of their beginning. A text that ends inside one gives those before it. */
export function readLiterals(source: string): readonly SourceLiteral[] {
  const literals: SourceLiteral[] = [];
  readCode(source, { from: 0, inHole: false, literals });
  return literals.toSorted((a, b) => a.start - b.start);
}

interface Scan {
  readonly from: number;
  /** Inside `${…}`: ends at the brace that closes it. */
  readonly inHole: boolean;
  readonly literals: SourceLiteral[];
}

/** Reads code up to its end; gives the offset after it. */
function readCode(source: string, { from, inHole, literals }: Scan): number {
  let depth = 0;
  // The last character that is neither space nor comment: tells a division from a regular expression.
  let before = "";
  let word = "";
  for (let index = from; index < source.length;) {
    const character = source[index] ?? "";
    if (character === "/" && source[index + 1] === "/") {
      index = endOr(source, source.indexOf("\n", index));
      continue;
    }
    if (character === "/" && source[index + 1] === "*") {
      index = endOr(source, source.indexOf("*/", index + 2), 2);
      continue;
    }
    if (character === '"' || character === "'") index = readString(source, index, literals);
    else if (character === "`") index = readTemplate(source, index, literals);
    else if (character === "/" && startsExpression(before, word)) index = readRegularExpression(source, index);
    else {
      if (character === "{") depth++;
      if (character === "}" && depth-- === 0 && inHole) return index;
      index++;
    }
    if (/\s/.test(character)) continue;
    word = /[\w$]/.test(character) ? (/[\w$]/.test(source[index - 2] ?? "") ? word + character : character) : "";
    before = character;
  }
  return source.length;
}

function endOr(source: string, found: number, length = 0): number {
  return found === -1 ? source.length : found + length;
}

/** Whether a `/` here begins a regular expression: after an operator, a bracket that opens, or some keywords. */
function startsExpression(before: string, word: string): boolean {
  return (
    before === "" || "(,=:[!&|?{};+-*%<>~^".includes(before) || /^(return|typeof|case|in|of|await|yield)$/.test(word)
  );
}

function readRegularExpression(source: string, from: number): number {
  let inClass = false;
  for (let index = from + 1; index < source.length; index++) {
    const character = source[index];
    if (character === "\n") return from + 1;
    if (character === "\\") index++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) return index + 1;
  }
  return source.length;
}

function readString(source: string, from: number, literals: SourceLiteral[]): number {
  const quote = source[from];
  for (let index = from + 1; index < source.length; index++) {
    const character = source[index];
    if (character === "\\") index++;
    else if (character === "\n") return index;
    else if (character === quote) {
      literals.push({ start: from, texts: [toText(source, from + 1, index)] });
      return index + 1;
    }
  }
  return source.length;
}

function readTemplate(source: string, from: number, literals: SourceLiteral[]): number {
  const texts: LiteralText[] = [];
  let start = from + 1;
  for (let index = start; index < source.length; index++) {
    const character = source[index];
    if (character === "\\") index++;
    else if (character === "`") {
      literals.push({ start: from, texts: [...texts, toText(source, start, index)] });
      return index + 1;
    } else if (character === "$" && source[index + 1] === "{") {
      texts.push(toText(source, start, index));
      index = readCode(source, { from: index + 2, inHole: true, literals });
      start = index + 1;
    }
  }
  return source.length;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "0": "\0" };

function toText(source: string, start: number, end: number): LiteralText {
  const raw = source.slice(start, end);
  if (!/[\\\r]/.test(raw)) return { value: raw, start, end, at: (offset) => start + offset };
  let value = "";
  // Offset in the source of each code unit of the value.
  const offsets: number[] = [];
  const token = /\r\n?|\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r\n|[\s\S])|[\s\S]/g;
  for (const match of raw.matchAll(token)) {
    const [text, braced, unicode, hexadecimal] = match;
    const code = braced ?? unicode ?? hexadecimal;
    const decoded = code === undefined ? unescape(text) : String.fromCodePoint(Number.parseInt(code, 16));
    for (let unit = 0; unit < decoded.length; unit++) offsets.push(start + match.index);
    value += decoded;
  }
  return { value, start, end, at: (offset) => offsets[offset] ?? end };
}

function unescape(text: string): string {
  if (text.startsWith("\r")) return "\n";
  if (!text.startsWith("\\")) return text;
  const escaped = text.slice(1);
  // A backslash at the end of a line joins it with the next.
  return /^[\r\n]/.test(escaped) ? "" : (escapes[escaped] ?? escaped);
}
