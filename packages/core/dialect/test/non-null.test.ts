import { beforeAll, describe, expect, test } from "vitest";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Column, ParsedSql } from "@millrace/protocols";
import { corpus, tables } from "./non-null-corpus.ts";
import { createTreeSource, inputsOf, openDuckdb, readRows } from "./duckdb-fixture.ts";
import { createDuckdbAnalyzer } from "../src/index.ts";

let connection: DuckDBConnection;
let parsed: ReadonlyMap<string, ParsedSql>;
let brief: ReadonlyMap<string, ParsedSql>;
const inputs = inputsOf(Object.fromEntries(Object.entries(tables).map(([name, { columns }]) => [name, columns])));

async function parseCorpus(form: "full" | "brief"): Promise<ReadonlyMap<string, ParsedSql>> {
  const analyzer = createDuckdbAnalyzer({ trees: createTreeSource(connection, form) });
  const answers = await analyzer.parse(corpus.map(([sql]) => sql));
  return new Map(answers.map((answer) => [answer.text, answer]));
}

beforeAll(async () => {
  connection = await openDuckdb();
  for (const [name, { columns, rows }] of Object.entries(tables)) {
    await connection.run(`CREATE TABLE ${name} (${columns.replaceAll("!", " NOT NULL")})`);
    if (rows !== "") await connection.run(`INSERT INTO ${name} VALUES ${rows}`);
  }
  parsed = await parseCorpus("full");
  brief = await parseCorpus("brief");
});

function claims(
  answer: ParsedSql | undefined,
  outputs: readonly string[],
  given: ReadonlyMap<string, readonly Column[]> = inputs,
): readonly string[] {
  expect(answer?.error).toBeUndefined();
  return [...(answer?.nonNullColumns({ inputs: given, outputs }) ?? [])];
}

describe("columns that cannot be NULL", () => {
  test.each(corpus)("%s", async (sql, expected) => {
    const { names, rows } = await readRows(connection, sql);
    const found = claims(parsed.get(sql), names);
    expect(found).toEqual(expected.split(expected.includes("|") ? "|" : " ").filter(Boolean));
    // Soundness, on DuckDB: no column that is claimed has a NULL.
    const nulls = names.filter((_, index) => rows.some((row) => row[index] === null));
    expect(nulls.filter((name) => found.includes(name))).toEqual([]);
    // A tree without defaults may prove less, and never more.
    expect(found).toEqual(expect.arrayContaining([...claims(brief.get(sql), names)]));
  });
});
