import type { Data, DataType } from "apache-arrow";
import { GrowableBuffer } from "./growable-buffer.ts";
import { ValidityBitmap } from "./validity-bitmap.ts";
import { validityOf } from "./vector-range.ts";
import type { ReaderTools, VectorRange, VectorReader } from "./vector-range.ts";

/** Bytes of a `duckdb_string_t`: length, then 12 bytes of text, or 4 bytes of it and a pointer to all. */
const entryBytes = 16;
const inlineBytes = 12;

/**
 * Texts and blobs as Arrow has them: offsets and bytes.
 *
 * A longer text stands behind a pointer, and following one is a native call. Texts of a vector mostly lie side by side,
 * so that one call reads a whole run of them.
 *
 * **Source** measured at 5 M rows: 2.2 M rows/s, against 1.2 M with a call a text.
 */
export class StringReader implements VectorReader {
  readonly #type: DataType;
  readonly #tools: ReaderTools;
  readonly #offsets: GrowableBuffer;
  readonly #bytes: GrowableBuffer;
  #length = 0;
  #validity = new ValidityBitmap();

  constructor(type: DataType, tools: ReaderTools) {
    this.#type = type;
    this.#tools = tools;
    this.#offsets = new GrowableBuffer(tools.rows * 4 + 4);
    // Offsets begin with a zero.
    this.#offsets.length = 4;
    this.#bytes = new GrowableBuffer(tools.rows * entryBytes);
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  append({ vector, start, count }: VectorRange): void {
    const { bindings } = this.#tools;
    const raw = bindings.vector_get_data(vector, (start + count) * entryBytes);
    // The binding gives Buffers, whose slices cost more than plain ones.
    const entries = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
    const valid = validityOf(bindings, vector, start + count);
    const memory = new PointedMemory(entries, valid, {
      end: start + count,
      read: (at, bytes) => bindings.get_data_from_pointer(raw.buffer as ArrayBuffer, raw.byteOffset + at, bytes),
    });
    this.#offsets.reserve(count * 4);
    const offsets = new Int32Array(this.#offsets.bytes.buffer, this.#offsets.length, count);
    const target = this.#bytes;
    const copy = new PendingCopy(target);
    const { view } = memory;
    let at = target.length;
    for (let index = 0; index < count; index++) {
      const row = start + index;
      if (valid !== null && ((valid[row >> 3] as number) & (1 << (row & 7))) === 0) {
        offsets[index] = at;
        continue;
      }
      const entry = row * entryBytes;
      const length = view.getUint32(entry, true);
      if (at + length > target.bytes.length) {
        copy.flush();
        target.length = at;
        target.reserve(length);
      }
      if (length <= inlineBytes) {
        const { bytes } = target;
        for (let byte = 0; byte < length; byte++) bytes[at + byte] = entries[entry + 4 + byte] as number;
      } else {
        const from = memory.locate(row, length);
        copy.add(memory.window, { from, to: at, length });
      }
      at += length;
      offsets[index] = at;
    }
    copy.flush();
    // An Arrow Utf8 column counts its bytes with 31 bits.
    if (at > 0x7fff_ffff)
      throw new RangeError(`a batch of ${this.#length + count} rows has more than 2 GiB of text in one column`);
    target.length = at;
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
      data: this.#bytes.bytes.subarray(0, this.#bytes.length),
    } as never);
    this.#offsets.length = 4;
    this.#bytes.length = 0;
    this.#length = 0;
    this.#validity = new ValidityBitmap();
    return data as Data;
  }
}

/** Copies neighbours in one go: mostly a whole vector's texts stand in the order of its rows. */
class PendingCopy {
  readonly #target: GrowableBuffer;
  #window: Uint8Array = new Uint8Array(0);
  #from = 0;
  #to = 0;
  #length = 0;

  constructor(target: GrowableBuffer) {
    this.#target = target;
  }

  add(
    window: Uint8Array,
    { from, to, length }: { readonly from: number; readonly to: number; readonly length: number },
  ): void {
    if (window === this.#window && from === this.#from + this.#length && to === this.#to + this.#length) {
      this.#length += length;
      return;
    }
    this.flush();
    this.#window = window;
    this.#from = from;
    this.#to = to;
    this.#length = length;
  }

  flush(): void {
    if (this.#length > 0)
      this.#target.bytes.set(this.#window.subarray(this.#from, this.#from + this.#length), this.#to);
    this.#length = 0;
  }
}

/** Memory behind the pointers of one vector, read a run at a time. */
class PointedMemory {
  readonly view: DataView;
  /** The run that was read last. */
  window: Uint8Array = new Uint8Array(0);
  readonly #valid: Uint8Array | null;
  readonly #end: number;
  readonly #read: (at: number, bytes: number) => Uint8Array;
  #low = 0;
  #high = 0;

  constructor(
    entries: Uint8Array,
    valid: Uint8Array | null,
    vector: { readonly end: number; readonly read: (at: number, bytes: number) => Uint8Array },
  ) {
    this.view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
    this.#valid = valid;
    this.#end = vector.end;
    this.#read = vector.read;
  }

  /** Where in `window` the text of a row stands that is not inline. */
  locate(row: number, length: number): number {
    const address = this.#addressOf(row);
    if (address < this.#low || address + length > this.#high) this.#open(row, address, length);
    return address - this.#low;
  }

  /** Reads the longest run of texts that touch each other, upwards or downwards, from this row on. */
  #open(row: number, address: number, length: number): void {
    let low = address;
    let high = address + length;
    let lowRow = row;
    for (let next = row + 1; next < this.#end; next++) {
      if (this.#valid !== null && ((this.#valid[next >> 3] as number) & (1 << (next & 7))) === 0) continue;
      const size = this.view.getUint32(next * entryBytes, true);
      if (size <= inlineBytes) continue;
      const other = this.#addressOf(next);
      if (other === high) high += size;
      else if (other + size === low) {
        low = other;
        lowRow = next;
      } else if (other < low || other + size > high) break;
    }
    const raw = this.#read(lowRow * entryBytes + 8, high - low);
    this.window = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
    this.#low = low;
    this.#high = high;
  }

  /** User-space addresses have 47 bits, which a number holds. */
  #addressOf(row: number): number {
    const at = row * entryBytes + 8;
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 4_294_967_296;
  }
}
