import { formatCount, suggestName, TerminalError } from "@millrace/foundation";
import type { Column } from "@millrace/protocols";
import type { Data, RecordBatch, Schema } from "apache-arrow";
import { toArrowSchema } from "./arrow-type.ts";
import type { Arrow } from "./arrow-type.ts";
import { CellMismatch, describeValue } from "./cell-mismatch.ts";
import { LossyValue } from "./cell-reader.ts";
import { isRecord } from "./output-shape.ts";
import { ByteBudget } from "./cell-writer.ts";
import type { CellWriter } from "./cell-writer.ts";
import { readArrowColumns, readColumnArrays } from "./column-source.ts";
import type { ColumnSource } from "./column-source.ts";
import { createColumnWriter } from "./column-writer.ts";
import { IpcWriter } from "./ipc-stream.ts";
import { createRowWriter } from "./row-writer.ts";
import type { RowWriter } from "./row-writer.ts";

/** Rows of a batch at most: what fits the caches of a core, and bounds what is held between two pieces. */
const batchRows = 65_536;
/** Bytes of texts, blobs and lists above which a batch ends early: rows do not bound these. */
const batchBytes = 32 * 1024 * 1024;
/** Rows of whole columns that are added between two looks at the bytes: values of up to 8 MB each still fit a batch. */
const chunkRows = 256;

/** What an encoder works for. */
export interface EncoderOptions {
  readonly columns: readonly Column[];
  readonly step: string;
}

/** Collects rows, columns and Arrow batches into bounded batches of declared columns, and checks every cell. */
export class BatchEncoder {
  /** Set where each output row belongs to a row of the input: messages then name that. */
  inputRow: number | undefined;
  readonly #options: EncoderOptions;
  readonly #schema: Schema;
  readonly #arrow: Arrow;
  readonly #ipc: IpcWriter;
  readonly #writers: readonly CellWriter[];
  readonly #writeRow: RowWriter;
  readonly #budget = new ByteBudget();
  readonly #names: ReadonlySet<string>;
  /** Names of the last row that was checked. */
  #keys: readonly string[] = [];
  #pending = 0;
  #written = 0;

  constructor(arrow: Arrow, options: EncoderOptions) {
    this.#arrow = arrow;
    this.#options = options;
    this.#schema = toArrowSchema(arrow, options.columns);
    this.#ipc = new IpcWriter(arrow, this.#schema);
    this.#names = new Set(options.columns.map(({ name }) => name));
    this.#writers = options.columns.map((column) => createColumnWriter(column, { arrow, budget: this.#budget }));
    this.#writeRow = createRowWriter(this.#writers);
  }

  /** The beginning of the stream. */
  get head(): Uint8Array {
    return this.#ipc.head;
  }

  /** The batch is large enough: `flush` before more is added. */
  get isFull(): boolean {
    return this.#pending >= batchRows || this.#budget.bytes >= batchBytes;
  }

