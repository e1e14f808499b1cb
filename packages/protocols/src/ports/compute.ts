import type { Column } from "../column-type.ts";
import type { PinnedFile } from "../dag.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { EngineName } from "../pipeline-spec.ts";
import type { RowCount } from "../run.ts";
import type { FaultPoints, Logger } from "./world.ts";
import type { SqlSyntaxTreeSource } from "./sql-analyzer.ts";

/** A relation of a session: an opaque id. What it stands for may live on a cluster. */
export type RelationId = string & { readonly __relation: never };

/** Formats that computes read and write. */
export type FileFormat = "csv" | "json" | "ndjson" | "parquet";

/** What a compute can do. The engine asks this and never the compute's name. */
export interface ComputeCapabilities {
  /** URI schemes that it reads and writes by itself, such as `file`. */
  readonly locations: readonly string[];
  readonly reads: readonly FileFormat[];
  readonly writes: readonly FileFormat[];
  /** Exact row counts of steps inside one statement. */
  readonly taps: boolean;
  /** Same bytes for the same inputs when asked for. */
  readonly deterministic: boolean;
  readonly sandbox: boolean;
}

/** How a session is opened. */
export interface SessionOptions {
  /** Folder for spilled data and scratch files; the session owns and empties it. */
  readonly scratchDirectory: string;
  readonly threads: number;
  /** Memory of the compute itself, bytes. */
  readonly memoryBytes: number;
  /** What `now()` and its relatives give, UTC. */
  readonly logicalTime: Date;
  readonly deterministic: boolean;
  /** Confines reading and writing to these folders and files. Undefined: no sandbox. */
  readonly sandbox?: { readonly read: readonly string[]; readonly write: readonly string[] };
  readonly logger: Logger;
  readonly faultPoints: FaultPoints;
}

/** Files to read. */
export interface FileSource {
  /** Absolute URIs or paths; a glob is expanded by the compute. */
  readonly uris: readonly string[];
  readonly format: FileFormat;
  /**
   * Reading options with DuckDB's names: `header`, `delim`, `quote`, `escape`, `nullstr`, `dateformat`,
   * `timestampformat`, `encoding`, `skip`, `compression`, `union_by_name`, `hive_partitioning`, `filename`, `decimal_separator`.
   */
  readonly options: JsonObject;
  /** Declared or pinned columns, in order; the rest of a file is ignored only where `subset` says so. */
  readonly columns?: readonly Column[];
}

/** What metadata says of a source. */
export interface SourceDescription {
  readonly columns: readonly Column[];
  /** Options with everything that was sniffed made explicit. */
  readonly options: JsonObject;
  readonly files: readonly PinnedFile[];
  /** Rows by footers; undefined where only reading tells. */
  readonly rows?: number;
}

/** A SELECT to bind against empty relations. */
export interface DescribeRequest {
  readonly sql: string;
  readonly inputs: ReadonlyMap<string, readonly Column[]>;
}

/** Where a relation is materialised: a staged path that nobody reads yet. */
export interface MaterialiseTarget {
  readonly form: "file" | "folder";
  /** Absolute path or URI of a file, or of an existing empty folder. */
  readonly uri: string;
  readonly format: FileFormat;
  /** Writing options: `compression`, `header`, `delim`, `partition_by` (folder only), `file_size_bytes` (folder only). */
  readonly options: JsonObject;
}

/** How a statement runs. */
export interface StatementOptions {
  readonly signal?: AbortSignal;
  /** Called at most ten times a second. */
  readonly onProgress?: (progress: {
    readonly ratio?: number;
    readonly rows?: number;
    readonly totalRows?: number;
  }) => void;
  /** Counts rows of the relations inside the statement. @defaultValue false */
  readonly taps?: boolean;
}

/** A file that a statement wrote. */
export interface WrittenFile {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly rows?: number;
}

/** What a statement did. */
export interface MaterialiseResult {
  /** Rows written, exact. */
  readonly rows: number;
  readonly files: readonly WrittenFile[];
  readonly columns: readonly Column[];
  /** Rows of each relation inside the statement, by its label, where they were counted. */
  readonly counts: ReadonlyMap<string, RowCount>;
  readonly durationMs: number;
}

/** Rows for people: JSON-safe values in column order. Bigint, decimal, NaN and Inf are strings. */
export interface Sample {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly JsonValue[])[];
  /** More rows exist than were asked for. */
  readonly truncated: boolean;
}

/** Use of resources so far. */
export interface SessionStats {
  readonly memoryBytes?: number;
  readonly spilledBytes?: number;
  readonly statements: number;
}

/** A place where relations are described, built and materialised. Nothing it makes outlives it but what `materialise` wrote. */
export interface ComputeSession extends AsyncDisposable {
  /**
   * Columns of a SELECT over empty inputs. Reads no data.
   * @throws MillraceError with `context.offset` (UTF-16 code units of the SQL) and `context.candidates` where known.
   */
  describe(request: DescribeRequest): Promise<readonly Column[]>;
  /** Columns, explicit options and files of a source. Reads metadata and a sample only. */
  describeSource(source: FileSource): Promise<SourceDescription>;
  /** A relation over files. `label` names it in counts and errors. Lazy. */
  scan(source: FileSource, label: string): Promise<RelationId>;
  /** A relation by SQL over others, whose names the text uses. Lazy: nothing runs before it is materialised. */
  query(
    sql: string,
    options: { readonly inputs: Readonly<Record<string, RelationId>>; readonly label: string },
  ): Promise<RelationId>;
  /** An empty relation of a schema: a missing optional input. */
  empty(columns: readonly Column[], label: string): Promise<RelationId>;
  /** Runs the relation as one statement into a staged place. An error names label, line and column in `context`. */
  materialise(relation: RelationId, target: MaterialiseTarget, options?: StatementOptions): Promise<MaterialiseResult>;
  /** First rows. */
  sample(relation: RelationId, rows: number, options?: StatementOptions): Promise<Sample>;
  /** A relation from Arrow IPC stream bytes, in pieces of any size. */
  importArrow(
    ipc: AsyncIterable<Uint8Array>,
    options: { readonly columns: readonly Column[]; readonly label: string },
  ): Promise<RelationId>;
  /** Rows as one Arrow IPC stream, in the relation's order, complete or with an error. */
  exportArrow(
    relation: RelationId,
    options?: StatementOptions & { readonly columns?: readonly string[]; readonly batchRows?: number },
  ): AsyncIterable<Uint8Array>;
  /** Exact number of rows. */
  count(relation: RelationId, options?: StatementOptions): Promise<number>;
  release(relation: RelationId): Promise<void>;
  /** Cancels every running statement of the session; each rejects with `RUN_CANCELLED`. */
  cancel(): Promise<void>;
  stats(): Promise<SessionStats>;
}

/** What computes: opens sessions. Creating one loads nothing heavy. */
export interface ComputeEngine extends SqlSyntaxTreeSource {
  readonly name: EngineName;
  readonly capabilities: ComputeCapabilities;
  /** Version of the engine itself, part of digests. Known without loading it. */
  readonly version: string;
  openSession(options: SessionOptions): Promise<ComputeSession>;
  close(): Promise<void>;
}
