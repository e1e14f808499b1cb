import { DuckDBInstance, listValue } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";
import { parseColumn } from "@millrace/foundation";
import type { Column, SqlSyntaxError, SqlSyntaxTreeSource, SyntaxTree } from "@millrace/protocols";
import { createDuckdbAnalyzer } from "../src/index.ts";

/** A DuckDB in memory, opened as the engine opens it. */
export async function openDuckdb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "2",
    disabled_optimizers: "join_filter_pushdown",
  });
  return instance.connect();
}

/** What `json_serialize_sql` answers. */
export interface SerializedTree {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements?: readonly {
    readonly node: unknown;
    readonly named_param_map?: readonly { readonly key: string }[];
  }[];
}

/** Trees of many texts by one statement. `brief` leaves defaults out, which a source may do. */
export async function serialize(
  connection: DuckDBConnection,
  texts: readonly string[],
  form: "full" | "brief" = "full",
): Promise<readonly SerializedTree[]> {
  const options = form === "full" ? "" : ", skip_default := true, skip_null := true, skip_empty := true";
  const sql = `SELECT json_serialize_sql(text${options}) FROM (SELECT unnest($texts) AS text)`;
  const reader = await connection.runAndReadAll(sql, { texts: listValue([...texts]) });
  return reader.getRows().map(([json]) => JSON.parse(String(json)) as SerializedTree);
}

/** Syntax trees straight from DuckDB. */
export function createTreeSource(connection: DuckDBConnection, form: "full" | "brief" = "full"): SqlSyntaxTreeSource {
  return {
    syntaxTrees: async (texts) => {
      const trees = await serialize(connection, texts, form);
      return trees.map((tree): SyntaxTree | SqlSyntaxError => {
        if (tree.error) return { message: tree.error_message ?? "" };
        return { statements: (tree.statements ?? []).map((node) => ({ kind: "select", node })) };
      });
    },
  };
}

/** Rows of a query as plain values, and the names of its columns. */
export async function readRows(
  connection: DuckDBConnection,
  sql: string,
): Promise<{ readonly names: readonly string[]; readonly rows: readonly (readonly unknown[])[] }> {
  const reader = await connection.runAndReadAll(sql);
  return { names: reader.columnNames(), rows: reader.getRows() };
}

/** Inputs from text: `{ t: "id BIGINT!, amount DOUBLE" }`. */
export function inputsOf(tables: Readonly<Record<string, string>>): ReadonlyMap<string, readonly Column[]> {
  return new Map(
    Object.entries(tables).map(([table, columns]) => [
      table,
      columns.split(/,\s*(?![^(]*\))/).map((column) => {
        const [, name = "", type = ""] = /^(\w+) (.*)$/.exec(column) ?? [];
        return parseColumn(name, type);
      }),
    ]),
  );
}

let shared: Promise<DuckDBConnection> | undefined;

/** One DuckDB for the tests of a file that only parse. */
export function sharedDuckdb(): Promise<DuckDBConnection> {
  shared ??= openDuckdb();
  return shared;
}

/** An analyzer over the shared DuckDB. */
export async function openAnalyzer(form: "full" | "brief" = "full"): Promise<ReturnType<typeof createDuckdbAnalyzer>> {
  return createDuckdbAnalyzer({ trees: createTreeSource(await sharedDuckdb(), form) });
}
