import { describe, expect, test } from "vitest";
import type { ParsedSql } from "@millrace/protocols";
import { inputsOf, openAnalyzer } from "./duckdb-fixture.ts";
import { createDuckdbAnalyzer } from "../src/index.ts";

const nested: Readonly<Record<string, (depth: number) => string>> = {
  parentheses: (n) => `SELECT ${"(".repeat(n)}1${")".repeat(n)} AS a`,
  sum: (n) => `SELECT 1${" + 1".repeat(n)} AS a`,
  concatenation: (n) => `SELECT k${" || 'x'".repeat(n)} AS a FROM t`,
  calls: (n) => `SELECT ${"abs(".repeat(n)}1${")".repeat(n)} AS a`,
  casts: (n) => `SELECT 1${"::BIGINT".repeat(n)} AS a`,
  negations: (n) => `SELECT 1 AS a WHERE ${"NOT (".repeat(n)}1 = 1${")".repeat(n)}`,
  cases: (n) => `SELECT ${"CASE WHEN k = '' THEN 1 ELSE ".repeat(n)}1${" END".repeat(n)} AS a FROM t`,
  lists: (n) => `SELECT ${"[".repeat(n)}1${"]".repeat(n)} AS a`,
  subqueries: (n) => `SELECT * FROM ${"(SELECT * FROM ".repeat(n)}t${")".repeat(n)}`,
  scalars: (n) => `SELECT ${"(SELECT ".repeat(n)}1${")".repeat(n)} AS a`,
  ctes: (n) => `${"WITH a AS (".repeat(n)}SELECT 1 AS a${") SELECT * FROM a".repeat(n)}`,
  joins: (n) => `SELECT t.k FROM t${" LEFT JOIN t AS u USING (k)".repeat(n)}`,
  windows: (n) => `SELECT ${"list(".repeat(n)}k${") OVER (ORDER BY k)".repeat(n)} AS a FROM t`,
  conjunction: (n) => `SELECT k FROM t WHERE k = ''${" AND k > ''".repeat(n)}`,
  disjunction: (n) => `SELECT k FROM t WHERE k = ''${" OR k > '' AND k < 'z'".repeat(n)}`,
  union: (n) => `SELECT 1 AS a${" UNION ALL SELECT 1".repeat(n)}`,
  values: (n) => `VALUES (1)${", (2)".repeat(n)}`,
};

describe("SQL as deep as DuckDB parses it is read without a stack overflow", () => {
  test.each(Object.keys(nested))("%s", async (form) => {
    const analyzer = await openAnalyzer();
    const depths = [300, 990];
    const parsed = await analyzer.parse(depths.map((depth) => nested[form]?.(depth) ?? ""));
    const read = parsed.filter(({ error }) => error === undefined);
    expect(read.length).toBeGreaterThan(0);
    for (const sql of read) {
      expect(sql.analyze({ inputs: new Map() }).kind).toBe("select");
      expect(sql.nonNullColumns({ inputs: new Map(), outputs: ["a"] }).size).toBeLessThanOrEqual(1);
    }
    // What is not read says why.
    const reasons = parsed.flatMap(({ error }) => error?.message ?? []);
    expect(reasons.filter((reason) => !/Max expression depth|nests too deeply/.test(reason))).toEqual([]);
  });
});

const literal = {
  class: "CONSTANT",
  type: "VALUE_CONSTANT",
  value: { type: { id: "INTEGER" }, is_null: false, value: 1 },
};
const column = { class: "COLUMN_REF", type: "COLUMN_REF", column_names: ["k"] };
const select = (item: unknown): unknown => ({
  type: "SELECT_NODE",
  select_list: [item],
  from_table: { type: "BASE_TABLE", table_name: "t" },
  modifiers: [{ type: "LIMIT_MODIFIER", limit: literal }],
});
const wraps: Readonly<Record<string, (inner: unknown) => unknown>> = {
  cast: (child) => ({ class: "CAST", type: "OPERATOR_CAST", child, cast_type: { id: "BIGINT" } }),
  call: (child) => ({ class: "FUNCTION", type: "FUNCTION", function_name: "abs", children: [child] }),
  case: (child) => ({
    class: "CASE",
    type: "CASE_EXPR",
    case_checks: [{ when_expr: column, then_expr: literal }],
    else_expr: child,
  }),
  window: (child) => ({
    class: "WINDOW",
    type: "WINDOW_FIRST_VALUE",
    function_name: "first_value",
    children: [child],
    start: "UNBOUNDED_PRECEDING",
    end: "CURRENT_ROW_RANGE",
  }),
  subquery: (child) => ({
    class: "SUBQUERY",
    type: "SUBQUERY",
    subquery_type: "SCALAR",
    subquery: { node: select(child) },
  }),
};

function parseTree(wrap: string, times: number): Promise<readonly ParsedSql[]> {
  let node: unknown = column;
  for (let index = 0; index < times; index++) node = wraps[wrap]?.(node);
  const trees = {
    syntaxTrees: () => Promise.resolve([{ statements: [{ kind: "select" as const, node: select(node) }] }]),
  };
  return createDuckdbAnalyzer({ trees }).parse(["SELECT 1"]);
}

// DuckDB makes none of these; a source with another limit would.
describe("a tree deeper than DuckDB's", () => {
  test.each([
    ["cast", 1_190],
    ["call", 1_190],
    ["case", 1_190],
    ["window", 1_190],
    ["subquery", 590],
  ])("%s %i times is read", async (wrap, times) => {
    const inputs = inputsOf({ t: "k BIGINT!" });
    const [parsed] = await parseTree(wrap, times);
    expect(parsed?.error).toBeUndefined();
    expect(parsed?.analyze({ inputs }).tables).toHaveLength(1);
    expect(parsed?.nonNullColumns({ inputs, outputs: ["a"] }).size).toBeLessThanOrEqual(1);
  });

  test.each(Object.keys(wraps))("%s 100,000 times is refused, naming the limit", async (wrap) => {
    const [parsed] = await parseTree(wrap, 100_000);
    expect(parsed?.error?.message).toMatch(
      /^The SQL nests too deeply: \d+ levels, at most 1200\. Split it into several steps\.$/,
    );
    expect(parsed?.analyze({ inputs: new Map() }).tables).toEqual([]);
  });
});

test("a text of 10 MB is read in seconds", async () => {
  const big = `SELECT k, ${"'a''b $no -- é', ".repeat(500_000)}$yes AS y FROM t`;
  expect(big.length).toBeGreaterThan(8_000_000);
  const analyzer = await openAnalyzer();
  const start = performance.now();
  expect(analyzer.parameters(big).map(({ name }) => name)).toEqual(["yes"]);
  expect(analyzer.substitute(big, new Map([["yes", "1"]])).endsWith("1 AS y FROM t")).toBe(true);
  // About 0.5 s alone; a quadratic reading would take hours.
  expect(performance.now() - start).toBeLessThan(10_000);
}, 20_000);
