import type { JsonObject } from "@millrace/protocols";
import { detectDelimiter, readCsvRecords } from "./csv-record.ts";
import type { CsvRecords, CsvShape } from "./csv-record.ts";
import type { TextHead } from "./file-content.ts";
import { textOption } from "./read-options.ts";

/** Records of each file that are looked at. */
const headRecords = 200;

/**
 * The shape of a file: what the author said, else what its first records show. Quoting is always on, because a quote
 * may first appear far behind any sample.
 */
export function detectShape(head: TextHead, options: JsonObject): CsvShape {
  const quote = textOption(options, "quote", detectQuote(head.text));
  const base = {
    quote,
    escape: textOption(options, "escape", quote === '"' && usesBackslash(head.text) ? "\\" : quote),
    comment: textOption(options, "comment", ""),
    skip: typeof options["skip"] === "number" ? options["skip"] : 0,
  };
  return { ...base, delim: textOption(options, "delim", "") || detectDelimiter(head.text, base, head.whole) };
}

/** First records of a head. */
export function readHead(head: TextHead, shape: CsvShape): CsvRecords {
  return readCsvRecords(head.text, shape, { most: headRecords, whole: head.whole });
}

/** A shape as reading options, under the names of `FileSource.options`. */
export function toShapeOptions(shape: CsvShape): JsonObject {
  const { delim, quote, escape, skip, comment } = shape;
  return { delim, quote, escape, skip, ...(comment === "" ? {} : { comment }) };
}

/** Single quotes only where no double quote is in sight and whole fields stand in them. */
function detectQuote(text: string): string {
  return !text.includes('"') && /(?:^|[,;|\t\n])'[^'\n]*'(?:[,;|\t\r\n]|$)/.test(text) ? "'" : '"';
}

/** `\"` inside a quoted field, and nowhere a doubled quote that is not an empty field. */
function usesBackslash(text: string): boolean {
  return text.includes('\\"') && !/[^,;|\t\n"]""[^,;|\t\r\n]/.test(text);
}
