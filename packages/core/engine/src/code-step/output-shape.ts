import type { Column } from "@millrace/protocols";
import type { RecordBatch, Table } from "apache-arrow";

// Arrow objects are told by their form: an author's copy of apache-arrow may be another than ours.

/** Whether a value is an Arrow table. */
export function isArrowTable(value: object): value is Table {
  return "schema" in value && "batches" in value && Array.isArray(value.batches) && hasFields(value.schema);
}

/** Whether a value is an Arrow record batch. */
export function isArrowBatch(value: object): value is RecordBatch {
  return "schema" in value && "numRows" in value && "data" in value && !("batches" in value) && hasFields(value.schema);
}

function hasFields(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && "fields" in schema && Array.isArray(schema.fields);
}

/** Whether a value is to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

export function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

export function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

/** Whether a value can be the cells of a column: an array or a typed array. */
export function isColumnArray(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/**
 * Whether a value is an object of named values. Without names of its own, a Promise, a Map or a generator would pass for
 * one whose values are all null.
 */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || isColumnArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.keys(value).length > 0;
}

/** A whole column as `input.columns()` gives it. */
export function isColumnData(value: unknown): value is { data: ArrayLike<unknown>; nulls: Uint8Array | null } {
  return (
    typeof value === "object" && value !== null && "data" in value && "nulls" in value && isColumnArray(value.data)
  );
}

/** Types whose values in a row are arrays themselves, or objects that hold one. */
const arrayTypes: ReadonlySet<Column["type"]["type"]> = new Set(["LIST", "ARRAY", "MAP", "BLOB", "STRUCT", "JSON"]);

/**
 * Names of the columns that tell an object of columns from a row: an array there is no value of a row.
 * Where all columns have array types, an object among others is a row.
 */
export function tellingColumns(columns: readonly Column[]): readonly string[] {
  return columns.filter(({ type }) => !arrayTypes.has(type.type)).map(({ name }) => name);
}

/** Whether an object of an iterable holds whole columns. */
export function holdsColumns(value: object, telling: readonly string[]): boolean {
  for (const name of telling) {
    const cell = (value as Readonly<Record<string, unknown>>)[name];
    if (cell !== undefined && cell !== null)
      return typeof cell === "object" && (isColumnArray(cell) || isColumnData(cell));
  }
  return false;
}
