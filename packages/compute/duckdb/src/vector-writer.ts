import type { Data, DataType, Vector as ArrowVector } from "apache-arrow";
import type { ColumnType } from "@millrace/protocols";
import type { Arrow } from "./arrow-type.ts";
import type { Bindings, Vector } from "./vector-range.ts";

/** What writing needs. */
export interface WriterTools {
  readonly arrow: Arrow;
  readonly bindings: Bindings;
}

/** Rows of an Arrow column. */
export interface DataRange {
  readonly data: Data;
  readonly start: number;
  readonly count: number;
}

/** Fills a vector of a data chunk with rows of an Arrow column whose wire type is the vector's type. */
export function writeVector(
  vector: Vector,
  range: DataRange,
  { type, ...tools }: WriterTools & { readonly type: ColumnType },
): void {
  const { bindings, arrow } = tools;
  writeValidity(bindings, vector, range);
  if (arrow.DataType.isNull(range.data.type)) return;
  if (arrow.DataType.isDictionary(range.data.type)) return writeDictionary(vector, range, bindings);
  switch (type.type) {
    case "VARCHAR":
    case "BLOB":
      return writeStrings(vector, range, bindings);
    case "BOOLEAN":
      return writeBooleans(vector, range, bindings);
    case "DECIMAL":
      return type.precision > 18
        ? copyValues(vector, range, bindings)
        : writeNarrowDecimals(vector, range, { bindings, precision: type.precision });
    case "UHUGEINT":
      return writeUhugeints(vector, range, bindings);
    case "LIST":
      return writeList(vector, range, { ...tools, element: type.element });
    case "MAP":
      return writeList(vector, range, {
        ...tools,
        element: {
          type: "STRUCT",
          fields: [
            { name: "key", type: type.key },
            { name: "value", type: type.value },
          ],
        },
      });
    case "STRUCT":
      type.fields.forEach((field, index) =>
        writeVector(
          bindings.struct_vector_get_child(vector, index),
          { ...range, data: range.data.children[index] as Data },
          { ...tools, type: field.type },
        ),
      );
      return;
    default:
      return copyValues(vector, range, bindings);
  }
}

function isValid(data: Data, row: number): boolean {
  return data.nullCount === 0 || ((data.nullBitmap[row >> 3] ?? 0xff) & (1 << (row & 7))) !== 0;
}

/** Bitmaps agree bit for bit; a range that begins inside a byte is shifted. */
function writeValidity(bindings: Bindings, vector: Vector, { data, start, count }: DataRange): void {
  if (data.nullCount === 0) return;
  bindings.vector_ensure_validity_writable(vector);
  const bytes = new Uint8Array(Math.ceil(count / 64) * 8);
  // A column of type Null has no bitmap: all of it is null.
  const bitmap = data.nullBitmap as Uint8Array | undefined;
  const shift = start & 7;
  const from = start >> 3;
  const used = bitmap === undefined ? 0 : Math.ceil(count / 8);
  for (let byte = 0; byte < used; byte++) {
    const low = bitmap?.[from + byte] ?? 0;
    bytes[byte] = shift === 0 ? low : (low >> shift) | ((bitmap?.[from + byte + 1] ?? 0) << (8 - shift));
  }
  bindings.copy_data_to_vector_validity(vector, 0, bytes.buffer, 0, bytes.byteLength);
}

function copyValues(vector: Vector, { data, start, count }: DataRange, bindings: Bindings): void {
  const values = data.values as unknown as Uint8Array & { readonly BYTES_PER_ELEMENT: number };
  // A decimal is several words.
  const size = values.BYTES_PER_ELEMENT * data.stride;
  bindings.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset + start * size, count * size);
}

function writeBooleans(vector: Vector, { data, start, count }: DataRange, bindings: Bindings): void {
  const bits = data.values as unknown as Uint8Array;
  const bytes = new Uint8Array(count);
  for (let row = 0; row < count; row++) bytes[row] = ((bits[(start + row) >> 3] as number) >> ((start + row) & 7)) & 1;
  bindings.copy_data_to_vector(vector, 0, bytes.buffer, 0, count);
}