  addRow(row: unknown): void {
    if (typeof row !== "object" || row === null) throw this.#refuse(row, "a row: an object of columns");
    const keys = Object.keys(row);
    if (keys.length === 0 || !isSame(keys, this.#keys)) this.#checkKeys(row, keys);
    try {
      this.#writeRow(row as Readonly<Record<string, unknown>>);
    } catch (error) {
      throw this.#locate(error, 1);
    }
    this.#pending++;
  }

  /** Adds an object of whole columns, and gives the batches that it fills. */
  *addColumns(columns: object): Generator<Uint8Array> {
    this.#checkNames(Object.keys(columns));
    yield* this.#addSources(readColumnArrays(columns, this.#writers, (value, what) => this.#refuse(value, what)));
  }

  /** Adds an Arrow batch, and gives the batches that it fills. */
  *addArrow(batch: RecordBatch): Generator<Uint8Array> {
    this.#checkNames(batch.schema.fields.map(({ name }) => name));
    yield* this.#addSources(readArrowColumns(batch, this.#writers, (value, what) => this.#refuse(value, what)));
  }

  /** The rest of the stream: the last rows and the end mark. */
  *finish(): Generator<Uint8Array> {
    if (this.#pending > 0) yield this.flush();
    yield this.#ipc.end();
  }

  /** The message of the rows so far; the next batch begins. */
  flush(): Uint8Array {
    const length = this.#pending;
    const children = this.#writers.map((writer) => writer.finish());
    const type = new this.#arrow.Struct(this.#schema.fields);
    const data = this.#arrow.makeData({ type, length, nullCount: 0, children }) as Data;
    this.#written += length;
    this.#pending = 0;
    this.#budget.bytes = 0;
    return this.#ipc.batch(new this.#arrow.RecordBatch(this.#schema, data as never));
  }

  *#addSources({
    length,
    sources,
  }: {
    readonly length: number;
    readonly sources: readonly ColumnSource[];
  }): Generator<Uint8Array> {
    for (let start = 0; start < length;) {
      const end = Math.min(length, start + chunkRows, start + batchRows - this.#pending);
      for (const source of sources) this.#addCells(source, start, end);
      this.#pending += end - start;
      start = end;
      if (this.isFull) yield this.flush();
    }
  }

  #addCells({ writer, values, add }: ColumnSource, start: number, end: number): void {
    if (values !== undefined && writer.appendRun?.(values, start, end) === true) return;
    for (let index = start; index < end; index++) {
      try {
        add(index);
      } catch (error) {
        throw this.#locate(error, index - start + 1);
      }
    }
  }

  #checkKeys(row: object, keys: readonly string[]): void {
    if (!isRecord(row)) throw this.#refuse(row, "a row: an object of columns");
    this.#checkNames(keys);
    this.#keys = keys;
  }

  #checkNames(names: readonly string[]): void {
    const unknown = names.find((name) => !this.#names.has(name));
    if (unknown === undefined) return;
    const suggestion = suggestName(unknown, this.#names);
    throw this.#invalid(`"${unknown}" is no column of the step`, 1, {
      advice:
        suggestion === undefined ? `Its columns: ${[...this.#names].join(", ")}.` : `Did you mean "${suggestion}"?`,
      facts: { column: unknown, ...(suggestion === undefined ? {} : { suggestion }) },
    });
  }

  #locate(error: unknown, ahead: number): unknown {
    if (error instanceof LossyValue) return this.#invalid(error.message, ahead, { advice: error.advice, facts: {} });
    if (!(error instanceof CellMismatch)) return error;
    const { path, column, expected, received, advice } = error;
    return this.#invalid(`column "${path}": expected ${expected}, received ${received}`, ahead, {
      advice,
      facts: { column, expected, received },
    });
  }

  #refuse(value: unknown, expected: string): TerminalError {
    const received = describeValue(value);
    return this.#invalid(`expected ${expected}, received ${received}`, 1, {
      advice: "",
      facts: { expected, received },
    });
  }

  #invalid(
    problem: string,
    ahead: number,
    { advice, facts }: { readonly advice: string; readonly facts: Readonly<Record<string, unknown>> },
  ): TerminalError {
    const row = this.inputRow ?? this.#written + this.#pending + ahead;
    const of = this.inputRow === undefined ? "output" : "input";
    const { step } = this.#options;
    return new TerminalError({
      code: "STEP_OUTPUT_INVALID",
      fault: "caller",
      message: `Step "${step}", row ${formatCount(row)} of the ${of}: ${problem}. ${advice}`.trimEnd(),
      context: { step, row, ...facts },
    });
  }
}

function isSame(first: readonly string[], second: readonly string[]): boolean {
  if (first.length !== second.length) return false;
  for (let index = 0; index < first.length; index++) if (first[index] !== second[index]) return false;
  return true;
}
