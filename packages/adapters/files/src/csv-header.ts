import type { JsonObject, JsonValue } from "@millrace/protocols";

/** How values stand in a CSV, as far as its first record goes. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  /** Whether the first record names the columns. */
  readonly header: boolean;
}

/** The first record of a CSV, and where the next one begins. */
export interface CsvHeader {
  readonly fields: readonly string[];
  readonly endByte: number;
}

/** The dialect of writing options, with the defaults of the compute that writes by them. */
export function csvDialectOf(options: JsonObject): CsvDialect {
  const text = (value: JsonValue | undefined, otherwise: string): string =>
    typeof value === "string" ? value : otherwise;
  const quote = text(options["quote"], '"');
  const { header = true } = options;
  const isOff = typeof header === "string" ? /^(?:false|0|off|no)$/i.test(header) : header === false || header === 0;
  return {
    delimiter: text(options["delim"], ","),
    quote,
    escape: text(options["escape"], quote),
    header: !isOff,
  };
}

/**
 * Names of the columns, from the bytes that a CSV begins with; undefined where the first record does not end in them.
 *
 * @param bytes - Beginning of the file, perhaps with a byte order mark.
 * @param isWhole - The file has no more bytes: its first record may end with it.
 */
export function readCsvHeader(bytes: Uint8Array, dialect: CsvDialect, isWhole: boolean): CsvHeader | undefined {
  // One character a byte: offsets stay those of the file, and no character of UTF-8 has a byte that looks like ASCII.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const [delimiter, quote, escape] = [dialect.delimiter, dialect.quote, dialect.escape].map(toBytes) as [
    string,
    string,
    string,
  ];
  const fields: string[] = [];
  let at = text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0;
  let field = "";
  let quoted = false;
  let started = false;
  while (at < text.length) {
    const has = (mark: string): boolean => mark !== "" && text.startsWith(mark, at);
    if (quoted && escape !== quote && has(escape) && at + escape.length < text.length) {
      field += text[at + escape.length];
      at += escape.length + 1;
    } else if (quoted && has(quote)) {
      if (escape === quote && text.startsWith(quote, at + quote.length)) {
        field += quote;
        at += quote.length * 2;
      } else {
        // Whether the quote ends the value or is doubled is known only with the byte after it.
        if (at + quote.length === text.length && !isWhole) return undefined;
        quoted = false;
        at += quote.length;
      }
    } else if (quoted) {
      field += text[at];
      at += 1;
    } else if (!started && has(quote)) {
      quoted = true;
      started = true;
      at += quote.length;
    } else if (has(delimiter)) {
      fields.push(fromBytes(field));
      field = "";
      started = false;
      at += delimiter.length;
    } else if (text[at] === "\n" || text[at] === "\r") {
      const isPair = text[at] === "\r" && text[at + 1] === "\n";
      if (text[at] === "\r" && at + 1 === text.length && !isWhole) return undefined;
      return { fields: [...fields, fromBytes(field)], endByte: at + (isPair ? 2 : 1) };
    } else {
      field += text[at];
      started = true;
      at += 1;
    }
  }
  return isWhole && !quoted ? { fields: [...fields, fromBytes(field)], endByte: at } : undefined;
}

function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function fromBytes(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
