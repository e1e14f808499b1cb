import { suggestName } from "@millrace/foundation";
import type { Data, DataType } from "apache-arrow";
import type { CellPlace } from "./cell-mismatch.ts";
import { grow, NullableWriter } from "./cell-writer.ts";
import type { ByteBudget, CellWriter, WriterSettings } from "./cell-writer.ts";
import { isColumnArray, isRecord } from "./output-shape.ts";

/** What an element of a list counts in the budget of a batch. */
const bytesPerElement = 8;

/** A column of NULL. */
export class NullWriter extends NullableWriter {
  append(value: unknown): void {
    if (value !== null && value !== undefined) throw this.mismatch(value, "The column holds NULL only.");
    this.length++;
  }

  finish(): Data {
    return this.take({});
  }
}

/** Offsets of lists and maps. */
abstract class OffsetWriter extends NullableWriter {
  #offsets = new Int32Array(1);
  #elements = 0;
  readonly #budget: ByteBudget;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings) {
    super(place, type, settings);
    this.#budget = settings.budget;
  }

  protected push(elements: number): void {
    this.#elements += elements;
    this.#budget.bytes += elements * bytesPerElement;
    const end = ++this.length;
    if (end >= this.#offsets.length) this.#offsets = grow(this.#offsets, (length) => new Int32Array(length), end + 1);
    this.#offsets[end] = this.#elements;
  }

  protected takeLists(child: Data): Data {
    const data = this.take({ valueOffsets: this.#offsets.subarray(0, this.length + 1), child });
    this.#elements = 0;
    return data;
  }
}

/** LIST and ARRAY. */
export class ListWriter extends OffsetWriter {
  readonly #elements: CellWriter;
  readonly #fixed: number | undefined;

  constructor(place: CellPlace, type: DataType, settings: WriterSettings & { readonly elements: CellWriter }) {
    super(place, type, settings);
    this.#elements = settings.elements;
    this.#fixed = place.type.type === "ARRAY" ? place.type.length : undefined;
  }

  append(value: unknown): void {
    if (value === null || value === undefined) {
      this.markNull();
      this.push(0);
      return;
    }
    if (!isColumnArray(value)) throw this.mismatch(value, "Return an array.");
    if (this.#fixed !== undefined && value.length !== this.#fixed) {
      throw this.mismatch(value, `Return ${this.#fixed} elements.`);
    }
    for (let index = 0; index < value.length; index++) this.#elements.append(value[index]);
    this.push(value.length);
  }

  finish(): Data {
    return this.takeLists(this.#elements.finish());
  }
}

/** STRUCT. */
export class StructWriter extends NullableWriter {
  readonly #names: readonly string[];
  readonly #fields: readonly CellWriter[];

  constructor(
    place: CellPlace,
    type: DataType,
    settings: WriterSettings & { readonly names: readonly string[]; readonly fields: readonly CellWriter[] },
  ) {
    super(place, type, settings);
    this.#names = settings.names;
    this.#fields = settings.fields;
  }

  append(value: unknown): void {
    if (value === null || value === undefined) this.markNull();
    else if (isRecord(value)) this.#checkNames(value);
    else throw this.mismatch(value, "Return an object.");
    const source: Readonly<Record<string, unknown>> = value ?? {};
    for (const [index, name] of this.#names.entries()) {
      this.#fields[index]?.append(Object.hasOwn(source, name) ? source[name] : null);
    }
    this.length++;
  }

  finish(): Data {
    return this.take({ children: this.#fields.map((field) => field.finish()) });
  }

  #checkNames(value: object): void {
    const unknown = Object.keys(value).find((key) => !this.#names.includes(key));
    if (unknown === undefined) return;
    const suggestion = suggestName(unknown, this.#names);
    const advice =
      suggestion === undefined ? `Its fields: ${this.#names.join(", ")}.` : `Did you mean "${suggestion}"?`;
    throw this.mismatch(value, `It has no field "${unknown}". ${advice}`);
  }
}

/** MAP: a `Map`, or an array of `[key, value]`. */
export class MapWriter extends OffsetWriter {
  readonly #keys: CellWriter;
  readonly #values: CellWriter;
  readonly #entryType: DataType;

  constructor(
    place: CellPlace,
    type: DataType,
    settings: WriterSettings & { readonly keys: CellWriter; readonly values: CellWriter },
  ) {
    super(place, type, settings);
    this.#keys = settings.keys;
    this.#values = settings.values;
    this.#entryType = (type.children[0] as { readonly type: DataType }).type;
  }

  append(value: unknown): void {
    if (value === null || value === undefined) {
      this.markNull();
      this.push(0);
      return;
    }
    const entries = value instanceof Map ? [...value] : Array.isArray(value) ? value : undefined;
    if (entries === undefined) throw this.mismatch(value, "Return a Map, or an array of [key, value].");
    const seen = new Set<unknown>();
    for (const entry of entries as readonly unknown[]) {
      if (!Array.isArray(entry) || entry.length !== 2) throw this.mismatch(entry, "An entry is [key, value].");
      const [key, item] = entry as readonly unknown[];
      if (seen.has(key)) throw this.mismatch(key, "The key stands twice.");
      seen.add(key);
      this.#keys.append(key);
      this.#values.append(item);
    }
    this.push(entries.length);
  }

  finish(): Data {
    const children = [this.#keys.finish(), this.#values.finish()];
    const [keys] = children;
    const entries = this.arrow.makeData({
      type: this.#entryType as never,
      length: keys?.length ?? 0,
      nullCount: 0,
      children,
    });
    return this.takeLists(entries as Data);
  }
}
