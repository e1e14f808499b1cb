import { lexemesOf, unicodeSpaces } from "./lexeme.ts";
import type { LexemeKind } from "./lexeme.ts";

const blank = new RegExp(`[${unicodeSpaces}]`);
/** DuckDB keeps blanks beyond ASCII as they are in these, and makes one byte of them everywhere else. */
const keepsBlanks: ReadonlySet<LexemeKind> = new Set([
  "string",
  "dollar_string",
  "quoted",
  "parameter",
  "line_comment",
]);

/** Turns an offset of DuckDB's syntax tree into UTF-16 code units. */
export type OffsetMap = (offset: number) => number;

/**
 * Offsets of DuckDB's syntax trees as UTF-16 code units of the text.
 *
 * **Source** DuckDB 1.5.6, measured: `query_location` counts UTF-8 bytes of the text in which every blank beyond ASCII
 * outside quotes has become one space.
 */
export function createOffsetMap(text: string): OffsetMap {
  if (/^\p{ASCII}*$/u.test(text)) return (offset) => offset;
  // One entry behind each character beyond ASCII: its end in DuckDB's count, and in ours.
  const counted: number[] = [];
  const units: number[] = [];
  let surplus = 0;
  for (const { kind, start, end } of lexemesOf(text)) {
    for (let at = start; at < end; at++) {
      const code = text.codePointAt(at) ?? 0;
      if (code < 0x80) continue;
      const width = code > 0xffff ? 2 : 1;
      const isBlank = !keepsBlanks.has(kind) && blank.test(text.charAt(at));
      surplus += (isBlank ? 1 : utf8Length(code)) - width;
      at += width - 1;
      counted.push(at + 1 + surplus);
      units.push(at + 1);
    }
  }
  return (offset) => {
    let low = 0;
    let high = counted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((counted[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return offset;
    return (units[low - 1] ?? 0) + offset - (counted[low - 1] ?? 0);
  };
}

function utf8Length(code: number): number {
  return code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
}
