/** How a CSV file is written, as far as its records go. */
export interface CsvShape {
  readonly delim: string;
  /** Empty: nothing is quoted. */
  readonly quote: string;
  readonly escape: string;
  readonly comment: string;
  /** Lines before the first record. */
  readonly skip: number;
}

/** Records, each its unquoted fields. */
export interface CsvRecords {
  readonly records: readonly (readonly string[])[];
  /** How the records end: `\n`, `\r\n`, `\r`. More than one kind is refused by DuckDB's strict mode. */
  readonly lineEnds: ReadonlySet<string>;
}

/**
 * The first records of a text, for headers and for telling delimiters apart; DuckDB reads the data itself. A record
 * that the text cuts off is left out, blank lines are no records.
 *
 * **Source** RFC 4180; line ends `\n`, `\r\n` and `\r`, mixed too.
 */
export function readCsvRecords(
  text: string,
  shape: CsvShape,
  limits: { readonly most: number; readonly whole: boolean },
): CsvRecords {
  const records: (readonly string[])[] = [];
  const lineEnds = new Set<string>();
  let at = skipLines(text, shape.skip);
  while (at < text.length && records.length < limits.most) {
    const { fields, end, complete } = readRecord(text, at, shape);
    if (!complete && !limits.whole) break;
    const isBlank = fields.length === 1 && fields[0] === "" && text.slice(at, end).trim() === "";
    const isComment = shape.comment !== "" && text.startsWith(shape.comment, at);
    if (!isBlank && !isComment) records.push(fields);
    const lineEnd = /\r\n$|[\n\r]$/.exec(text.slice(Math.max(at, end - 2), end))?.[0];
    if (complete && lineEnd !== undefined) lineEnds.add(lineEnd);
    at = end;
  }
  return { records, lineEnds };
}

function skipLines(text: string, count: number): number {
  const lineEnd = /\r\n|\n|\r/g;
  for (let line = 0; line < count; line++) if (lineEnd.exec(text) === null) return text.length;
  return lineEnd.lastIndex;
}

function readRecord(
  text: string,
  start: number,
  shape: CsvShape,
): { fields: string[]; end: number; complete: boolean } {
  const fields: string[] = [];
  let at = start;
  for (;;) {
    const field = readField(text, at, shape);
    fields.push(field.value);
    at = field.end;
    if (at >= text.length) return { fields, end: at, complete: false };
    if (!text.startsWith(shape.delim, at)) break;
    at += shape.delim.length;
  }
  return { fields, end: at + (text.startsWith("\r\n", at) ? 2 : 1), complete: true };
}

function readField(text: string, start: number, { delim, quote, escape }: CsvShape): { value: string; end: number } {
  let at = start;
  let value = "";
  if (quote !== "" && text.startsWith(quote, at)) {
    at += quote.length;
    for (; at < text.length; at++) {
      if (escape !== "" && text.startsWith(escape + quote, at)) value += text[++at] ?? "";
      else if (text[at] === quote) break;
      else value += text[at];
    }
    at++;
  }
  // What follows a closing quote is no CSV; it is kept so that the caller sees it.
  const rest = at;
  while (at < text.length && text[at] !== "\n" && text[at] !== "\r" && !text.startsWith(delim, at)) at++;
  return { value: value + text.slice(rest, at), end: at };
}

/** Delimiters that are tried, the likelier ones first. */
const delimiters = [",", "\t", ";", "|"];
/** Records that decide on the delimiter. */
const decidingRecords = 100;

/**
 * The delimiter of a text: the one whose first record has the most fields that the other records have too.
 *
 * DuckDB's own detection prefers any delimiter that makes a ragged file look even: it reads a CSV with one short line
 * as a single column delimited by `|`, or skips lines, without a word.
 */
export function detectDelimiter(text: string, shape: Omit<CsvShape, "delim">, whole: boolean): string {
  let best = { delim: ",", share: 0, fields: 1 };
  for (const delim of delimiters) {
    const { records } = readCsvRecords(text, { ...shape, delim }, { most: decidingRecords, whole });
    const fields = records[0]?.length ?? 0;
    if (fields < 2) continue;
    const share = records.filter((record) => record.length === fields).length / records.length;
    // Prose has commas too: in half of the lines, at least, there must be as many as in the first.
    if (share < 0.5) continue;
    if (share > best.share || (share === best.share && fields > best.fields)) best = { delim, share, fields };
  }
  return best.delim;
}
