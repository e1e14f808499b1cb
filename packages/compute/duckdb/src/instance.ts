import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { setTimeout as pause } from "node:timers/promises";
import { cancelledError } from "@millrace/foundation";
import { toComputeError } from "./errors.ts";
import type { Native } from "./native.ts";

/** How often a statement is interrupted that has to end. */
const interruptEveryMs = 20;

/** How an instance is opened. */
export interface InstanceOptions {
  readonly threads: number;
  readonly memoryBytes: number;
  readonly spillDirectory: string;
  readonly keepsOrder: boolean;
  /** Statements that every connection shares: macros, then the sandbox, which locks. */
  readonly setup: readonly string[];
}

/**
 * One DuckDB in memory. A connection runs one statement at a time, so each statement gets one of its own; opening one
 * costs 0.1 ms.
 */
export class Instance {
  readonly #database: DuckDBInstance;
  /** Open connections; the promise settles when what runs on one has ended. */
  readonly #open = new Map<DuckDBConnection, Promise<unknown>>();

  #connecting = 0;
  #isClosing = false;

  private constructor(database: DuckDBInstance) {
    this.#database = database;
  }

  /**
   * Opens an instance in memory with the settings without which results are wrong or data is lost.
   *
   * **Source** measured on 1.5.6: join filters give wrong rows above an ordered LIMIT (duckdb/duckdb#22963), so that
   * optimizer is off; the cache of file contents is off because a file may change under its path.
   */
  static async open(native: Native, options: InstanceOptions): Promise<Instance> {
    try {
      const database = await native.api.DuckDBInstance.create(":memory:", {
        threads: String(options.threads),
        memory_limit: `${options.memoryBytes}B`,
        temp_directory: options.spillDirectory,
        preserve_insertion_order: String(options.keepsOrder),
        disabled_optimizers: "join_filter_pushdown",
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
        allow_community_extensions: "false",
        allow_persistent_secrets: "false",
        enable_external_file_cache: "false",
        errors_as_json: "true",
      });
      const instance = new Instance(database);
      await instance.use(async (connection) => {
        for (const statement of ["SET TimeZone = 'UTC'", ...options.setup]) await connection.run(statement);
      });
      return instance;
    } catch (error) {
      throw toComputeError(error, { prefix: "DuckDB could not be opened" });
    }
  }

  /** Runs `action` with a connection of its own. The action must have awaited everything it started. */
  async use<T>(action: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const connection = await this.connect(ended);
    try {
      return await action(connection);
    } finally {
      resolve();
      this.release(connection);
    }
  }

  /**
   * A connection for a longer use, such as a stream; `release` it when nothing runs on it any more.
   *
   * @param ended - Settles when nothing runs on it; a close of the instance waits for that.
   */
  async connect(ended: Promise<unknown>): Promise<DuckDBConnection> {
    if (this.#isClosing) throw cancelledError("the session is closing");
    this.#connecting++;
    try {
      const connection = await this.#database.connect();
      this.#open.set(connection, ended);
      return connection;
    } finally {
      this.#connecting--;
    }
  }

  release(connection: DuckDBConnection): void {
    if (this.#open.delete(connection)) connection.closeSync();
  }

  /** Changes the memory limit. Blocks in use may not be given back at once; then the old limit stays. */
  async limitMemory(bytes: number): Promise<void> {
    await this.use(async (connection) => {
      try {
        await connection.run(`SET memory_limit = '${bytes}B'`);
      } catch (error) {
        if (toComputeError(error).code !== "COMPUTE_OUT_OF_MEMORY") throw toComputeError(error);
      }
    });
  }

  /** Bytes in memory and on disk. */
  async usage(): Promise<{ readonly memoryBytes: number; readonly spilledBytes: number }> {
    return this.use(async (connection) => {
      const result = await connection.runAndReadAll(
        "SELECT sum(memory_usage_bytes), sum(temporary_storage_bytes) FROM duckdb_memory()",
      );
      const [memory, spilled] = result.getRows()[0] ?? [];
      return { memoryBytes: Number(memory ?? 0), spilledBytes: Number(spilled ?? 0) };
    });
  }

  /**
   * Closes the instance when everything on it has ended; what still runs is interrupted.
   *
   * **Source** measured on 1.5.6: closing a connection under a running statement ends the process with a segmentation
   * fault, or never returns.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#open.size + this.#connecting > 0) {
      const running = [...this.#open];
      for (const [connection] of running) connection.interrupt();
      // An interrupt before the statement has begun is lost, so it is repeated until all have ended.
      await Promise.race([Promise.allSettled(running.map(([, ended]) => ended)), pause(interruptEveryMs)]);
      // Their owners release them in the turn after.
      await pause(0);
    }
    this.#database.closeSync();
  }
}
