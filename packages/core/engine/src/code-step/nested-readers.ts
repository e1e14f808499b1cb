import type { Data } from "apache-arrow";
import { BoundReader, isNullAt } from "./cell-reader.ts";
import type { CellReader } from "./cell-reader.ts";
import { createRowBuilder } from "./row-builder.ts";
import type { RowBuilder } from "./row-builder.ts";
import { offsetsOf } from "./text-readers.ts";

/** LIST and ARRAY as arrays. */
export class ListReader extends BoundReader {
  #offsets: ArrayLike<number> | undefined;
  #stride = 1;
  readonly #elements: CellReader;

  constructor(elements: CellReader) {
    super();
    this.#elements = elements;
  }

  override bind(data: Data): void {
    super.bind(data);
    // Lists of a fixed size have no offsets.
    this.#offsets = data.valueOffsets === undefined ? undefined : offsetsOf(data);
    this.#stride = data.stride;
    this.#elements.bind(data.children[0] as Data);
  }

  get(index: number): unknown[] | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    const end = this.#begin(index + 1);
    const values: unknown[] = [];
    for (let position = this.#begin(index); position < end; position++) values.push(this.#elements.get(position));
    return values;
  }

  #begin(index: number): number {
    return this.#offsets === undefined ? index * this.#stride : (this.#offsets[index] as number);
  }
}

/** STRUCT as an object. */
export class StructReader extends BoundReader {
  readonly #readers: readonly CellReader[];
  readonly #build: RowBuilder;

  constructor(names: readonly string[], readers: readonly CellReader[]) {
    super();
    this.#readers = readers;
    this.#build = createRowBuilder(names, readers);
  }

  override bind(data: Data): void {
    super.bind(data);
    for (const [index, reader] of this.#readers.entries()) reader.bind(data.children[index] as Data);
  }

  get(index: number): Record<string, unknown> | null {
    return isNullAt(this.validity, index + this.offset) ? null : this.#build(index);
  }
}

/** MAP as `Map`, entries in their order. */
export class MapReader extends BoundReader {
  #offsets: ArrayLike<number> = [];
  readonly #keys: CellReader;
  readonly #values: CellReader;

  constructor(keys: CellReader, values: CellReader) {
    super();
    this.#keys = keys;
    this.#values = values;
  }

  override bind(data: Data): void {
    super.bind(data);
    const entries = data.children[0] as Data;
    this.#offsets = offsetsOf(data);
    this.#keys.bind(entries.children[0] as Data);
    this.#values.bind(entries.children[1] as Data);
  }

  get(index: number): Map<unknown, unknown> | null {
    if (isNullAt(this.validity, index + this.offset)) return null;
    const map = new Map<unknown, unknown>();
    const end = this.#offsets[index + 1] as number;
    for (let position = this.#offsets[index] as number; position < end; position++) {
      map.set(this.#keys.get(position), this.#values.get(position));
    }
    return map;
  }
}

/** Dictionary-encoded values: each is read once a batch. */
export class DictionaryReader extends BoundReader {
  #indices: ArrayLike<number | bigint> = [];
  #values: unknown[] = [];
  readonly #entries: CellReader;

  constructor(entries: CellReader) {
    super();
    this.#entries = entries;
  }

  override bind(data: Data): void {
    super.bind(data);
    this.#indices = data.values as ArrayLike<number | bigint>;
    this.#values = [];
    for (const chunk of data.dictionary?.data ?? []) {
      this.#entries.bind(chunk);
      for (let index = 0; index < chunk.length; index++) this.#values.push(this.#entries.get(index));
    }
  }

  get(index: number): unknown {
    if (isNullAt(this.validity, index + this.offset)) return null;
    return this.#values[Number(this.#indices[index])];
  }
}
