import { cancelledError, quoteIdentifier, suggestName, TerminalError } from "@millrace/foundation";
import type { Column, StatementOptions } from "@millrace/protocols";
import { defaultBatchRows, exportBatches, toArrowSelect } from "./arrow-export.ts";
import type { Arrow } from "./arrow-type.ts";
import { stagePivots } from "./dynamic-pivot.ts";
import type { Instance } from "./instance.ts";
import { bindColumns, verifyPacked } from "./materialise.ts";
import type { Native } from "./native.ts";
import { blameRelation } from "./position.ts";
import type { Relation } from "./relation.ts";
import type { RunningStatements } from "./running-statements.ts";
import { composeStatement } from "./statement.ts";

/** What an export works with. */
export interface ExportTools {
  readonly native: Native;
  readonly arrow: Arrow;
  /** An instance that keeps order. */
  readonly instance: Instance;
  readonly running: RunningStatements;
  /** Rows that footers of Parquet files state. */
  readonly footerRows: (files: readonly string[]) => Promise<number>;
}

/**
 * Streams a relation as Arrow IPC bytes from a connection of its own.
 *
 * The statement lives between two pulls of the caller, so a cancel must be able to end it while nobody waits: it stops
 * the stream and closes the connection itself.
 */
export async function* exportRelation(
  relation: Relation,
  options: StatementOptions & { readonly columns?: readonly string[]; readonly batchRows?: number },
  { native, arrow, instance, running, footerRows }: ExportTools,
): AsyncGenerator<Uint8Array> {
  const knownRows = async (last: Relation): Promise<number | undefined> =>
    last.kind === "scan" && last.format === "parquet" ? (last.rows ?? (await footerRows(last.files))) : undefined;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const connection = await instance.connect(ended);
  const stream = new ClosableStream(() => {
    end();
    instance.release(connection);
  });
  try {
    const statement = await running.begin(connection, options, () => stream.close());
    stream.onClosed = () => statement.finish();
    const { signal } = statement;
    stream.source = (async function* source(): AsyncGenerator<Uint8Array> {
      const staged = await stagePivots(connection, relation);
      const columns = selectColumns(await bindColumns(connection, staged.relation), options.columns);
      const composed = composeStatement(staged.relation, { taps: false, before: "", select: toArrowSelect(columns) });
      yield* exportBatches(native, arrow, {
        connection,
        sql: composed.text,
        columns,
        batchRows: options.batchRows ?? defaultBatchRows,
        rows: await knownRows(staged.relation),
        signal,
        blame: (error) => blameRelation(error, composed, signal),
      });
      await verifyPacked(composed, signal);
    })();
    for (let next = await stream.next(); next.done !== true; next = await stream.next()) yield next.value;
    // A cancel closes the stream while nobody pulls; its end must not look like the end of the rows.
    if (signal.aborted) throw cancelledError(signal.reason);
  } finally {
    await stream.close();
  }
}

/** A stream that its reader and a cancel may both close, whichever comes first. */
class ClosableStream {
  source: AsyncGenerator<Uint8Array> | undefined;
  onClosed: () => void = () => undefined;
  readonly #release: () => void;
  #pulling: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(release: () => void) {
    this.#release = release;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const pull = this.source?.next() ?? Promise.resolve({ done: true, value: undefined } as const);
    this.#pulling = pull.catch(() => undefined); // The reader gets the error; a close only waits.
    return pull;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#pulling;
    // Runs the source's own end, which stops the query.
    await this.source?.return(undefined);
    this.onClosed();
    this.#release();
  }
}

function selectColumns(columns: readonly Column[], names: readonly string[] | undefined): readonly Column[] {
  if (names === undefined) return columns;
  return names.map((name) => {
    const column =
      columns.find((one) => one.name === name) ?? columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (column !== undefined) return column;
    const known = columns.map((one) => one.name);
    const suggestion = suggestName(name, known);
    throw new TerminalError({
      code: "SQL_COLUMN_NOT_FOUND",
      fault: "caller",
      message: `There is no column ${quoteIdentifier(name)}; there are ${known.join(", ")}.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
      context: { name, candidates: known },
    });
  });
}
