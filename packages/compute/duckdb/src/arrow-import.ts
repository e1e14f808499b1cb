import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBAppender, DuckDBConnection, DuckDBLogicalType } from "@duckdb/node-api";
import type { RecordBatch } from "apache-arrow";
import {
  cancelledError,
  formatColumnType,
  isMillraceError,
  isSameColumnType,
  quoteIdentifier,
  quoteLiteral,
  TerminalError,
} from "@millrace/foundation";
import type { Column } from "@millrace/protocols";
import type { Arrow } from "./arrow-type.ts";
import { toComputeError } from "./errors.ts";
import { endOfStream } from "./ipc-writer.ts";
import type { Native } from "./native.ts";
import { toStorageType } from "./storage-type.ts";
import { writeVector } from "./vector-writer.ts";
import { castWire, matchColumns } from "./wire-type.ts";
import type { WireColumn } from "./wire-type.ts";

/** Bytes that are collected in memory before they become a file of their own. */
const partBytes = 64 * 1024 * 1024;
/** Rows of a DuckDB vector. */
const vectorRows = 2048;

/** Where an import puts its rows. */
export interface ArrowImport {
  readonly connection: DuckDBConnection;
  readonly ipc: AsyncIterable<Uint8Array>;
  readonly columns: readonly Column[];
  /** Empty folder for the parts. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** What an import made: Parquet files in the order of the stream. */
export interface ImportedParts {
  readonly files: readonly string[];
  readonly rows: number;
}

/**
 * Takes an Arrow IPC stream in: batches go by raw copies into a table, which becomes a Parquet file every 64 MiB.
 *
 * Files, because groups and ordered reading run in two instances, and memory stays bounded however long the stream is.
 *
 * @throws MillraceError `STEP_OUTPUT_INVALID` for columns and values that are not those declared, `COMPUTE_STREAM_CUT`
 */
export async function importBatches(native: Native, arrow: Arrow, source: ArrowImport): Promise<ImportedParts> {
  const watched = new WatchedStream(source.ipc, source.signal);
  const pieces = watched.pieces();
  const parts = new PartWriter(native, arrow, source);
  try {
    await mkdir(source.folder, { recursive: true });
    const reader = await arrow.RecordBatchReader.from(pieces);
    await reader.open();
    // Without a byte, Arrow has no schema and no complaint.
    if (reader.schema === undefined) throw streamCut();
    const wire = matchColumns(arrow, reader.schema.fields, source.columns);
    await parts.open(wire);
    for await (const batch of reader) await parts.add(batch);
    if (watched.isCut) throw streamCut();
    return await parts.close();
  } catch (error) {
    parts.abandon();
    throw watched.failure ?? toImportError(error, watched);
  } finally {
    // Arrow does not close what it reads from when it stops early.
    await pieces.return(undefined);
  }
}

function toImportError(error: unknown, watched: WatchedStream): unknown {
  if (isMillraceError(error)) return error;
  if (watched.isCut) return streamCut(error);
  if (error instanceof Error && error.message.includes('{"exception_type"'))
    return toComputeError(error, { codes: { DATA_CONVERSION: "STEP_OUTPUT_INVALID" } });
  return new TerminalError({
    code: "STEP_OUTPUT_INVALID",
    fault: "caller",
    message: `The Arrow stream cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    cause: error,
  });
}

function streamCut(cause?: unknown): TerminalError {
  return new TerminalError({
    code: "COMPUTE_STREAM_CUT",
    fault: "caller",
    message: "The Arrow stream ended before its end mark.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Passes pieces on; knows whether the sender failed and whether the last bytes were the end mark. */
class WatchedStream {
  failure: unknown;
  #ended = false;
  readonly #ipc: AsyncIterable<Uint8Array>;
  readonly #signal: AbortSignal;
  readonly #tail = new Uint8Array(endOfStream.length);

  constructor(ipc: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#ipc = ipc;
    this.#signal = signal;
  }

  /** All bytes were given and the last are not the end mark. A reader that has seen the mark may stop before the end. */
  get isCut(): boolean {
    return this.#ended && this.#tail.some((byte, index) => byte !== endOfStream[index]);
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    const iterator = this.#ipc[Symbol.asyncIterator]();
    const aborted = abortOf(this.#signal);
    try {
      for (;;) {
        // A sender that hangs must not keep a cancelled session open.
        const next = await Promise.race([iterator.next(), aborted.promise]);
        if (next.done === true) break;
        const piece = next.value;
        const added = Math.min(piece.length, this.#tail.length);
        this.#tail.copyWithin(0, added);
        this.#tail.set(piece.subarray(piece.length - added), this.#tail.length - added);
        yield piece;
      }
      this.#ended = true;
    } catch (error) {
      this.failure = error;
      throw error;
    } finally {
      aborted.forget();
      if (!this.#ended) void iterator.return?.(undefined)?.catch(() => undefined); // The first failure is the one to report.
    }
  }
}

function abortOf(signal: AbortSignal): { readonly promise: Promise<never>; readonly forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // Raced; unobserved when the stream ends first.
  const onAbort = (): void => reject(cancelledError(signal.reason));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return { promise, forget: () => signal.removeEventListener("abort", onAbort) };
}

/** Collects batches in a table and writes it out when it is large. */
class PartWriter {
  readonly #native: Native;
  readonly #arrow: Arrow;
  readonly #target: ArrowImport;
  readonly #files: string[] = [];
  #wire: readonly WireColumn[] = [];
  #types: readonly DuckDBLogicalType[] = [];
  #appender: DuckDBAppender | undefined;
  #bytes = 0;
  #rows = 0;

  constructor(native: Native, arrow: Arrow, target: ArrowImport) {
    this.#native = native;
    this.#arrow = arrow;
    this.#target = target;
  }

  async open(wire: readonly WireColumn[]): Promise<void> {
    this.#wire = wire;
    await this.#openTable();
  }

  async add(batch: RecordBatch): Promise<void> {
    const { signal } = this.#target;
    if (signal.aborted) throw cancelledError(signal.reason);
    if (batch.numRows === 0) return;
    for (const { column, index } of this.#wire) {
      const nulls = batch.data.children[index]?.nullCount ?? 0;
      if (column.nullable || nulls === 0) continue;
      throw new TerminalError({
        code: "STEP_OUTPUT_INVALID",
        fault: "caller",
        message: `Column "${column.name}" is declared never null, and ${nulls} of ${batch.numRows} rows have no value in it.`,
        context: { column: column.name, nulls },
      });
    }
    this.#append(batch);
    this.#rows += batch.numRows;
    this.#bytes += batch.data.byteLength;
    if (this.#bytes >= partBytes) {
      await this.#writePart();
      await this.#openTable();
    }
  }

  async close(): Promise<ImportedParts> {
    if (this.#bytes > 0 || this.#files.length === 0) await this.#writePart();
    else this.abandon();
    return { files: this.#files, rows: this.#rows };
  }

  /** Lets go of rows that will not be used. The table goes with its connection. */
  abandon(): void {
    this.#appender?.clear();
    this.#appender?.closeSync();
    this.#appender = undefined;
  }

  #append(batch: RecordBatch): void {
    const { bindings, api } = this.#native;
    for (let start = 0; start < batch.numRows; start += vectorRows) {
      const count = Math.min(vectorRows, batch.numRows - start);
      const chunk = new api.DuckDBDataChunk(bindings.create_data_chunk(this.#types.map((type) => type.logical_type)));
      this.#wire.forEach(({ index, type }, position) => {
        const data = batch.data.children[index];
        if (data === undefined) return;
        writeVector(
          bindings.data_chunk_get_vector(chunk.chunk, position),
          { data, start, count },
          { arrow: this.#arrow, bindings, type },
        );
      });
      chunk.rowCount = count;
      this.#appender?.appendDataChunk(chunk);
    }
  }

  async #openTable(): Promise<void> {
    const { connection } = this.#target;
    // Under their own names, so that a cast that fails says which column.
    const columns = this.#wire.map(({ column, type }) => `${quoteIdentifier(column.name)} ${formatColumnType(type)}`);
    await connection.run(`CREATE OR REPLACE TEMP TABLE incoming (${columns.join(", ")})`);
    this.#appender = await connection.createAppender("incoming", "main", "temp");
    this.#types = this.#wire.map((_, position) =>
      (this.#appender as DuckDBAppender).columnType(position).toLogicalType(),
    );
    this.#bytes = 0;
  }

  async #writePart(): Promise<void> {
    this.#appender?.closeSync();
    this.#appender = undefined;
    const path = join(this.#target.folder, `part-${String(this.#files.length).padStart(5, "0")}.parquet`);
    const select = this.#wire.map((wire) => {
      const name = quoteIdentifier(wire.column.name);
      const value = castWire(wire, name);
      const stored = toStorageType(wire.column.type, "scratch");
      return `${isSameColumnType(stored, wire.column.type) ? value : `CAST(${value} AS ${formatColumnType(stored)})`} AS ${name}`;
    });
    await this.#target.connection.run(
      `COPY (SELECT ${select.join(", ")} FROM temp.main.incoming) TO ${quoteLiteral(path)} (FORMAT parquet)`,
    );
    this.#files.push(path);
    await this.#target.connection.run("DROP TABLE temp.main.incoming");
  }
}
