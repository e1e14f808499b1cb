import type { ColumnType, StructField } from "@millrace/protocols";
import { longTypeNames, scalarTypes } from "./column-type-names.ts";
import { TerminalError } from "./error.ts";
import { suggestName } from "./suggestion.ts";

/** Deeper types come from generated or hostile text; the reader is recursive. */
const maxDepth = 64;
const nestedNames = ["DECIMAL", "ENUM", "STRUCT", "MAP"];

/** Reads one type text from left to right. */
export class ColumnTypeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): ColumnType {
    const type = this.#readType(0);
    if (this.#at < this.#text.length) throw this.#error("the end of the type", this.#at);
    return type;
  }

  #readType(depth: number): ColumnType {
    if (depth > maxDepth) throw this.#error(`at most ${maxDepth} nested types`, this.#at);
    let type = this.#readElement(depth);
    for (let lists = 0; this.#take("["); lists++) {
      if (depth + lists > maxDepth) throw this.#error(`at most ${maxDepth} nested types`, this.#at);
      const length = this.#peek("]") ? undefined : this.#readNumber(1, 100_000);
      this.#expect("]");
      type = length === undefined ? { type: "LIST", element: type } : { type: "ARRAY", element: type, length };
    }
    return type;
  }

  #readElement(depth: number): ColumnType {
    this.#skipSpace();
    const start = this.#at;
    if (this.#peek('"')) {
      // DuckDB writes the type of a bare NULL as a quoted name.
      if (this.#readQuoted('"') === "NULL") return { type: "NULL" };
      throw this.#error("a column type", start);
    }
    const word = this.#readTypeName();
    switch (word) {
      case "decimal":
      case "numeric":
      case "dec":
        return this.#readDecimal();
      case "enum":
        return this.#readEnum();
      case "struct":
      case "row":
        return { type: "STRUCT", fields: this.#readFields(depth) };
      case "map": {
        this.#expect("(");
        const key = this.#readType(depth + 1);
        this.#expect(",");
        const value = this.#readType(depth + 1);
        this.#expect(")");
        return { type: "MAP", key, value };
      }
      default:
        return this.#readScalar(word, start);
    }
  }

  #readScalar(word: string, start: number): ColumnType {
    const type = scalarTypes.get(word);
    if (type === undefined) throw this.#error("a column type", start, suggestType(word));
    if (type === "TIMESTAMP" && word === "timestamp" && this.#take("(")) {
      // Digits of a second, as in DuckDB's binder.
      const digits = this.#readNumber(0, 9);
      this.#expect(")");
      return {
        type: digits === 0 ? "TIMESTAMP_S" : digits <= 3 ? "TIMESTAMP_MS" : digits <= 6 ? "TIMESTAMP" : "TIMESTAMP_NS",
      };
    }
    if (type === "VARCHAR" && this.#take("(")) {
      // DuckDB takes the length of a VARCHAR and ignores it.
      this.#readNumber(1, 2 ** 31);
      this.#expect(")");
    }
    return { type };
  }

  #readDecimal(): ColumnType {
    // Without numbers, DuckDB's default.
    if (!this.#take("(")) return { type: "DECIMAL", precision: 18, scale: 3 };
    const precision = this.#readNumber(1, 38);
    const scale = this.#take(",") ? this.#readNumber(0, precision) : 0;
    this.#expect(")");
    return { type: "DECIMAL", precision, scale };
  }

  #readEnum(): ColumnType {
    this.#expect("(");
    const values: string[] = [];
    do {
      this.#skipSpace();
      const start = this.#at;
      if (!this.#peek("'")) throw this.#error("a value in single quotes", start);
      const value = this.#readQuoted("'");
      if (values.includes(value)) throw this.#error("each value once", start);
      values.push(value);
    } while (this.#take(","));
    this.#expect(")");
    return { type: "ENUM", values };
  }

  #readFields(depth: number): readonly StructField[] {
    this.#expect("(");
    const fields: StructField[] = [];
    do {
      this.#skipSpace();
      const start = this.#at;
      const name = this.#peek('"') ? this.#readQuoted('"') : this.#readFieldName();
      // DuckDB compares names without regard to case.
      if (fields.some((field) => field.name.toLowerCase() === name.toLowerCase()))
        throw this.#error("each field once", start);
      fields.push({ name, type: this.#readType(depth + 1) });
    } while (this.#take(","));
    this.#expect(")");
    return fields;
  }

  #readFieldName(): string {
    const name = /[\p{L}_][\p{L}\p{N}_$]*/uy;
    name.lastIndex = this.#at;
    const match = name.exec(this.#text)?.[0];
    if (match === undefined) throw this.#error("the name of a field", this.#at);
    this.#at += match.length;
    return match;
  }

  #readTypeName(): string {
    const rest = this.#text.slice(this.#at, this.#at + 40).toLowerCase();
    for (const name of longTypeNames) {
      const match = new RegExp(`^${name.replaceAll(" ", "\\s+")}(?![a-z0-9_])`).exec(rest);
      if (match !== null) {
        this.#at += match[0].length;
        this.#skipSpace();
        return name;
      }
    }
    const word = /[a-z_][a-z0-9_]*/iy;
    word.lastIndex = this.#at;
    const match = word.exec(this.#text)?.[0];
    if (match === undefined) throw this.#error("a column type", this.#at);
    this.#at += match.length;
    this.#skipSpace();
    return match.toLowerCase();
  }

  #readNumber(least: number, most: number): number {
    this.#skipSpace();
    const digits = /\d{1,10}/y;
    digits.lastIndex = this.#at;
    const match = digits.exec(this.#text)?.[0];
    if (match === undefined || Number(match) < least || Number(match) > most)
      throw this.#error(`a number from ${least} to ${most}`, this.#at);
    this.#at += match.length;
    this.#skipSpace();
    return Number(match);
  }

  #readQuoted(quote: string): string {
    let value = "";
    for (let index = this.#at + 1; index < this.#text.length; index++) {
      const character = this.#text[index] ?? "";
      if (character !== quote) value += character;
      else if (this.#text[index + 1] === quote) {
        value += quote;
        index += 1;
      } else {
        if (value === "" && quote === '"') break;
        this.#at = index + 1;
        this.#skipSpace();
        return value;
      }
    }
    throw this.#error(quote === '"' ? "a name in double quotes" : "a value in single quotes", this.#at);
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #peek(character: string): boolean {
    this.#skipSpace();
    return this.#text[this.#at] === character;
  }

  #take(character: string): boolean {
    if (!this.#peek(character)) return false;
    this.#at += 1;
    this.#skipSpace();
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#error(`"${character}"`, this.#at);
  }

  #error(expected: string, offset: number, suggestion?: string): TerminalError {
    const received = this.#text.slice(offset, offset + 40);
    const hint = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
    return new TerminalError({
      code: "DEFINITION_INVALID_VALUE",
      fault: "config",
      message:
        `Column type ${JSON.stringify(this.#text.slice(0, 200))}: expected ${expected} at character ${offset + 1}, ` +
        `received ${received === "" ? "the end" : JSON.stringify(received)}.${hint}`,
      context: { expected, received, offset, ...(suggestion === undefined ? {} : { suggestion }) },
    });
  }
}

function suggestType(word: string): string | undefined {
  const names = [...scalarTypes.keys()].map((name) => name.toUpperCase());
  return suggestName(word.toUpperCase(), [...names, ...nestedNames]);
}
