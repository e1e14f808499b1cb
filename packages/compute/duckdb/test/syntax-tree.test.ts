import { afterAll, describe, expect, test } from "vitest";
import { duckdb } from "../src/index.ts";

const engine = duckdb();
afterAll(async () => engine.close());

describe("syntax trees", () => {
  // Kinds that a first word decides, queries that have none, and statements that hide behind WITH.
  test.each([
    ["select 1", ["select"]],
    ["from raw", ["select"]],
    ["values (1)", ["select"]],
    ["with a as (select 1) select * from a", ["select"]],
    ["(select 1) union all (select 2)", ["select"]],
    ["pivot raw on k in (1, 2) using sum(v)", ["select"]],
    ["pivot raw on k using sum(v)", ["dynamic_pivot"]],
    ["select * from (pivot raw on k using sum(v))", ["dynamic_pivot"]],
    ["with a as (pivot raw on k using sum(v)) select * from a", ["dynamic_pivot"]],
    ["describe raw", ["select"]],
    ["insert into a values (1)", ["insert"]],
    ["with a as (select 1) insert into b select * from a", ["insert"]],
    ["merge into x using y on x.a = y.a when matched then delete", ["update"]],
    ["update x set a = 1", ["update"]],
    ["delete from x", ["delete"]],
    ["/* c */ create table x as select 1", ["create"]],
    ["drop table x", ["drop"]],
    ["alter table x add column b int", ["alter"]],
    ["copy (select 1) to 'x'", ["copy"]],
    ["attach 'x'", ["attach"]],
    ["set threads = 1", ["set"]],
    ["pragma version", ["pragma"]],
    ["call f(1)", ["call"]],
    ["install httpfs", ["load"]],
    ["begin", ["transaction"]],
    ["explain select 1", ["other"]],
    ["vacuum", ["other"]],
    ["select 1; insert into a values (1); select 2", ["select", "insert", "select"]],
    ["select 1; pivot raw on k using sum(v)", ["select", "dynamic_pivot"]],
    ["select $since, $name", ["select"]],
  ])("%s", async (sql, kinds) => {
    const [tree] = await engine.syntaxTrees([sql]);
    expect(tree).not.toHaveProperty("message");
    const statements = (tree as { statements: readonly { kind: string; node?: unknown }[] }).statements;
    expect(statements.map(({ kind }) => kind)).toEqual(kinds);
    for (const { kind, node } of statements) expect(node !== undefined).toBe(kind === "select");
  });

  test.each([
    ["selec 1", "syntax error", 0],
    ["select '😀é', frm frm frm", "syntax error", "select '😀é', frm frm ".length],
    ["select 1 where where", "syntax error", "select 1 where ".length],
    ["", "no statement", undefined],
    ["-- nothing", "no statement", undefined],
    ["select $a, ?", "Mixing named and positional", undefined],
  ])("%s is an error at its place", async (sql, message, offset) => {
    const [error] = await engine.syntaxTrees([sql]);
    expect(error).toMatchObject({
      message: expect.stringContaining(message) as string,
      ...(offset === undefined ? {} : { offset }),
    });
  });

  test("nodes are DuckDB's own", async () => {
    const [tree] = await engine.syntaxTrees(["select a from raw"]);
    expect(tree).toMatchObject({
      statements: [{ node: { type: "SELECT_NODE", from_table: { type: "BASE_TABLE", table_name: "raw" } } }],
    });
  });

  test("answers keep the order of a thousand texts, broken ones among them", async () => {
    const texts = Array.from({ length: 1000 }, (_, index) =>
      index % 10 === 3 ? `selec ${index}` : `select ${index} as n`,
    );
    const trees = await engine.syntaxTrees(texts);
    expect(
      trees.map((tree) =>
        "message" in tree ? "error" : JSON.stringify(tree.statements[0]?.node).match(/"value":(\d+)\}/)?.[1],
      ),
    ).toEqual(texts.map((_, index) => (index % 10 === 3 ? "error" : String(index))));
    expect(await engine.syntaxTrees([])).toEqual([]);
  });

  test("files are out of reach while texts are parsed", async () => {
    const [tree] = await engine.syntaxTrees(["select * from '/etc/passwd'"]);
    expect(tree).toMatchObject({ statements: [{ kind: "select" }] });
  });
});
