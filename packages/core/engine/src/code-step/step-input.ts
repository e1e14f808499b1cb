import { suggestName, TerminalError } from "@millrace/foundation";
import type { Column, ColumnData, DatasetSchema, RowOptions, StepInput } from "@millrace/protocols";
import type { Data, Field, RecordBatch } from "apache-arrow";
import { loadArrow } from "./arrow-type.ts";
import type { CellReader, ResolvedRowOptions } from "./cell-reader.ts";
import { toColumnData } from "./column-data.ts";
import { carries, createCellReader } from "./column-reader.ts";
import { readBatches } from "./ipc-stream.ts";
import { RowIterator } from "./row-iterator.ts";
import { RowReader } from "./row-reader.ts";

/** Where the rows of an input are. */
export interface StepInputSource {
  readonly schema: DatasetSchema;
  readonly present: boolean;
  count(): Promise<number>;
  /** One Arrow IPC stream from the start, of these columns or of all. */
  ipc(columns?: readonly string[]): AsyncIterable<Uint8Array>;
}

/** An input of a code step over a source of Arrow IPC streams. Loads `apache-arrow` when rows are first asked for. */
export function createStepInput(source: StepInputSource): StepInput {
  return new ArrowStepInput(source);
}

/** Rows of an input, batch by batch, without a promise for each row. */
export interface RowSource {
  rowBatches(options?: RowOptions): AsyncIterable<RowReader>;
}

/** Whether an input gives its rows batch by batch. */
export function isRowSource(input: StepInput): input is StepInput & RowSource {
  return input instanceof ArrowStepInput;
}

class ArrowStepInput implements StepInput, RowSource {
  readonly schema: DatasetSchema;
  readonly present: boolean;
  readonly #source: StepInputSource;

  constructor(source: StepInputSource) {
    this.#source = source;
    this.schema = source.schema;
    this.present = source.present;
  }

  count(): Promise<number> {
    return this.present ? this.#source.count() : Promise.resolve(0);
  }

  // Each of these gives a new pass for each loop: one iterator for two loops would show the second no rows, silently.

  rows(options: RowOptions = {}): AsyncIterable<Readonly<Record<string, unknown>>> {
    const resolved = resolveRowOptions(options);
    return { [Symbol.asyncIterator]: () => new RowIterator(this.rowBatches(resolved)) };
  }

  batches(): AsyncIterable<RecordBatch> {
    return { [Symbol.asyncIterator]: () => this.#read() };
  }

  async *rowBatches(options: RowOptions = {}): AsyncGenerator<RowReader> {
    const resolved = resolveRowOptions(options);
    let reader: RowReader | undefined;
    for await (const batch of this.#read()) {
      reader ??= this.#createRowReader(batch.schema.fields, resolved);
      reader.bind(batch);
      yield reader;
    }
  }

  async columns(...names: string[]): Promise<Readonly<Record<string, ColumnData>>> {
    const wanted = names.length === 0 ? this.schema.columns : names.map((name) => this.#findColumn(name));
    const chunks = new Map<string, Data[]>(wanted.map(({ name }) => [name, []]));
    let fields: readonly Field[] = [];
    for await (const batch of this.#read([...chunks.keys()])) {
      ({ fields } = batch.schema);
      for (const [index, { name }] of fields.entries()) chunks.get(name)?.push(batch.data.children[index] as Data);
    }
    const readers = new Map(fields.map((field) => [field.name, this.#createReader(field, defaultOptions)]));
    const absent = fields.length === 0 ? undefined : wanted.find(({ name }) => !readers.has(name));
    if (absent !== undefined) throw wrongArrow(absent.name, "is missing in the rows that arrived");
    return Object.fromEntries(
      wanted.map((column) => {
        const own = chunks.get(column.name) ?? [];
        const data = toColumnData({ column, chunks: own, reader: readers.get(column.name) });
        // Frees the batches of this column before the next is copied.
        chunks.delete(column.name);
        return [column.name, data];
      }),
    );
  }

  async *#read(columns?: readonly string[]): AsyncGenerator<RecordBatch> {
    if (!this.present) return;
    yield* readBatches(await loadArrow(), this.#source.ipc(columns));
  }

  #createRowReader(fields: readonly Field[], options: ResolvedRowOptions): RowReader {
    return new RowReader(
      fields.map(({ name }) => name),
      fields.map((field) => this.#createReader(field, options)),
    );
  }

  #createReader(field: Field, options: ResolvedRowOptions): CellReader {
    const type = this.schema.columns.find(({ name }) => name === field.name)?.type;
    const reader = createCellReader(field.type, type, options);
    if (reader !== undefined && (type === undefined || carries(field.type, type))) return reader;
    throw wrongArrow(field.name, `is ${type?.type ?? "unknown"} and arrived as Arrow ${String(field.type)}`);
  }

  #findColumn(name: string): Column {
    const column = this.schema.columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    const known = this.schema.columns.map((candidate) => candidate.name);
    const suggestion = suggestName(name, known);
    throw new TerminalError({
      code: "STEP_COLUMN_UNKNOWN",
      fault: "caller",
      message: `The input has no column "${name}". ${suggestion === undefined ? `Its columns: ${known.join(", ")}.` : `Did you mean "${suggestion}"?`}`,
      context: { column: name, ...(suggestion === undefined ? {} : { suggestion }) },
    });
  }
}

function wrongArrow(column: string, problem: string): TerminalError {
  return new TerminalError({
    code: "INTERNAL",
    fault: "internal",
    message: `Column "${column}" of an input ${problem}.`,
    context: { column },
  });
}

const defaultOptions: ResolvedRowOptions = { int64: "number", time: "date" };
const allowed = { int64: ["number", "bigint"], time: ["date", "micros"] } as const;

function resolveRowOptions(options: RowOptions): ResolvedRowOptions {
  const resolved = { ...defaultOptions, ...options };
  for (const [name, values] of Object.entries(allowed)) {
    const value: string = resolved[name as keyof typeof allowed];
    if ((values as readonly string[]).includes(value)) continue;
    throw new TerminalError({
      code: "STEP_CODE_FAILED",
      fault: "caller",
      message: `rows({ ${name} }) takes ${values.map((one) => `"${one}"`).join(" or ")}, not ${JSON.stringify(value)}.`,
    });
  }
  return resolved;
}
