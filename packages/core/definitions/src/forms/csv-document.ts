import { shorten } from "../finding.ts";
import type { Finding, Place } from "../finding.ts";
import { brokenDocument } from "./definition-document.ts";
import type { DefinitionDocument } from "./definition-document.ts";
import { oneLine } from "./json-document.ts";
import { LineMap } from "./line-map.ts";
import { fieldOfColumn, readTableSteps, suggestColumn } from "./table-steps.ts";
import type { Cell, RowOptions, TableRow } from "./table-steps.ts";
import { csvQuotedOrigin, plainOrigin } from "./text-origin.ts";

/** Largest CSV file of steps. */
export const maxCsvBytes: number = 32 * 2 ** 20;

/** A cell as it was written: its stretch of the text, quotes included. */
interface CsvCell {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

/** What the parser says, in our words. */
const errors: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote is opened here and never closed",
  CSV_INVALID_CLOSING_QUOTE: "something follows a closing quote; two quotes stand for one",
  INVALID_OPENING_QUOTE: "a quote stands inside a cell that does not begin with one",
};

/** A CSV file with a header, one step a row. */
export async function readCsvDocument(file: string, text: string, options: RowOptions): Promise<DefinitionDocument> {
  const lines = new LineMap(text);
  const place = (start: number, end: number): Place => ({
    position: { file, ...lines.at(start) },
    length: oneLine(text, start, end),
  });
  const texts = (name: string): string | undefined => (name === file ? text : undefined);
  const parsed = await parseCsv(text);
  if ("error" in parsed) {
    const finding: Finding = {
      code: "DEFINITION_SYNTAX",
      message: `${file}: it is not valid CSV: ${parsed.error}.`,
      path: [],
      place: place(parsed.at, parsed.at),
    };
    return brokenDocument([finding], texts);
  }
  const [header, ...records] = parsed.records;
  if (header === undefined || records.length === 0) {
    const what = header === undefined ? "it is empty" : "it has a header and no rows";
    return brokenDocument(
      [{ code: "DEFINITION_EMPTY", message: `${file}: ${what}.`, path: [], place: place(0, 0) }],
      texts,
    );
  }
  const { fields, findings } = readHeader(header, (cell) => place(cell.start, cell.end));
  // Without that column, every row would be said to have no name.
  if (!fields.includes("name")) return brokenDocument(findings, texts);
  const rows = records.map((record): TableRow => {
    const [first] = record;
    const start = first?.start ?? 0;
    const label = `Line ${lines.at(start).line}`;
    if (record.length !== header.length)
      findings.push({
        code: "DEFINITION_SYNTAX",
        message: `${label}: it has ${record.length} cells, and the header has ${header.length}.`,
        path: [],
        place: place(record[header.length]?.start ?? start, record.at(-1)?.end ?? start),
      });
    return { label, place: place(start, record.at(-1)?.end ?? start), cells: cellsOf(record, { fields, text, place }) };
  });
  const table = await readTableSteps(rows, options);
  return { value: table.steps, findings: [...findings, ...table.findings], locate: table.locate, text: texts };
}

function readHeader(
  header: readonly CsvCell[],
  place: (cell: CsvCell) => Place,
): { readonly fields: readonly (string | undefined)[]; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const fields = header.map((cell) => {
    const field = fieldOfColumn(cell.value);
    const suggestion = field === undefined ? suggestColumn(cell.value) : undefined;
    const where = { path: [], place: place(cell), received: cell.value };
    if (field === undefined)
      findings.push({
        ...where,
        code: "DEFINITION_UNKNOWN_KEY",
        message: `The column ${shorten(cell.value)} is not known.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      });
    else if (seen.has(field))
      findings.push({
        ...where,
        code: "DEFINITION_DUPLICATE_KEY",
        message: `The column ${shorten(cell.value)} stands twice.`,
      });
    if (field !== undefined) seen.add(field);
    return field;
  });
  const [first] = header;
  if (!seen.has("name") && first !== undefined)
    findings.push({
      code: "DEFINITION_MISSING_KEY",
      message: 'The column "StepName" is missing.',
      path: [],
      place: place(first),
      expected: "StepName",
    });
  return { fields, findings };
}

function cellsOf(
  record: readonly CsvCell[],
  context: {
    readonly fields: readonly (string | undefined)[];
    readonly text: string;
    readonly place: (start: number, end: number) => Place;
  },
): ReadonlyMap<string, Cell> {
  const { fields, text, place } = context;
  return new Map(
    record.flatMap(({ value, start, end, quoted }, index) => {
      const field = fields[index];
      if (field === undefined) return [];
      const origin = quoted ? csvQuotedOrigin(text, start) : plainOrigin(start);
      const cell: Cell = {
        value,
        place: (from, to) => (from === undefined ? place(start, end) : place(origin(from), origin(to ?? from))),
      };
      return [[field, cell]];
    }),
  );
}

type ParsedCsv =
  { readonly records: readonly (readonly CsvCell[])[] } | { readonly error: string; readonly at: number };

/** Parses, and keeps where each cell was written: the parser tells the byte after each. */
async function parseCsv(text: string): Promise<ParsedCsv> {
  const { CsvError, parse } = await import("csv-parse/sync");
  const bytes = Buffer.from(text);
  const records: CsvCell[][] = [];
  let endByte = 0;
  let end = 0;
  const startOf = (index: number): number => {
    if (index > 0) return end + 1;
    let start = end;
    while (text[start] === "\n" || text[start] === "\r") start += 1;
    return start;
  };
  try {
    parse(bytes, {
      relax_column_count: true,
      skip_empty_lines: true,
      cast: (value, { bytes: nextByte, index, quoting }) => {
        const start = startOf(index);
        end += bytes.length === text.length ? nextByte - endByte : bytes.toString("utf8", endByte, nextByte).length;
        endByte = nextByte;
        if (index === 0) records.push([]);
        records.at(-1)?.push({ value, start, end, quoted: quoting });
        return value;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return {
      error: errors[error.code] ?? error.message,
      at: startOf(records.at(-1)?.length === 0 || text[end] !== "," ? 0 : 1),
    };
  }
  return { records };
}
