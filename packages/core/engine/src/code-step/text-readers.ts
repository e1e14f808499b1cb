import { Buffer } from "node:buffer";
import type { Data } from "apache-arrow";
import { BoundReader, isNullAt } from "./cell-reader.ts";
import { toIsoInterval } from "./interval-text.ts";

/**
 * Rows whose texts are decoded by one call. A text of a row keeps the window alive that it was cut from, so windows
 * are small: 256 rows, at most 64 KiB.
 */
const windowRows = 256;
const windowBytes = 65_536;

/** VARCHAR and what is text in Arrow. Decodes neighbouring rows together: one native call a window, not one a cell. */
export class TextReader extends BoundReader {
  #offsets: ArrayLike<number> = [];
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #from = 0;
  #to = 0;
  #text = "";
  /** Where each text of the window begins, in code units. */
  readonly #starts = new Int32Array(windowRows + 1);
  /** False where the bytes are not valid UTF-8: texts and bytes then do not line up, and each cell is decoded alone. */
  #aligned = true;

  override bind(data: Data): void {
    super.bind(data);
    this.#offsets = offsetsOf(data);
    this.#bytes = bytesOf(data);
    this.#length = data.length;
    this.#from = 0;
    this.#to = 0;
  }

  get(index: number): string | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    if (index >= this.#to || index < this.#from) this.#decode(index);
    if (!this.#aligned) return this.#bytes.toString("utf8", this.#offsets[index], this.#offsets[index + 1]);
    const row = index - this.#from;
    return this.#text.substring(this.#starts[row] as number, this.#starts[row + 1]);
  }

  #decode(index: number): void {
    const offsets = this.#offsets;
    const begin = offsets[index] as number;
    let rows = Math.min(windowRows, this.#length - index);
    while (rows > 1 && (offsets[index + rows] as number) - begin > windowBytes) rows >>= 1;
    const end = offsets[index + rows] as number;
    this.#from = index;
    this.#to = index + rows;
    this.#text = this.#bytes.toString("utf8", begin, end);
    this.#aligned = true;
    if (this.#text.length === end - begin) {
      for (let row = 0; row <= rows; row++) this.#starts[row] = (offsets[index + row] as number) - begin;
    } else {
      this.#aligned = this.#alignUnits(index, rows) === this.#text.length;
    }
  }

  /** Counts UTF-16 code units: one for each character that begins, two for those of four bytes. */
  #alignUnits(index: number, rows: number): number {
    let position = this.#offsets[index] as number;
    let units = 0;
    for (let row = 0; row <= rows; row++) {
      const end = this.#offsets[index + row] as number;
      for (; position < end; position++) {
        const byte = this.#bytes[position] as number;
        if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
      }
      this.#starts[row] = units;
    }
    return units;
  }
}

/** INTERVAL as an ISO 8601 duration. Arrow carries DuckDB's text. */
export class IntervalReader extends BoundReader {
  readonly #texts = new TextReader();

  override bind(data: Data): void {
    this.#texts.bind(data);
  }

  get(index: number): string | null {
    const text = this.#texts.get(index);
    return text === null ? null : (toIsoInterval(text) ?? text);
  }
}

/** BLOB. Each value is a copy: a view would keep its whole batch alive. */
export class BytesReader extends BoundReader {
  #offsets: ArrayLike<number> = [];
  #bytes: Uint8Array = new Uint8Array(0);

  override bind(data: Data): void {
    super.bind(data);
    this.#offsets = offsetsOf(data);
    this.#bytes = data.values as Uint8Array;
  }

  get(index: number): Uint8Array | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    return this.#bytes.slice(this.#offsets[index], this.#offsets[index + 1]);
  }
}

/** Where the values of a variable-width column begin. 64-bit offsets stay below 2^53: no buffer is larger. */
export function offsetsOf(data: Data): ArrayLike<number> {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  return offsets instanceof BigInt64Array ? Float64Array.from(offsets, Number) : offsets;
}

function bytesOf(data: Data): Buffer {
  const { buffer, byteOffset, byteLength } = data.values as Uint8Array;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
