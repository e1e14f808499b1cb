import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMillraceError, noFaults, parseColumn, silentLogger } from "@millrace/foundation";
import type { MillraceError } from "@millrace/foundation";
import type {
  Column,
  ComputeEngine,
  ComputeSession,
  JsonObject,
  JsonValue,
  MaterialiseResult,
  RelationId,
  SessionOptions,
} from "@millrace/protocols";
import { withScratchFolder } from "@millrace/testing";
import { afterAll, expect } from "vitest";
import { duckdb } from "../src/index.ts";

/** A session with a folder of its own. */
export interface Fixture {
  readonly session: ComputeSession;
  readonly folder: string;
  /** Writes a file below the folder and gives its path. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
  /** All rows of a relation. */
  readonly rows: (relation: RelationId) => Promise<readonly (readonly JsonValue[])[]>;
  /** Rows of a SELECT over inputs. */
  readonly select: (
    sql: string,
    inputs?: Readonly<Record<string, RelationId>>,
  ) => Promise<readonly (readonly JsonValue[])[]>;
  readonly query: (label: string, sql: string, inputs?: Readonly<Record<string, RelationId>>) => Promise<RelationId>;
  /** Materialises into a Parquet file with taps. */
  readonly tapped: (relation: RelationId) => Promise<MaterialiseResult>;
  readonly open: (options?: Partial<SessionOptions>) => Promise<ComputeSession>;
}

let engine: ComputeEngine | undefined;
afterAll(async () => engine?.close());

/** Runs a fact with a session; everything is gone afterwards. */
export async function withSession(
  run: (fixture: Fixture) => Promise<void>,
  options: Partial<SessionOptions> = {},
): Promise<void> {
  const compute = (engine ??= duckdb());
  await withScratchFolder(async (folder) => {
    const sessions: ComputeSession[] = [];
    const open = async (more: Partial<SessionOptions> = {}): Promise<ComputeSession> => {
      const session = await compute.openSession({
        scratchDirectory: join(folder, `scratch-${sessions.length}`),
        threads: 2,
        memoryBytes: 500_000_000,
        logicalTime: new Date("2024-02-29T12:30:00.123Z"),
        deterministic: false,
        logger: silentLogger,
        faultPoints: noFaults,
        ...options,
        ...more,
      });
      sessions.push(session);
      return session;
    };
    const session = await open();
    let files = 0;
    const query: Fixture["query"] = async (label, sql, inputs = {}) => session.query(sql, { inputs, label });
    const rows: Fixture["rows"] = async (relation) => (await session.sample(relation, 1_000_000)).rows;
    try {
      await run({
        session,
        folder,
        open,
        query,
        rows,
        select: async (sql, inputs) => rows(await query("select", sql, inputs)),
        tapped: async (relation) =>
          session.materialise(
            relation,
            { form: "file", uri: join(folder, `tapped-${++files}.parquet`), format: "parquet", options: {} },
            { taps: true },
          ),
        write: async (name, content) => {
          const path = join(folder, name);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, content);
          return path;
        },
      });
    } finally {
      for (const one of sessions) await one[Symbol.asyncDispose]();
    }
  });
}

/** Columns from their text. */
export function columnsOf(columns: Readonly<Record<string, string>>): Column[] {
  return Object.entries(columns).map(([name, text]) => parseColumn(name, text));
}

/** A CSV source with everything said. */
export function csvSource(
  uri: string,
  columns: Readonly<Record<string, string>>,
  options: JsonObject = {},
): {
  readonly uris: readonly string[];
  readonly format: "csv";
  readonly options: JsonObject;
  readonly columns: readonly Column[];
} {
  return { uris: [uri], format: "csv", options: { header: true, delim: ",", ...options }, columns: columnsOf(columns) };
}

/** The error that an operation rejects with. */
export async function errorOf(operation: Promise<unknown>): Promise<MillraceError> {
  const thrown: unknown = await operation.then(
    (value) => new Error(`it resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(isMillraceError(thrown), String(thrown)).toBe(true);
  return thrown as MillraceError;
}

/** Counts as text: `90`, or `90+` where they are at least that. */
export function countsOf(result: MaterialiseResult): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...result.counts].map(([label, { rows, at_least }]) => [label, `${rows}${at_least ? "+" : ""}`]),
  );
}
