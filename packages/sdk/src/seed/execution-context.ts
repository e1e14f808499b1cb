import { catalogName, FrameworkConfig, rawDataPath, tableName, TerminalError } from "@millrace/foundation";

/** What an execution context is made from. */
export interface ExecutionContextOptions {
  /** Number that the caller's queue gave the run. */
  readonly processQueueId: number;
  /** Dotted name of the contract: its last two parts are schema and table, as in `data.sales.daily_orders`. */
  readonly dataContractName: string;
  readonly sourceRef: string;
  readonly env: string;
  /** @defaultValue `FrameworkConfig.fromEnv(env)` */
  readonly config?: FrameworkConfig;
}

/**
 * Identifiers of one run and what follows from them: catalog, path of the raw data, target table. Stages share values in it.
 *
 * **Source** NovaFlow `core/context.py`.
 */
export class ExecutionContext {
  readonly processQueueId: number;
  readonly dataContractName: string;
  readonly sourceRef: string;
  readonly env: string;
  readonly config: FrameworkConfig;
  readonly #schema: string;
  readonly #table: string;
  readonly #state = new Map<string, unknown>();

  /** @throws MillraceError `CONFIG_VALUE_INVALID` where the contract's name has no schema and table. */
  constructor(options: ExecutionContextOptions) {
    this.processQueueId = options.processQueueId;
    this.dataContractName = options.dataContractName;
    this.sourceRef = options.sourceRef;
    this.env = options.env;
    this.config = options.config ?? FrameworkConfig.fromEnv(options.env);
    const [schema, table] = options.dataContractName.split(".").slice(-2);
    if (schema === undefined || table === undefined) {
      throw new TerminalError({
        code: "CONFIG_VALUE_INVALID",
        fault: "config",
        message: `The contract name "${options.dataContractName}" has no schema and table; write it as domain.schema.table.`,
      });
    }
    this.#schema = schema;
    this.#table = table;
  }

  /** Catalog of the environment: `cluk_dev_nova`. */
  get catalog(): string {
    return catalogName(this.config);
  }

  /** Folder of the raw files. */
  get dataFilePath(): string {
    return rawDataPath(this.config, { schema: this.#schema, sourceRef: this.sourceRef, table: this.#table });
  }

  /** Full name of the table that the run fills. */
  get targetTable(): string {
    return tableName(this.config, this.#schema, this.#table);
  }

  /** Keeps a value for later stages of this run. Not durable. */
  setState(key: string, value: unknown): void {
    this.#state.set(key, value);
  }

  /** A value that an earlier stage kept, else `fallback`. */
  getState<T>(key: string, fallback: T): T;
  getState(key: string): unknown;
  getState(key: string, fallback?: unknown): unknown {
    return this.#state.has(key) ? this.#state.get(key) : fallback;
  }
}
