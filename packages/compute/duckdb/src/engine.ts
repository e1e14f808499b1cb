import { systemClock } from "@millrace/foundation";
import type {
  Clock,
  ComputeEngine,
  ComputeSession,
  SessionOptions,
  SqlSyntaxError,
  SyntaxTree,
} from "@millrace/protocols";
import { duckdbCapabilities, duckdbVersion } from "./capabilities.ts";
import { loadNative } from "./native.ts";
import { DuckDbSession } from "./session.ts";
import { SyntaxTrees } from "./syntax-tree.ts";

/** Options of {@link duckdb}. */
export interface DuckDbOptions {
  /** Measures how long statements take. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/**
 * The compute that runs SQL steps on DuckDB, in this process. Creating it loads nothing; DuckDB itself is loaded by the
 * first session or the first text that is parsed.
 *
 * Node runs at most four statements at a time unless `UV_THREADPOOL_SIZE` is larger; only the application can set it, in
 * the environment, before Node starts its first thread.
 *
 * @example
 * const engine = duckdb();
 * await using session = await engine.openSession({ scratchDirectory, threads: 4, … });
 */
export function duckdb(options: DuckDbOptions = {}): ComputeEngine {
  return new DuckDbEngine(options.clock ?? systemClock);
}

class DuckDbEngine implements ComputeEngine {
  readonly name = "duckdb";
  readonly capabilities = duckdbCapabilities;
  readonly version: string = duckdbVersion;
  readonly #clock: Clock;
  readonly #sessions = new Set<DuckDbSession>();
  #opened = 0;
  #parser: Promise<SyntaxTrees> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async openSession(options: SessionOptions): Promise<ComputeSession> {
    const native = await loadNative();
    const session: DuckDbSession = await DuckDbSession.open(options, {
      native,
      clock: this.#clock,
      name: `${this.name}.${++this.#opened}`,
      onClose: () => this.#sessions.delete(session),
    });
    this.#sessions.add(session);
    return session;
  }

  async syntaxTrees(texts: readonly string[]): Promise<readonly (SyntaxTree | SqlSyntaxError)[]> {
    this.#parser ??= loadNative().then((native) => SyntaxTrees.open(native));
    return (await this.#parser).parse(texts);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map(async (session) => session[Symbol.asyncDispose]()));
    const parser = this.#parser;
    this.#parser = undefined;
    await (await parser)?.close();
  }
}
