import { describe, expect, test } from "vitest";
import type { SqlAnalysis } from "@millrace/protocols";
import { inputsOf, openAnalyzer } from "./duckdb-fixture.ts";

const inputs = inputsOf({ t: "id BIGINT!, k VARCHAR", s: "id BIGINT!, z INTEGER" });

async function analyze(sql: string): Promise<SqlAnalysis | undefined> {
  const [parsed] = await (await openAnalyzer()).parse([sql]);
  expect(parsed?.error).toBeUndefined();
  return parsed?.analyze({ inputs });
}

describe("tables that a text reads, and those that it reads more than once", () => {
  test.each([
    ["SELECT * FROM t", "t", ""],
    ["FROM t", "t", ""],
    ["TABLE t", "t", ""],
    ["VALUES (1), (2)", "", ""],
    ["SELECT * FROM t, s AS q JOIN u USING (id)", "t s u", ""],
    ["SELECT * FROM t AS a JOIN T AS b ON a.id = b.id", "t", "t"],
    ['SELECT * FROM "T", t, "Two Words"', "T Two Words", "T"],
    ["SELECT * FROM main.t, cat.main.t, t", "main.t cat.main.t t", ""],
    ["SELECT * FROM 'data/x.parquet'", "data/x.parquet", ""],
    // CTEs
    ["WITH c AS (SELECT * FROM t) SELECT * FROM c", "t", ""],
    ["WITH C AS (SELECT * FROM t) SELECT * FROM c", "t", ""],
    ['WITH "My C" AS (SELECT * FROM t) SELECT * FROM "my c"', "t", ""],
    ["WITH t AS (SELECT * FROM t) SELECT * FROM t", "t", ""],
    ["WITH c AS (SELECT * FROM t) SELECT * FROM main.c", "t main.c", ""],
    ["WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS one) SELECT * FROM a", "b", ""],
    ["WITH a AS (WITH b AS (SELECT * FROM t) SELECT * FROM b) SELECT * FROM a, b", "t b", ""],
    ["SELECT * FROM (WITH c AS (SELECT * FROM t) SELECT * FROM c), c", "t c", ""],
    ["WITH c AS (SELECT 1 AS n) SELECT * FROM (WITH c AS (SELECT * FROM t) SELECT * FROM c), c", "t", ""],
    ["WITH unused AS (SELECT * FROM t) SELECT 1 AS one", "t", ""],
    ["WITH RECURSIVE r AS (SELECT id FROM t UNION ALL SELECT id + 1 FROM r WHERE id < 5) SELECT * FROM r", "t", ""],
    [
      "WITH RECURSIVE r AS (SELECT id FROM t UNION ALL SELECT r.id FROM r JOIN s USING (id)) SELECT * FROM r",
      "t s",
      "s",
    ],
    ["WITH c AS (SELECT * FROM t) SELECT * FROM c AS a JOIN c AS b USING (id)", "t", "t"],
    ["WITH c AS (SELECT * FROM t), d AS (SELECT * FROM c) SELECT * FROM c JOIN d USING (id)", "t", "t"],
    // subqueries
    ["SELECT * FROM t WHERE id IN (SELECT id FROM s WHERE s.id = t.id) AND EXISTS (FROM u)", "t s u", ""],
    ["SELECT (SELECT max(z) FROM s WHERE s.id = t.id) AS m FROM t WHERE id > ALL (SELECT id FROM s)", "s t", "s"],
    ["SELECT * FROM t, LATERAL (SELECT * FROM s WHERE s.id = t.id) AS l", "t s", ""],
    ["WITH t2 AS (SELECT * FROM s) SELECT * FROM t WHERE id IN (SELECT id FROM t2)", "s t", ""],
    ["SELECT * FROM t ORDER BY (SELECT max(z) FROM s) LIMIT (SELECT count(*) FROM u)", "t s u", ""],
    [
      "SELECT k FROM t GROUP BY k HAVING count(*) > (SELECT max(z) FROM s) QUALIFY row_number() OVER (ORDER BY (SELECT 1 FROM u)) = 1",
      "t s u",
      "",
    ],
    [
      "SELECT CASE WHEN id IN (SELECT id FROM s) THEN 1 END AS c, [x + (SELECT 1 FROM u) FOR x IN [1]] AS l FROM t",
      "s u t",
      "",
    ],
    ["SELECT * FROM t JOIN s ON t.id = (SELECT max(id) FROM u)", "t s u", ""],
    ["SELECT * FROM range((SELECT max(id) FROM t)) AS r(i)", "t", ""],
    ["VALUES ((SELECT max(id) FROM t))", "t", ""],
    // set operations, PIVOT, SUMMARIZE
    ["SELECT id FROM t UNION SELECT id FROM s EXCEPT SELECT id FROM u", "t s u", ""],
    ["SELECT id FROM t UNION ALL SELECT id FROM t", "t", "t"],
    ["PIVOT t ON k IN ('a') USING count(*)", "t", ""],
    ["SELECT * FROM s PIVOT (sum(z) FOR id IN (1, 2))", "s", ""],
    ["UNPIVOT s ON id, z", "s", ""],
    ["PIVOT (SELECT * FROM t JOIN s USING (id)) ON k", "t s", ""],
    ["PIVOT t ON k IN (SELECT z FROM s) USING count(*)", "t s", ""],
    [
      "WITH c AS (SELECT * FROM s) SELECT * FROM (PIVOT t ON k IN (SELECT z FROM c), id USING count(*)) JOIN u USING (id)",
      "s t u",
      "",
    ],
    ["SUMMARIZE t", "t", ""],
  ])("%s", async (sql, tables, repeated) => {
    const analysis = await analyze(sql);
    const names = analysis?.tables.map(({ catalog, schema, name }) =>
      [catalog, schema, name].filter((part) => part !== undefined).join("."),
    );
    // "Two Words" is one name.
    expect(names?.join(" ")).toBe(tables);
    expect(analysis?.repeatedTables.join(" ")).toBe(repeated);
  });

  test("stand where they are written, also behind characters of several bytes and in a PIVOT that was completed", async () => {
    const texts = [
      "SELECT 'é😀' AS x FROM t JOIN\u00a0s USING (id)",
      "WITH q AS (FROM t) PIVOT q ON k IN (SELECT z FROM s), lower(k || 'é') USING count(*)",
    ];
    for (const sql of texts) {
      for (const { name, offset } of (await analyze(sql))?.tables ?? [])
        expect(sql.slice(offset, (offset ?? 0) + 1)).toBe(name);
    }
  });
});

