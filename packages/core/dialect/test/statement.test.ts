import { describe, expect, test } from "vitest";
import { openAnalyzer, sharedDuckdb } from "./duckdb-fixture.ts";
import { createDuckdbAnalyzer } from "../src/index.ts";

describe("kinds of statements", () => {
  test.each([
    ["SELECT 1", "select"],
    ["  -- c\n /* x */ ((SELECT 1))", "select"],
    ["VALUES (1)", "select"],
    ["FROM t", "select"],
    ["TABLE t", "select"],
    ["SELECT 1 UNION ALL SELECT 2", "select"],
    ["PIVOT t ON k IN ('a') USING sum(v)", "select"],
    ["UNPIVOT t ON a, b", "select"],
    ["WITH x AS (SELECT 1) FROM x", "select"],
    ["SUMMARIZE t", "select"],
    ["PIVOT t ON k USING sum(v)", "dynamic_pivot"],
    ["PIVOT_WIDER t ON k, lower(j), m IN (1, 2) USING sum(v) GROUP BY id ORDER BY id", "dynamic_pivot"],
    ["SELECT * FROM (PIVOT t ON k) AS p JOIN s ON p.id = s.id", "dynamic_pivot"],
    ["WITH p AS (PIVOT t ON k USING first(v)) SELECT * FROM p", "dynamic_pivot"],
    ["PIVOT t ON k IN (SELECT z FROM s)", "dynamic_pivot"],
    ["SELECT 'pivot t on k' AS text", "select"],
    ["DESCRIBE t", "other"],
    ["SHOW TABLES", "other"],
    ["INSERT INTO t VALUES (1)", "insert"],
    ["WITH x AS (SELECT 1) INSERT INTO t FROM x", "insert"],
    [
      "WITH RECURSIVE a(n, m) AS MATERIALIZED (SELECT (1), 2), b AS NOT MATERIALIZED (SELECT 1) DELETE FROM t",
      "delete",
    ],
    ["UPDATE t SET a = 1", "update"],
    ["DELETE FROM t", "delete"],
    ["TRUNCATE t", "delete"],
    ["CREATE TABLE x AS SELECT 1", "create"],
    ["DROP TABLE x", "drop"],
    ["ALTER TABLE x ADD COLUMN y INTEGER", "alter"],
    ["COPY t TO 'x.csv'", "copy"],
    ["EXPORT DATABASE 'x'", "copy"],
    ["ATTACH 'x.db'", "attach"],
    ["USE x", "attach"],
    ["SET threads = 1", "set"],
    ["RESET threads", "set"],
    ["PRAGMA version", "pragma"],
    ["CALL pragma_version()", "call"],
    ["INSTALL httpfs", "load"],
    ["BEGIN", "transaction"],
    ["COMMIT", "transaction"],
    ["EXPLAIN SELECT 1", "other"],
    ["MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE", "other"],
    ["VACUUM", "other"],
  ])("%s is %s", async (sql, kind) => {
    const [parsed] = await (await openAnalyzer()).parse([sql]);
    expect(parsed?.error).toBeUndefined();
    expect(parsed?.statements).toBe(1);
    expect(parsed?.analyze({ inputs: new Map() }).kind).toBe(kind);
  });
});

test.each([
  ["SELECT 1; SELECT 2;", 2, "select"],
  ["SELECT ';' -- ;\n;;", 1, "select"],
  ["SELECT 1; DROP TABLE x", 2, "drop"],
  ["DROP TABLE x; SELECT $$;$$", 2, "drop"],
])("%s has %i statements", async (sql, statements, kind) => {
  const [parsed] = await (await openAnalyzer()).parse([sql]);
  expect(parsed?.statements).toBe(statements);
  expect(parsed?.analyze({ inputs: new Map() }).kind).toBe(kind);
});

describe("texts that are no statement", () => {
  test.each([
    ["", "The text has no statement."],
    ["-- nothing", "The text has no statement."],
    [";", "The text has no statement."],
    ["SELEC 1", 'syntax error at or near "SELEC"'],
    ["SELECT * FROM", "syntax error at end of input"],
    ["PIVOT t ON", "syntax error at end of input"],
  ])("%s", async (sql, message) => {
    const [parsed] = await (await openAnalyzer()).parse([sql]);
    expect(parsed?.error?.message).toBe(message);
    expect(parsed?.analyze({ inputs: new Map() })).toMatchObject({ kind: "other", tables: [] });
    expect(parsed?.nonNullColumns({ inputs: new Map(), outputs: ["a"] })).toEqual(new Set());
  });
});

test("a source that tells kinds itself is believed", async () => {
  const trees = {
    syntaxTrees: (texts: readonly string[]) =>
      Promise.resolve(texts.map(() => ({ statements: [{ kind: "load" as const }] }))),
  };
  const [parsed] = await createDuckdbAnalyzer({ trees }).parse(["anything"]);
  expect(parsed?.analyze({ inputs: new Map() }).kind).toBe("load");
});

test("a source that gives the query without its wrapper is understood", async () => {
  const full = await openAnalyzer();
  const bare = createDuckdbAnalyzer({
    trees: {
      syntaxTrees: async (texts) => {
        const reader = await (
          await sharedDuckdb()
        ).runAndReadAll("SELECT json_serialize_sql($text::VARCHAR)", { text: texts[0] ?? "" });
        const tree = JSON.parse(String(reader.getRows()[0]?.[0])) as {
          readonly statements: readonly { readonly node: unknown }[];
        };
        return [{ statements: tree.statements.map(({ node }) => ({ kind: "select" as const, node })) }];
      },
    },
  });
  for (const sql of ["SELECT id, first(x) AS f FROM t GROUP BY id LIMIT 3", "SELECT ? AS a"]) {
    const [expected] = await full.parse([sql]);
    const [parsed] = await bare.parse([sql]);
    expect(parsed?.error).toEqual(expected?.error);
    expect(parsed?.analyze({ inputs: new Map() })).toEqual(expected?.analyze({ inputs: new Map() }));
  }
});
