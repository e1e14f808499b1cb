import type { Data, DataType } from "apache-arrow";
import { GrowableBuffer } from "./growable-buffer.ts";
import { ValidityBitmap } from "./validity-bitmap.ts";
import { validityOf } from "./vector-range.ts";
import type { ReaderTools, VectorRange, VectorReader } from "./vector-range.ts";

/** Structs: children of the same rows. */
export class StructReader implements VectorReader {
  readonly #type: DataType;
  readonly #tools: ReaderTools;
  readonly #children: readonly VectorReader[];
  #length = 0;
  #validity = new ValidityBitmap();

  constructor(type: DataType, tools: ReaderTools, children: readonly VectorReader[]) {
    this.#type = type;
    this.#tools = tools;
    this.#children = children;
  }

  get byteLength(): number {
    return this.#children.reduce((sum, child) => sum + child.byteLength, 0);
  }

  append({ vector, start, count }: VectorRange): void {
    const { bindings } = this.#tools;
    this.#children.forEach((child, index) =>
      child.append({ vector: bindings.struct_vector_get_child(vector, index), start, count }),
    );
    this.#validity.append(validityOf(bindings, vector, start + count), start, { count, at: this.#length });
    this.#length += count;
  }

  finish(): Data {
    const length = this.#length;
    const { nulls } = this.#validity;
    const nullBitmap = this.#validity.toBytes(length);
    this.#length = 0;
    this.#validity = new ValidityBitmap();
    const children = this.#children.map((child) => child.finish());
    return this.#tools.arrow.makeData({
      type: this.#type,
      length,
      nullCount: nulls,
      nullBitmap,
      children,
    } as never) as Data;
  }
}

/** Lists and maps: offsets over a child column. */
export class ListReader implements VectorReader {
  readonly #type: DataType;
  readonly #tools: ReaderTools;
  readonly #child: VectorReader;
  readonly #offsets: GrowableBuffer;
  #length = 0;
  #end = 0;
  #validity = new ValidityBitmap();

  constructor(type: DataType, tools: ReaderTools, child: VectorReader) {
    this.#type = type;
    this.#tools = tools;
    this.#child = child;
    this.#offsets = new GrowableBuffer(tools.rows * 4 + 4);
    // Offsets begin with a zero.
    this.#offsets.length = 4;
  }

  get byteLength(): number {
    return this.#offsets.length + this.#child.byteLength;
  }

  append({ vector, start, count }: VectorRange): void {
    const { bindings } = this.#tools;
    const entries = bindings.vector_get_data(vector, (start + count) * 16);
    const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
    const valid = validityOf(bindings, vector, start + count);
    const child = bindings.list_vector_get_child(vector);
    this.#offsets.reserve(count * 4);
    const offsets = new Int32Array(this.#offsets.bytes.buffer, this.#offsets.length, count);
    // Neighbours in the child vector are copied in one go; after a filter or a sort they may lie anywhere.
    let runStart = 0;
    let runEnd = 0;
    const copyRun = (): void => {
      if (runEnd > runStart) this.#child.append({ vector: child, start: runStart, count: runEnd - runStart });
    };
    for (let row = 0; row < count; row++) {
      const at = start + row;
      // Entries of null rows hold anything.
      const isValid = valid === null || ((valid[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
      const size = isValid ? Number(view.getBigUint64(at * 16 + 8, true)) : 0;
      if (size > 0) {
        const from = Number(view.getBigUint64(at * 16, true));
        if (from !== runEnd) {
          copyRun();
          runStart = from;
        }
        runEnd = from + size;
      }
      this.#end += size;
      offsets[row] = this.#end;
    }
    copyRun();
    this.#offsets.length += count * 4;
    this.#validity.append(valid, start, { count, at: this.#length });
    this.#length += count;
  }

  finish(): Data {
    const length = this.#length;
    const data = this.#tools.arrow.makeData({
      type: this.#type,
      length,
      nullCount: this.#validity.nulls,
      nullBitmap: this.#validity.toBytes(length),
      valueOffsets: new Int32Array(this.#offsets.bytes.buffer, 0, length + 1),
      child: this.#child.finish(),
    } as never);
    this.#offsets.length = 4;
    this.#length = 0;
    this.#end = 0;
    this.#validity = new ValidityBitmap();
    return data as Data;
  }
}
