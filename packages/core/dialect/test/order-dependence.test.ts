import { describe, expect, test } from "vitest";
import type { OrderDependence } from "@millrace/protocols";
import { inputsOf, openAnalyzer } from "./duckdb-fixture.ts";
import { mustNotWarn, mustWarn, orderTables } from "./order-corpus.ts";

const inputs = inputsOf(orderTables);

async function findings(
  sql: string,
  keys: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(),
): Promise<readonly OrderDependence[]> {
  const [parsed] = await (await openAnalyzer()).parse([sql]);
  expect(parsed?.error).toBeUndefined();
  return parsed?.analyze({ inputs, keys }).orderDependence ?? [];
}

test("there are at least twenty texts on either side", () => {
  expect(mustWarn.length).toBeGreaterThanOrEqual(20);
  expect(mustNotWarn.length).toBeGreaterThanOrEqual(20);
});

describe("rows that depend on order", () => {
  test.each(mustWarn)("%s", async (sql, expected) => {
    const found = await findings(sql);
    expect(found.map(({ kind, what }) => `${kind} ${what}`).join(", ")).toBe(expected);
    for (const { message } of found) expect(message).toMatch(/^\S.*\. \S.*\.$/);
  });
});

describe("rows that do not depend on order", () => {
  test.each(mustNotWarn)("%s", async (sql) => {
    expect(await findings(sql)).toEqual([]);
  });
});

test("a tree without defaults says the same", async () => {
  const texts = [...mustWarn.map(([sql]) => sql), ...mustNotWarn];
  const [full, brief] = await Promise.all([
    (await openAnalyzer()).parse(texts),
    (await openAnalyzer("brief")).parse(texts),
  ]);
  for (const [index, sql] of full.entries()) expect(brief[index]?.analyze({ inputs })).toEqual(sql.analyze({ inputs }));
});

describe("known keys", () => {
  const keys = new Map([
    ["t", [["id"]]],
    ["q", [["sym", "ts"]]],
  ]);
  test.each([
    "SELECT *, row_number() OVER (PARTITION BY k ORDER BY ts, id) AS n FROM t",
    "SELECT k, lag(x) OVER (ORDER BY id) AS p FROM t",
    "SELECT * FROM t ORDER BY day, ID LIMIT 10",
    "SELECT k, arg_max(x, (ts, id)) AS p, list(x ORDER BY day, id) AS l FROM t GROUP BY k",
    "SELECT id, first(x) AS p, sum(d) AS s FROM t GROUP BY id",
    "SELECT t.id, q.price FROM t ASOF JOIN q ON t.k = q.sym AND t.ts >= q.ts",
    "SELECT t.*, u.x AS other FROM t LEFT JOIN t AS u ON t.x = u.id ORDER BY t.id LIMIT 5",
    "SELECT * FROM q WHERE sym = 'A' ORDER BY ts LIMIT 5",
    "WITH c AS (SELECT id AS c, ts FROM t WHERE x > 1) SELECT * FROM c ORDER BY c LIMIT 5",
    "SELECT sum(d) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS p, k FROM t",
  ])("%s", async (sql) => {
    expect(await findings(sql, keys)).toEqual([]);
    // Without them there is a finding, except where ORDER BY inside an aggregate is taken at its word.
    expect((await findings(sql)).length).toBeGreaterThan(0);
  });

  test.each([
    ["SELECT k, list(x ORDER BY ts) AS p FROM t GROUP BY k", "aggregate list"],
    ["SELECT sum(d ORDER BY day) AS p FROM t", "float_sum sum"],
    ["SELECT t.*, u.x AS other FROM t JOIN t AS u ON t.x = u.x ORDER BY t.id LIMIT 5", "limit limit"],
    ["SELECT t.*, s.w FROM t LEFT JOIN s ON t.id = s.id ORDER BY t.id LIMIT 5", "limit limit"],
    ["SELECT id, unnest([1, 2]) AS u FROM t ORDER BY id LIMIT 5", "limit limit"],
    ["SELECT id FROM t UNION ALL SELECT id FROM t ORDER BY id LIMIT 5", ""],
    ["SELECT id, x FROM t UNION ALL SELECT id, x FROM t ORDER BY id LIMIT 5", "limit limit"],
    ["SELECT * FROM q WHERE sym >= 'A' ORDER BY ts LIMIT 5", "limit limit"],
  ])("%s", async (sql, expected) => {
    expect((await findings(sql, keys)).map(({ kind, what }) => `${kind} ${what}`).join(", ")).toBe(expected);
  });
});

test("a finding stands where its function or clause stands", async () => {
  const found = await findings("SELECT k, sum(d) AS a,\n first(x) AS b FROM t GROUP BY k LIMIT 3");
  expect(found.map(({ what, offset }) => [what, offset])).toEqual([
    ["sum", 10],
    ["first", 24],
    ["limit", 62],
  ]);
});