function writeStrings(vector: Vector, { data, start, count }: DataRange, bindings: Bindings): void {
  const bytes = data.values as unknown as Uint8Array;
  const offsets = data.valueOffsets as unknown as ArrayLike<number | bigint>;
  for (let row = 0; row < count; row++) {
    const at = start + row;
    if (!isValid(data, at)) continue;
    bindings.vector_assign_string_element_len(
      vector,
      row,
      bytes.subarray(Number(offsets[at]), Number(offsets[at + 1])),
    );
  }
}

/** Dictionary columns of other senders: each value is looked up. */
function writeDictionary(vector: Vector, { data, start, count }: DataRange, bindings: Bindings): void {
  const dictionary = data.dictionary as ArrowVector<DataType>;
  const indices = data.values as unknown as ArrayLike<number>;
  for (let row = 0; row < count; row++) {
    if (!isValid(data, start + row)) continue;
    bindings.vector_assign_string_element(vector, row, String(dictionary.get(Number(indices[start + row]))));
  }
}

/** DuckDB keeps a DECIMAL of up to 18 digits in 2, 4 or 8 bytes; Arrow's upper words only repeat the sign. */
function writeNarrowDecimals(
  vector: Vector,
  { data, start, count }: DataRange,
  { bindings, precision }: { readonly bindings: Bindings; readonly precision: number },
): void {
  const values = data.values as unknown as Uint32Array;
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  const width = precision <= 4 ? 2 : precision <= 9 ? 4 : 8;
  const target = new DataView(new ArrayBuffer(count * width));
  for (let row = 0; row < count; row++) {
    const at = (start + row) * 4;
    const low = words[at] as number;
    const sign = (width === 8 ? (words[at + 1] as number) : low) >> 31;
    const spare = width === 8 ? [words[at + 2], words[at + 3]] : [words[at + 1], words[at + 2], words[at + 3]];
    if (isValid(data, start + row) && spare.some((word) => word !== sign))
      throw new RangeError(`a DECIMAL of ${precision} digits has a value with more`);
    if (width === 2) target.setInt16(row * 2, low, true);
    else target.setInt32(row * width, low, true);
    if (width === 8) target.setInt32(row * 8 + 4, words[at + 1] as number, true);
  }
  bindings.copy_data_to_vector(vector, 0, target.buffer, 0, target.byteLength);
}

function writeUhugeints(vector: Vector, { data, start, count }: DataRange, bindings: Bindings): void {
  const values = data.values as unknown as Uint32Array;
  const target = new Uint32Array(count * 4);
  for (let row = 0; row < count; row++) {
    const at = (start + row) * 8;
    const spare = values.subarray(at + 4, at + 8);
    if (isValid(data, start + row) && spare.some((word) => word !== 0))
      throw new RangeError("a UHUGEINT has a value beyond 128 bits, or below zero");
    target.set(values.subarray(at, at + 4), row * 4);
  }
  bindings.copy_data_to_vector(vector, 0, target.buffer, 0, target.byteLength);
}

function writeList(
  vector: Vector,
  { data, start, count }: DataRange,
  tools: WriterTools & { readonly element: ColumnType },
): void {
  const { bindings, element, ...rest } = tools;
  const offsets = data.valueOffsets as unknown as ArrayLike<number>;
  const base = Number(offsets[start]);
  const size = Number(offsets[start + count]) - base;
  const entries = new BigUint64Array(count * 2);
  for (let row = 0; row < count; row++) {
    const from = Number(offsets[start + row]);
    entries[row * 2] = BigInt(from - base);
    entries[row * 2 + 1] = BigInt(Number(offsets[start + row + 1]) - from);
  }
  bindings.copy_data_to_vector(vector, 0, entries.buffer, 0, entries.byteLength);
  bindings.list_vector_reserve(vector, size);
  bindings.list_vector_set_size(vector, size);
  // The child has moved if the reserve made it grow.
  if (size > 0)
    writeVector(
      bindings.list_vector_get_child(vector),
      { data: data.children[0] as Data, start: base, count: size },
      { ...rest, bindings, type: element },
    );
}
