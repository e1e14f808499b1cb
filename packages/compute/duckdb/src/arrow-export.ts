import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { cancelledError, formatColumnType, quoteIdentifier, RetryableError } from "@millrace/foundation";
import type { Column } from "@millrace/protocols";
import { IpcWriter } from "./ipc-writer.ts";
import { toArrowFields } from "./arrow-type.ts";
import type { Arrow } from "./arrow-type.ts";
import type { Native } from "./native.ts";
import { castColumn, toStorageType } from "./storage-type.ts";
import { createVectorReader } from "./vector-reader.ts";

/** Rows of a batch unless the caller says otherwise: 32 vectors, half a megabyte a numeric column. */
export const defaultBatchRows = 65_536;

/** Bytes above which a batch ends early: long texts are not bounded by rows. */
const batchBytes = 64 * 1024 * 1024;

/** A SELECT whose rows leave as Arrow. */
export interface ArrowExport {
  readonly connection: DuckDBConnection;
  /** Text of the relation, without a semicolon; `select` gives it a select list. */
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly batchRows: number;
  /** Rows that footers state; undefined where only the query knows. */
  readonly rows: number | undefined;
  readonly signal: AbortSignal;
  /** Turns an error of the engine into ours. */
  readonly blame: (thrown: unknown) => Error;
}

/** Select list over a relation for {@link exportBatches}: columns by position, cast to what Arrow can hold. */
export function toArrowSelect(columns: readonly Column[]): string {
  return columns
    .map(
      (column, index) =>
        `${castColumn(column, toStorageType(column.type, "arrow")).replace(/ AS "(?:[^"]|"")*"$/, "")} AS ${positionName(index)}`,
    )
    .join(", ");
}

function positionName(index: number): string {
  return quoteIdentifier(`c${index}`);
}

/**
 * Rows as Arrow IPC stream bytes, in order, complete or with an error.
 *
 * A stream of the binding ends in silence when the query fails, is interrupted or loses its connection (measured, 1.5.6):
 * the C API's error of a result is not exposed. So the rows are counted where their number is known from footers; else
 * one row more is sent behind all others, marked. A stream that ends before was cut short, and the query runs once more,
 * without its rows, to say why.
 */
export async function* exportBatches(native: Native, arrow: Arrow, source: ArrowExport): AsyncGenerator<Uint8Array> {
  const schema = new arrow.Schema(toArrowFields(arrow, source.columns));
  const writer = new IpcWriter(arrow, schema);
  yield writer.head;
  const readers = source.columns.map((column) =>
    createVectorReader(column.type, { arrow, bindings: native.bindings, rows: source.batchRows }),
  );
  let rows = 0;
  const flush = (): Uint8Array => {
    const children = readers.map((reader) => reader.finish());
    const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: rows, nullCount: 0, children });
    rows = 0;
    return writer.batch(new arrow.RecordBatch(schema, data));
  };
  for await (const { chunk, count } of wholeStream(native, source)) {
    readers.forEach((reader, index) =>
      reader.append({ vector: native.bindings.data_chunk_get_vector(chunk.chunk, index), start: 0, count }),
    );
    rows += count;
    if (rows >= source.batchRows || readers.reduce((sum, reader) => sum + reader.byteLength, 0) > batchBytes)
      yield flush();
  }
  if (rows > 0) yield flush();
  yield writer.end();
}

/** Rows of a chunk that are the query's. */
interface ChunkRows {
  readonly chunk: DuckDBDataChunk;
  readonly count: number;
}

/** Chunks of a query, the next one on its way while one is used; throws where the stream ends before its rows do. */
async function* wholeStream(native: Native, source: ArrowExport): AsyncGenerator<ChunkRows> {
  const { columns, rows: expected, signal } = source;
  const nulls = columns.map((column) => nullOf(column)).join(", ");
  const sql =
    expected === undefined
      ? `SELECT *, false AS done FROM (${source.sql}\n) UNION ALL SELECT ${nulls}, true`
      : source.sql;
  const result = await startStream(source, sql);
  let coming: Promise<DuckDBDataChunk | null> | undefined = result.fetchChunk();
  let seen = 0;
  try {
    for (;;) {
      const chunk: DuckDBDataChunk | null = await coming;
      coming = undefined;
      if (signal.aborted) throw cancelledError(signal.reason);
      if (chunk === null || chunk.rowCount === 0) break;
      coming = result.fetchChunk();
      const isLast = expected === undefined && isMarked(native, chunk, columns.length);
      const count = chunk.rowCount - (isLast ? 1 : 0);
      seen += count;
      if (count > 0) yield { chunk, count };
      if (!isLast) continue;
      await coming;
      coming = undefined;
      return;
    }
    if (seen !== expected) throw await reasonOfCut(source);
  } finally {
    if (coming !== undefined) await drain(source.connection, result, coming);
  }
}

/** The mark stands in the last row of the last chunk. */
function isMarked({ bindings }: Native, chunk: DuckDBDataChunk, column: number): boolean {
  const { rowCount } = chunk;
  return bindings.vector_get_data(bindings.data_chunk_get_vector(chunk.chunk, column), rowCount)[rowCount - 1] === 1;
}

function nullOf(column: Column): string {
  return `CAST(NULL AS ${formatColumnType(toStorageType(column.type, "arrow"))})`;
}

async function startStream(source: ArrowExport, sql: string): Promise<DuckDBResult> {
  try {
    return await source.connection.stream(sql);
  } catch (error) {
    throw source.blame(error);
  }
}

/** Runs the query without its rows: the same data, so mostly the same error. */
async function reasonOfCut(source: ArrowExport): Promise<Error> {
  try {
    await source.connection.run(`EXPLAIN ANALYZE ${source.sql}`);
  } catch (error) {
    return source.blame(error);
  }
  return new RetryableError({
    code: "COMPUTE_STREAM_CUT",
    fault: "internal",
    message: "The stream of rows ended before its last row, and the query ran through when it was repeated.",
  });
}

/** Closing a connection under a stream that still computes crashes the process: stop it, then read to its end. */
async function drain(
  connection: DuckDBConnection,
  result: DuckDBResult,
  coming: Promise<DuckDBDataChunk | null>,
): Promise<void> {
  connection.interrupt();
  const quiet = async (fetch: Promise<DuckDBDataChunk | null>): Promise<number> =>
    (await fetch.catch(() => null))?.rowCount ?? 0; // An interrupted stream has nothing more to say.
  for (let rows = await quiet(coming); rows > 0;) rows = await quiet(result.fetchChunk());
}
