// One session. Relations are only recorded; each of `materialise`, `sample`, `count` and `exportArrow` composes one
// statement of them and runs it on a connection of its own. States: open, then closed; closing cancels what runs.
import type { DuckDBResultReader } from "@duckdb/node-api";
import type {
  Clock,
  Column,
  ComputeSession,
  DescribeRequest,
  FileSource,
  MaterialiseResult,
  MaterialiseTarget,
  RelationId,
  Sample,
  SessionOptions,
  SessionStats,
  SourceDescription,
  StatementOptions,
} from "@millrace/protocols";
import { loadArrow } from "./arrow-type.ts";
import { importBatches } from "./arrow-import.ts";
import { toColumns } from "./column-type.ts";
import { describeQuery } from "./describe.ts";
import { describeSource } from "./describe-source.ts";
import { stagePivots } from "./dynamic-pivot.ts";
import { Instances } from "./instances.ts";
import type { Instance } from "./instance.ts";
import { copyRelation, endOf, verifyPacked } from "./materialise.ts";
import type { Native } from "./native.ts";
import { countParquetRows } from "./parquet-source.ts";
import { blameRelation } from "./position.ts";
import { RelationBook } from "./relation-book.ts";
import type { Relation } from "./relation.ts";
import { exportRelation } from "./relation-export.ts";
import { RunningStatements } from "./running-statements.ts";
import { toSampleRows } from "./sample.ts";
import { createPathGuard } from "./sandbox.ts";
import { composeScan } from "./scan.ts";
import { Scratch } from "./scratch.ts";
import { listSourceFiles } from "./source-files.ts";
import { createSourceReader } from "./source-reader.ts";
import type { SourceReader } from "./source-reader.ts";
import { composeStatement } from "./statement.ts";

/** What an engine gives its sessions. */
export interface SessionTools {
  readonly native: Native;
  readonly clock: Clock;
  /** Prefix of relation ids, so that an id of one session is unknown to every other. */
  readonly name: string;
  readonly onClose: () => void;
}

/** A session on DuckDB in this process. */
export class DuckDbSession implements ComputeSession {
  readonly #options: SessionOptions;
  readonly #tools: SessionTools;
  readonly #instances: Instances;
  readonly #scratch: Scratch;
  readonly #reader: SourceReader;
  readonly #relations: RelationBook;
  readonly #running = new RunningStatements();
  #closing: Promise<void> | undefined;

