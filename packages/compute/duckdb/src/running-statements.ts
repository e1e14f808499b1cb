import type { DuckDBConnection } from "@duckdb/node-api";
import { cancelledError } from "@millrace/foundation";
import type { StatementOptions } from "@millrace/protocols";

/** `interrupt` is lost when it comes before the statement has begun on its thread, so it is repeated. */
const interruptEveryMs = 20;
/** The port says at most ten times a second. */
const progressEveryMs = 100;

const progressSettings =
  "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0";

/** A statement that has begun. */
export interface RunningStatement {
  /** Aborted by the caller's signal or by the session. */
  readonly signal: AbortSignal;
  /** Says that nothing of it runs any more. */
  finish(): void;
}

/** Statements of a session that are running: each can be cancelled alone, or all of them together. */
export class RunningStatements {
  readonly #controllers = new Map<AbortController, () => Promise<unknown>>();
  #started = 0;

  get started(): number {
    return this.#started;
  }

  /**
   * Runs `work` on a connection and interrupts it when its signal, or the session, is cancelled.
   *
   * Resolves or rejects only after the statement has really ended, so that the connection may be closed.
   */
  async run<T>(
    connection: DuckDBConnection,
    work: (signal: AbortSignal) => Promise<T>,
    options: StatementOptions = {},
  ): Promise<T> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const statement = await this.begin(connection, options, () => ended);
    try {
      const result = await work(statement.signal);
      // Cancelled while the last rows were on their way: the caller asked for an end, and gets one.
      if (statement.signal.aborted) throw cancelledError(statement.signal.reason);
      return result;
    } catch (error) {
      if (statement.signal.aborted) throw cancelledError(statement.signal.reason);
      throw error;
    } finally {
      statement.finish();
      resolve();
    }
  }

  /**
   * Begins a statement of several calls, such as a stream. `settle` resolves once it has ended after an abort.
   *
   * @throws MillraceError `RUN_CANCELLED` where the signal is aborted already
   */
  async begin(
    connection: DuckDBConnection,
    options: StatementOptions,
    settle: () => Promise<unknown>,
  ): Promise<RunningStatement> {
    const controller = new AbortController();
    const { signal: asked, onProgress } = options;
    const signal = asked === undefined ? controller.signal : AbortSignal.any([asked, controller.signal]);
    if (signal.aborted) throw cancelledError(signal.reason);
    if (onProgress !== undefined) await connection.run(progressSettings);
    this.#started++;
    this.#controllers.set(controller, settle);
    const stopInterrupting = interruptOnAbort(connection, signal);
    const stopReporting = reportProgress(connection, onProgress);
    return {
      signal,
      finish: () => {
        stopInterrupting();
        stopReporting();
        this.#controllers.delete(controller);
      },
    };
  }

  /** Cancels everything that runs now; resolves when all of it has ended. */
  async cancel(): Promise<void> {
    const running = [...this.#controllers];
    for (const [controller] of running) controller.abort(cancelledError());
    await Promise.allSettled(running.map(async ([, settle]) => settle()));
  }
}

function interruptOnAbort(connection: DuckDBConnection, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), interruptEveryMs);
  };
  signal.addEventListener("abort", interrupt, { once: true });
  return () => {
    signal.removeEventListener("abort", interrupt);
    clearInterval(timer);
  };
}

function reportProgress(connection: DuckDBConnection, onProgress: StatementOptions["onProgress"]): () => void {
  if (onProgress === undefined) return () => undefined;
  const timer = setInterval(() => {
    const { percentage, rows_processed: rows, total_rows_to_process: total } = connection.progress;
    // -1 says that DuckDB cannot tell.
    if (percentage < 0) return;
    onProgress({
      ratio: Math.min(1, percentage / 100),
      ...(total > 0 ? { rows: Number(rows), totalRows: Number(total) } : {}),
    });
  }, progressEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
