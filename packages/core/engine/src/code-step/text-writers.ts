import { Buffer } from "node:buffer";
import { suggestName } from "@millrace/foundation";
import type { Data, DataType } from "apache-arrow";
import type { CellPlace } from "./cell-mismatch.ts";
import { grow, NullableWriter } from "./cell-writer.ts";
import type { ByteBudget, WriterSettings } from "./cell-writer.ts";
import { toDuckdbInterval } from "./interval-text.ts";

/** Arrow's offsets of texts and blobs are 32 bits wide. */
const mostBytes = 2 ** 31 - 1;
/** Above this a native call is faster than a loop: 15 characters take 38 and 75 ns, 32 take 136 and 104 ns (Node 24). */
const longestLoop = 24;

/** Bytes of variable width with their offsets. */
abstract class VariableWriter extends NullableWriter {
  protected bytes: Buffer<ArrayBuffer> = Buffer.alloc(0);
  protected size = 0;
  #offsets = new Int32Array(1);
  readonly #budget: ByteBudget;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings) {
    super(place, type, settings);
    this.#budget = settings.budget;
  }

  finish(): Data {
    const valueOffsets = this.#offsets.subarray(0, this.length + 1);
    const data = this.take({ valueOffsets, data: new Uint8Array(this.bytes.buffer, 0, this.size) });
    this.size = 0;
    return data;
  }

  protected reserve(bytes: number, value: unknown): void {
    const needed = this.size + bytes;
    if (needed <= this.bytes.length) return;
    if (needed > mostBytes) throw this.mismatch(value, "Neighbouring values together exceed 2 GiB.");
    this.bytes = grow(this.bytes, (length) => Buffer.from(new ArrayBuffer(Math.min(length, mostBytes))), needed);
  }

  /** Ends the value whose bytes were added. */
  protected push(bytes: number): void {
    this.size += bytes;
    this.#budget.bytes += bytes;
    const end = ++this.length;
    if (end >= this.#offsets.length) {
      this.#offsets = grow(this.#offsets, (length) => new Int32Array(length), end + 1);
    }
    this.#offsets[end] = this.size;
  }
}

/** VARCHAR. */
export class TextWriter extends VariableWriter {
  append(value: unknown): void {
    if (typeof value === "string") this.appendText(value);
    else if (value === null || value === undefined) this.appendNull();
    else throw this.mismatch(value, "Return a string.");
  }

  protected appendText(text: string): void {
    this.reserve(text.length * 3, text);
    if (text.length > longestLoop || !this.#pushAscii(text)) this.#pushUnicode(text);
  }

  protected appendNull(): void {
    this.markNull();
    this.push(0);
  }

  #pushAscii(text: string): boolean {
    const { bytes, size } = this;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 127) return false;
      bytes[size + index] = unit;
    }
    this.push(text.length);
    return true;
  }

  #pushUnicode(text: string): void {
    // UTF-8 has no form for half of a surrogate pair: encoders write U+FFFD in its place.
    if (!text.isWellFormed())
      throw this.mismatch(text, "It holds half of a surrogate pair; toWellFormed() replaces it.");
    this.push(this.bytes.write(text, this.size, "utf8"));
  }
}

/** Text of a form of its own. */
abstract class FormWriter extends TextWriter {
  override append(value: unknown): void {
    if (value === null || value === undefined) this.appendNull();
    else this.appendText(this.convert(value));
  }

  protected abstract convert(value: unknown): string;
}

/** UUID. */
export class UuidWriter extends FormWriter {
  protected convert(value: unknown): string {
    if (typeof value === "string" && /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(value))
      return value.toLowerCase();
    throw this.mismatch(value, 'Return a text as "018f3c5e-7b7a-7c3d-9c1e-2f5a6b7c8d9e".');
  }
}

/** BIT. */
export class BitWriter extends FormWriter {
  protected convert(value: unknown): string {
    if (typeof value === "string" && /^[01]+$/.test(value)) return value;
    throw this.mismatch(value, 'Return a text of 0 and 1, as "0101".');
  }
}

/** INTERVAL: an ISO 8601 duration, or DuckDB's text. Arrow carries DuckDB's. */
export class IntervalWriter extends FormWriter {
  protected convert(value: unknown): string {
    const text = typeof value === "string" ? toDuckdbInterval(value) : undefined;
    if (text !== undefined) return text;
    throw this.mismatch(value, 'Return a duration as "P1Y2M3DT4H5M6.5S".');
  }
}

/** ENUM. */
export class EnumWriter extends FormWriter {
  readonly #values: ReadonlySet<string>;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings & { readonly values: readonly string[] }) {
    super(place, type, settings);
    this.#values = new Set(settings.values);
  }

  protected convert(value: unknown): string {
    if (typeof value === "string" && this.#values.has(value)) return value;
    const suggestion = typeof value === "string" ? suggestName(value, this.#values) : undefined;
    throw this.mismatch(
      value,
      suggestion === undefined ? "Return one of its values." : `Did you mean "${suggestion}"?`,
    );
  }
}

/** JSON: a string is JSON text; anything else is written as JSON. */
export class JsonWriter extends FormWriter {
  protected convert(value: unknown): string {
    try {
      if (typeof value !== "string") return JSON.stringify(value, refuseLossy);
      JSON.parse(value);
      return value;
    } catch {
      // Whatever JSON says of it, the value and the column say more.
      const advice =
        typeof value === "string" ? "A string is JSON text: write JSON.stringify(…)." : "It has no JSON form.";
      throw this.mismatch(value, advice);
    }
  }
}

/** Refuses what JSON writes as something else: NaN as null, a Map as {}. */
function refuseLossy(_key: string, value: unknown): unknown {
  const isLossy =
    (typeof value === "number" && !Number.isFinite(value)) ||
    typeof value === "function" ||
    typeof value === "symbol" ||
    value instanceof Map ||
    value instanceof Set ||
    ArrayBuffer.isView(value);
  if (isLossy) throw new TypeError("no JSON");
  return value;
}

/** BLOB. */
export class BytesWriter extends VariableWriter {
  append(value: unknown): void {
    if (value === null || value === undefined) {
      this.markNull();
      this.push(0);
    } else if (value instanceof Uint8Array) {
      this.reserve(value.length, value);
      this.bytes.set(value, this.size);
      this.push(value.length);
    } else {
      throw this.mismatch(value, "Return a Uint8Array; Buffer.from(text) makes one of a text.");
    }
  }
}