  private constructor(
    options: SessionOptions,
    tools: SessionTools,
    parts: { readonly instances: Instances; readonly scratch: Scratch },
  ) {
    this.#options = options;
    this.#tools = tools;
    this.#instances = parts.instances;
    this.#scratch = parts.scratch;
    this.#reader = createSourceReader(
      parts.instances.groups,
      createPathGuard(options.sandbox, options.scratchDirectory),
    );
    this.#relations = new RelationBook(tools.name);
  }

  static async open(options: SessionOptions, tools: SessionTools): Promise<DuckDbSession> {
    const scratch = await Scratch.open(options.scratchDirectory);
    const instances = await Instances.open(tools.native, options, scratch.spill);
    return new DuckDbSession(options, tools, { instances, scratch });
  }

  async describe(request: DescribeRequest): Promise<readonly Column[]> {
    this.#relations.checkOpen();
    return this.#instances.groups.use((connection) => describeQuery(connection, request));
  }

  async describeSource(source: FileSource): Promise<SourceDescription> {
    this.#relations.checkOpen();
    return describeSource(source, this.#reader);
  }

  async scan(source: FileSource, label: string): Promise<RelationId> {
    this.#relations.checkOpen();
    const text = await composeScan(source, this.#reader);
    return this.#relations.add((id) => ({ kind: "scan", id, label, ...text }));
  }

  async query(
    sql: string,
    { inputs, label }: { readonly inputs: Readonly<Record<string, RelationId>>; readonly label: string },
  ): Promise<RelationId> {
    const relations = new Map(Object.entries(inputs).map(([name, id]) => [name, this.#relations.get(id)] as const));
    return this.#relations.add((id) => ({ kind: "query", id, label, sql, inputs: relations }));
  }

  async empty(columns: readonly Column[], label: string): Promise<RelationId> {
    return this.#relations.add((id) => ({ kind: "empty", id, label, columns }));
  }

  async materialise(
    id: RelationId,
    target: MaterialiseTarget,
    options: StatementOptions = {},
  ): Promise<MaterialiseResult> {
    const relation = this.#relations.get(id);
    const started = this.#tools.clock.monotonicMs();
    const result = await this.#instances.groups.use((connection) =>
      this.#running.run(
        connection,
        (signal) =>
          copyRelation({
            connection,
            relation,
            target,
            signal,
            taps: options.taps ?? false,
            faultPoints: this.#options.faultPoints,
            footerRows: (files) => this.#footerRows(files),
          }),
        options,
      ),
    );
    return { ...result, durationMs: this.#tools.clock.monotonicMs() - started };
  }

  async sample(id: RelationId, rows: number, options: StatementOptions = {}): Promise<Sample> {
    const relation = this.#relations.get(id);
    return this.#read(await this.#instances.ordered(), relation, {
      options,
      tail: `LIMIT ${rows + 1}`,
      take: (result) => {
        const columns = toColumns({
          columnCount: result.columnCount,
          columnName: (index) => result.columnName(index),
          columnType: (index) => result.columnType(index),
        });
        const all = toSampleRows(result.getRows(), columns);
        return {
          columns: relation.kind === "query" ? columns : columnsOf(relation, columns),
          rows: all.slice(0, rows),
          truncated: all.length > rows,
        };
      },
    });
  }

  async count(id: RelationId, options: StatementOptions = {}): Promise<number> {
    const relation = this.#relations.get(id);
    return this.#read(this.#instances.groups, relation, {
      options,
      select: "count(*)",
      tail: "",
      take: (result) => Number(result.getRows()[0]?.[0] ?? 0),
    });
  }

  async importArrow(
    ipc: AsyncIterable<Uint8Array>,
    { columns, label }: { readonly columns: readonly Column[]; readonly label: string },
  ): Promise<RelationId> {
    this.#relations.checkOpen();
    const [instance, arrow] = await Promise.all([this.#instances.ordered(), loadArrow()]);
    const folder = this.#scratch.newImport();
    const { files, rows } = await instance.use((connection) =>
      this.#running.run(connection, (signal) =>
        importBatches(this.#tools.native, arrow, { connection, ipc, columns, folder, signal }),
      ),
    );
    // Nullability was checked on the way in.
    const source: FileSource = {
      uris: files,
      format: "parquet",
      options: {},
      columns: columns.map((column) => ({ ...column, nullable: true })),
    };
    const text = await composeScan(source, this.#reader);
    return this.#relations.add((id) => ({ kind: "scan", id, label, ...text, columns, rows, scratch: folder }));
  }

  async *exportArrow(
    id: RelationId,
    options: StatementOptions & { readonly columns?: readonly string[]; readonly batchRows?: number } = {},
  ): AsyncGenerator<Uint8Array> {
    const relation = this.#relations.get(id);
    const [instance, arrow] = await Promise.all([this.#instances.ordered(), loadArrow()]);
    yield* exportRelation(relation, options, {
      native: this.#tools.native,
      arrow,
      instance,
      running: this.#running,
      footerRows: (files) => this.#footerRows(files),
    });
  }

  async release(id: RelationId): Promise<void> {
    await this.#relations.release(id);
  }

  async cancel(): Promise<void> {
    await this.#running.cancel();
  }

  async stats(): Promise<SessionStats> {
    this.#relations.checkOpen();
    const usages = await Promise.all((await this.#instances.opened()).map((instance) => instance.usage()));
    return {
      memoryBytes: usages.reduce((sum, usage) => sum + usage.memoryBytes, 0),
      spilledBytes: usages.reduce((sum, usage) => sum + usage.spilledBytes, 0),
      statements: this.#running.started,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#relations.close();
    // A statement may begin between the cancel and its own check of an open session; the second round finds it.
    await this.#running.cancel();
    await this.#running.cancel();
    await this.#instances.close();
    await this.#scratch.remove();
    this.#tools.onClose();
  }

  async #footerRows(files: readonly string[]): Promise<number> {
    return countParquetRows(await listSourceFiles(files, this.#reader), this.#reader);
  }

  /** Runs a SELECT over a relation whose result is small. */
  async #read<T>(instance: Instance, relation: Relation, query: SmallQuery<T>): Promise<T> {
    return instance.use((connection) =>
      this.#running.run(
        connection,
        async (signal) => {
          const staged = await stagePivots(connection, relation);
          const statement = composeStatement(staged.relation, {
            taps: false,
            before: "",
            ...(query.select === undefined ? {} : { select: query.select }),
          });
          const running = connection.runAndReadAll(`${statement.text}\n${query.tail}`);
          const [result] = await endOf(running, query.tail === "" ? [verifyPacked(statement, signal)] : [], (error) =>
            blameRelation(error, statement, signal),
          );
          return query.take(result);
        },
        query.options,
      ),
    );
  }
}

interface SmallQuery<T> {
  readonly options: StatementOptions;
  readonly select?: string;
  /** Text behind the SELECT. */
  readonly tail: string;
  readonly take: (result: DuckDBResultReader) => T;
}

/** Scans and empty relations know more of their columns than a result does. */
function columnsOf(relation: Relation, found: readonly Column[]): readonly Column[] {
  return relation.kind === "scan" || relation.kind === "empty" ? relation.columns : found;
}
