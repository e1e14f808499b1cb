import type bindings from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { Arrow } from "./arrow-type.ts";

/** Raw calls of the binding. */
export type Bindings = typeof bindings;
/** A column of a data chunk, or a child of one. */
export type Vector = Parameters<Bindings["vector_get_data"]>[0];

/** Rows of a vector. */
export interface VectorRange {
  readonly vector: Vector;
  readonly start: number;
  readonly count: number;
}

/** Collects ranges of DuckDB vectors into one Arrow column. */
export interface VectorReader {
  /** Bytes held so far, about. */
  readonly byteLength: number;
  append(range: VectorRange): void;
  /** The column so far, valid until the next `append`: the reader begins again in the same memory. */
  finish(): Data;
}

/** What readers of vectors share. */
export interface ReaderTools {
  readonly arrow: Arrow;
  readonly bindings: Bindings;
  /** Rows that a batch will have, about. */
  readonly rows: number;
}

/** The bitmap of a vector's first `rows` rows; null where none of them is null. */
export function validityOf(bindings: Bindings, vector: Vector, rows: number): Uint8Array | null {
  return bindings.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
}
