import * as fc from "fast-check";
import type { DuckDBConnection } from "@duckdb/node-api";
import { beforeAll, describe, expect, test } from "vitest";
import { inputsOf, openAnalyzer, openDuckdb, readRows } from "./duckdb-fixture.ts";
import { mustNotWarn, orderTables } from "./order-corpus.ts";
import { randomOrderQuery } from "./random-order-query.ts";

// What is not reported must have the same rows however they are stored: each query runs over the same rows in several orders.

const inputs = inputsOf(orderTables);
const connections: DuckDBConnection[] = [];

/** Rows with ties and NULL in every column but `id`, and floating numbers whose sum depends on their order. */
const rows: Readonly<Record<string, string>> = {
  t: `SELECT i AS id, chr(97 + (i % 3)::INTEGER) AS k, CASE WHEN i % 7 = 0 THEN NULL ELSE i % 4 END AS x, i / 7 AS d, (i / 11)::FLOAT AS f,
    (i % 5) / 4 AS dec, DATE '2024-01-01' + (i % 4)::INTEGER AS day, TIMESTAMP '2024-01-01' + INTERVAL 1 HOUR * (i % 5) AS ts, i % 2 = 0 AS flag
    FROM range(60) r(i)`,
  s: "SELECT i % 9 AS id, i / 3 AS w, i % 4 AS z FROM range(20) r(i)",
  q: "SELECT chr(97 + (i % 3)::INTEGER) AS sym, TIMESTAMP '2024-01-01' + INTERVAL 1 HOUR * (i % 4) AS ts, i / 4 AS price FROM range(20) r(i)",
};

beforeAll(async () => {
  // As they are made, backwards, and mixed in two ways.
  for (const order of ["rowid", "rowid DESC", "hash(rowid)", "hash(rowid + 7)"]) {
    const connection = await openDuckdb();
    for (const [name, columns] of Object.entries(orderTables)) {
      await connection.run(`CREATE TEMP TABLE source AS ${rows[name] ?? ""}`);
      await connection.run(`CREATE TABLE ${name} (${columns.replaceAll("!", " NOT NULL")})`);
      await connection.run(`INSERT INTO ${name} SELECT * FROM source ORDER BY ${order}`);
      await connection.run("DROP TABLE source");
    }
    connections.push(connection);
  }
});

/** The rows as a sorted list, for each order in which they are stored; undefined where DuckDB refuses the query. */
async function answers(sql: string): Promise<readonly string[] | undefined> {
  const texts: string[] = [];
  for (const connection of connections) {
    const answer = await readRows(connection, sql).catch(() => undefined);
    if (answer === undefined) return undefined;
    const lines = answer.rows.map((row) =>
      JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    );
    texts.push(lines.toSorted().join("\n"));
  }
  return texts;
}

describe("rows that are not reported are the same in every order", () => {
  test.each(mustNotWarn.filter((sql) => !sql.includes("$")))("%s", async (sql) => {
    const texts = await answers(sql);
    expect(texts).toHaveLength(4);
    expect(new Set(texts).size).toBe(1);
  });

  test("in queries made at random", async () => {
    let [same, reported, differing] = [0, 0, 0];
    const unsound: string[] = [];
    for (const sql of await (await openAnalyzer()).parse(fc.sample(randomOrderQuery, { numRuns: 400, seed: 2024 }))) {
      const texts = await answers(sql.text);
      if (texts === undefined) continue;
      const isSame = new Set(texts).size === 1;
      const isReported = sql.analyze({ inputs }).orderDependence.length > 0;
      if (isReported) reported++;
      if (!isSame) differing++;
      if (isSame && !isReported) same++;
      if (!isSame && !isReported) unsound.push(sql.text);
    }
    expect(unsound).toEqual([]);
    // All three kinds are there.
    expect(same).toBeGreaterThan(100);
    expect(reported).toBeGreaterThan(100);
    expect(differing).toBeGreaterThan(50);
  }, 60_000);
});
