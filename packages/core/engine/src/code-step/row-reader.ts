import type { Data, RecordBatch } from "apache-arrow";
import { locateLossyValue } from "./cell-reader.ts";
import type { CellReader } from "./cell-reader.ts";
import { createRowBuilder } from "./row-builder.ts";
import type { RowBuilder } from "./row-builder.ts";

/** Rows of the batch that is bound. */
export class RowReader {
  /** Rows of the bound batch. */
  length = 0;
  readonly #names: readonly string[];
  readonly #readers: readonly CellReader[];
  readonly #build: RowBuilder;
  /** Rows of all batches before. */
  #before = 0;

  constructor(names: readonly string[], readers: readonly CellReader[]) {
    this.#names = names;
    this.#readers = readers;
    this.#build = createRowBuilder(names, readers);
  }

  bind(batch: RecordBatch): void {
    this.#before += this.length;
    this.length = batch.numRows;
    for (const [index, reader] of this.#readers.entries()) reader.bind(batch.data.children[index] as Data);
  }

  /** The row at an index of the batch. */
  get(index: number): Record<string, unknown> {
    try {
      return this.#build(index);
    } catch (error) {
      throw this.#locate(error, index);
    }
  }

  /** Finds the column by reading the cells once more, one by one. */
  #locate(error: unknown, index: number): unknown {
    for (const [column, reader] of this.#readers.entries()) {
      try {
        reader.get(index);
      } catch (again) {
        return locateLossyValue(again, this.#names[column] as string, this.#before + index + 1);
      }
    }
    return error;
  }
}
