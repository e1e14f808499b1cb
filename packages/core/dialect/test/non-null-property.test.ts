import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tables } from "./non-null-corpus.ts";
import { createTreeSource, inputsOf, openDuckdb, readRows } from "./duckdb-fixture.ts";
import { randomQuery } from "./random-query.ts";
import { createDuckdbAnalyzer } from "../src/index.ts";

test("no column that is claimed non-null has a NULL, in queries made at random", async () => {
  const connection = await openDuckdb();
  for (const [name, { columns, rows }] of Object.entries(tables)) {
    await connection.run(`CREATE TABLE ${name} (${columns.replaceAll("!", " NOT NULL")})`);
    if (rows !== "") await connection.run(`INSERT INTO ${name} VALUES ${rows}`);
  }
  const inputs = inputsOf(Object.fromEntries(Object.entries(tables).map(([name, { columns }]) => [name, columns])));
  const analyzer = createDuckdbAnalyzer({ trees: createTreeSource(connection) });
  let [ran, claimed, withNulls] = [0, 0, 0];
  const unsound: string[] = [];
  for (const sql of await analyzer.parse(fc.sample(randomQuery, { numRuns: 900, seed: 20_241_121 }))) {
    // Some are refused: a correlated subquery in a window, an aggregate of constants.
    const answer = await readRows(connection, sql.text).catch(() => undefined);
    if (answer === undefined) continue;
    ran++;
    const found = sql.nonNullColumns({ inputs, outputs: answer.names });
    claimed += found.size;
    for (const [index, name] of answer.names.entries()) {
      if (!answer.rows.some((row) => row[index] === null)) continue;
      withNulls++;
      if (found.has(name)) unsound.push(`${name}: ${sql.text}`);
    }
  }
  expect(unsound).toEqual([]);
  // Neither side is empty: many queries ran, many columns are claimed, many have NULL.
  expect(ran).toBeGreaterThan(600);
  expect(claimed).toBeGreaterThan(1000);
  expect(withNulls).toBeGreaterThan(300);
}, 30_000);