// As the parser names them: `[1]` is list_value(1), and an INTERVAL is made by to_days().
describe("functions that a text calls", () => {
  test.each([
    ["SELECT Upper(k), count(*), coalesce(k, '') FROM t", "upper count", "", ""],
    ["SELECT k || '!' LIKE 'a%', id + 1 FROM t", "", "", ""],
    ["SELECT row_number() OVER (ORDER BY id), sum(id) OVER () FROM t", "row_number sum", "", ""],
    ["SELECT list_transform([1], lambda x: abs(x)) FROM t", "list_transform list_value abs", "", ""],
    ["SELECT * FROM Read_CSV('x.csv', header = true), range(3), t", "", "read_csv range", ""],
    ["SELECT * FROM query('SELECT 1'), query_table('t')", "", "query query_table", ""],
    ["SELECT * FROM (SHOW TABLES)", "", "show", ""],
    [
      "SELECT random(), uuid(), gen_random_uuid(), nextval('s')",
      "random uuid gen_random_uuid nextval",
      "",
      "random uuid gen_random_uuid nextval",
    ],
    [
      "SELECT setseed(0.5), getvariable('x'), current_setting('threads'), txid_current()",
      "setseed getvariable current_setting txid_current",
      "",
      "setseed getvariable current_setting txid_current",
    ],
    [
      "SELECT now(), current_timestamp, current_date, today(), get_current_timestamp(), ago(INTERVAL 1 DAY)",
      "now current_timestamp current_date today get_current_timestamp ago to_days trunc",
      "",
      "",
    ],
    [
      "SELECT localtimestamp, current_time, localtime, transaction_timestamp()",
      "localtimestamp current_time localtime transaction_timestamp",
      "",
      "localtimestamp current_time localtime transaction_timestamp",
    ],
    ["SELECT age(DATE '2024-01-01'), age(DATE '2024-01-01', DATE '2023-01-01')", "age", "", "age"],
    ["SELECT system.main.now(), main.today()", "now today", "", "now"],
    ["SELECT current_date, q.localtime FROM (SELECT 1 AS current_date, 2 AS localtime) AS q", "", "", ""],
    ["SELECT id FROM t WHERE id IN (SELECT hash(random()) FROM s)", "hash random", "", "random"],
    ["SELECT id FROM t ORDER BY random()", "random", "", "random"],
  ])("%s", async (sql, functions, tableFunctions, volatile) => {
    const analysis = await analyze(sql);
    expect(analysis?.functions.join(" ")).toBe(functions);
    expect(analysis?.tableFunctions.join(" ")).toBe(tableFunctions);
    expect(analysis?.volatile.join(" ")).toBe(volatile);
  });
});

test.each([
  ["SELECT * FROM t ORDER BY id", true],
  ["SELECT id FROM t UNION SELECT id FROM s ORDER BY ALL LIMIT 3", true],
  ["(SELECT * FROM t ORDER BY id)", true],
  ["WITH c AS (SELECT 1) SELECT * FROM t ORDER BY 1", true],
  ["SELECT * FROM (SELECT * FROM t ORDER BY id)", false],
  ["SELECT row_number() OVER (ORDER BY id) FROM t", false],
])("%s is ordered: %s", async (sql, ordered) => {
  expect((await analyze(sql))?.ordered).toBe(ordered);
});
