import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { noFaults, parseColumn, silentLogger } from "@millrace/foundation";
import type {
  Column,
  ComputeEngine,
  ComputeSession,
  FileFormat,
  FileSource,
  JsonObject,
  JsonValue,
  MaterialiseResult,
  RelationId,
  SessionOptions,
  StatementOptions,
} from "@millrace/protocols";
import { expect } from "vitest";

/** What each fact of the compute contract works with: one engine, one folder, sessions that are closed afterwards. */
export class ComputeBench {
  readonly engine: ComputeEngine;
  readonly folder: string;
  readonly #sessions: ComputeSession[] = [];

  constructor(engine: ComputeEngine, folder: string) {
    this.engine = engine;
    this.folder = folder;
  }

  /** A session with small limits; 2024-02-29T12:30:00.123Z is its logical time. */
  async openSession(options: Partial<SessionOptions> = {}): Promise<ComputeSession> {
    const scratchDirectory = join(this.folder, `scratch-${this.#sessions.length}`);
    await mkdir(scratchDirectory);
    const session = await this.engine.openSession({
      scratchDirectory,
      threads: 2,
      memoryBytes: 500_000_000,
      logicalTime: new Date("2024-02-29T12:30:00.123Z"),
      deterministic: false,
      logger: silentLogger,
      faultPoints: noFaults,
      ...options,
    });
    this.#sessions.push(session);
    return session;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file and gives its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** A relation over a CSV file with a header, all columns declared. */
  async csv(session: ComputeSession, label: string, table: CsvTable): Promise<RelationId> {
    return session.scan(await this.csvSource(`${label}.csv`, table), label);
  }

  async csvSource(name: string, { columns, lines }: CsvTable): Promise<FileSource> {
    const path = await this.write(name, [Object.keys(columns).join(","), ...lines, ""].join("\n"));
    return { uris: [path], format: "csv", options: { header: true, delim: "," }, columns: columnsOf(columns) };
  }

  /** A relation `n BIGINT` of the whole numbers below `count`, in a Parquet file, so that pushdown is possible. */
  async numbers(session: ComputeSession, label: string, count: number): Promise<RelationId> {
    const base = Math.ceil(Math.sqrt(count));
    const lines = Array.from({ length: base }, (_, index) => String(index));
    const digits = await this.csv(session, `${label}_digits`, { columns: { d: "BIGINT" }, lines });
    const product = await session.query(
      `select a.d * ${base} + b.d as n from digits a cross join digits b where a.d * ${base} + b.d < ${count}`,
      { inputs: { digits }, label: `${label}_product` },
    );
    const uri = this.path(`${label}.parquet`);
    await session.materialise(product, { form: "file", uri, format: "parquet", options: {} });
    return session.scan({ uris: [uri], format: "parquet", options: {} }, label);
  }

  /** Materialises into a file of the bench. */
  async save(
    session: ComputeSession,
    relation: RelationId,
    { name, format, options = {}, statement = {} }: SaveOptions,
  ): Promise<MaterialiseResult & { readonly path: string }> {
    const path = this.path(name);
    const result = await session.materialise(relation, { form: "file", uri: path, format, options }, statement);
    return { ...result, path };
  }

  async text(name: string): Promise<string> {
    return readFile(this.path(name), "utf8");
  }

  async exists(name: string): Promise<boolean> {
    return stat(this.path(name)).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    // Closing twice must be fine: facts about closing do it themselves.
    for (const session of this.#sessions) await session[Symbol.asyncDispose]();
  }
}

/** A small table as text. */
export interface CsvTable {
  readonly columns: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
}

/** Where and how a fact saves a relation. */
export interface SaveOptions {
  readonly name: string;
  readonly format: FileFormat;
  readonly options?: JsonObject;
  readonly statement?: StatementOptions;
}

/** Columns from their text, in order. */
export function columnsOf(columns: Readonly<Record<string, string>>): Column[] {
  return Object.entries(columns).map(([name, text]) => parseColumn(name, text));
}

/** Names and canonical types, without nullability: computes know little about it. */
export function typesOf(columns: readonly Column[]): readonly (readonly [string, Column["type"]])[] {
  return columns.map((column) => [column.name, column.type]);
}

/** All rows of a small relation, as `sample` gives them. */
export async function rowsOf(
  session: ComputeSession,
  relation: RelationId,
): Promise<readonly (readonly JsonValue[])[]> {
  const { rows, truncated } = await session.sample(relation, 100_000);
  expect(truncated).toBe(false);
  return rows;
}
