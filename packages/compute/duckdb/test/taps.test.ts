import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RelationId } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { outputRows, parseProfile } from "../src/profile.ts";
import type { QueryRelation } from "../src/relation.ts";
import { countTaps, openTap } from "../src/taps.ts";
import { countsOf, csvSource, withSession } from "./session-fixture.ts";
import type { Fixture } from "./session-fixture.ts";

/** A Parquet file of `n` from 0 in many row groups, so that reads can stop early and skip. */
async function numbers({ session, folder, query }: Fixture, count: number, label = "numbers"): Promise<RelationId> {
  const range = await query(`${label}_range`, `select range as n from range(${count})`);
  const uri = join(folder, `${label}.parquet`);
  await session.materialise(range, { form: "file", uri, format: "parquet", options: { row_group_size: 20_480 } });
  return session.scan({ uris: [uri], format: "parquet", options: {} }, label);
}

describe("rows of steps inside one statement", () => {
  test("a limit of the author's own is no tap, and cuts what is below it short", async () => {
    await withSession(async (fixture) => {
      const raw = await numbers(fixture, 500_000);
      const even = await fixture.query("even", "select * from raw where n % 2 = 0", { raw });
      const some = await fixture.query("some", "select * from src limit 1000", { src: even });
      const end = await fixture.query("end", "select count(*) as c from src", { src: some });
      const counts = countsOf(await fixture.tapped(end));
      expect(counts).toMatchObject({ numbers: "500000", some: "1000", end: "1" });
      expect(counts["even"]).toMatch(/^\d+\+$/);
    });
  });

  test("ORDER BY with LIMIT reads everything, and says so unless a filter of its own reached the source", async () => {
    await withSession(async (fixture) => {
      const raw = await numbers(fixture, 500_000);
      const even = await fixture.query("even", "select n from raw where n % 2 = 0", { raw });
      const low = await fixture.query("low", "select n from src order by n limit 5", { src: even });
      const counts = countsOf(await fixture.tapped(low));
      // The Top-N tells the scan which row groups cannot matter; truth is 250,000.
      expect(counts["low"]).toBe("5");
      expect(counts["even"]).toMatch(/^\d+\+$|^250000$/);
      const hashed = await fixture.query("hashed", "select n, n * 7919 % 100003 as h from raw", { raw });
      const top = await fixture.query("top", "select h, n from src order by h, n limit 5", { src: hashed });
      expect(countsOf(await fixture.tapped(top))).toMatchObject({ hashed: "500000", top: "5" });
    });
  });

  test("a recursive step does not count what it reads again in each round", async () => {
    await withSession(async (fixture) => {
      const parent = await fixture.query(
        "parents",
        "select * from (values (1, 0), (2, 1), (3, 2), (4, 3)) t(id, parent)",
      );
      const kept = await fixture.query("kept", "select * from src where id > 0", { src: parent });
      const tree = await fixture.query(
        "tree",
        "with recursive t as (select id, 1 as depth from nodes where parent = 0 union all select n.id, depth + 1 from t join nodes n on n.parent = t.id) select * from t",
        { nodes: kept },
      );
      const deepest = await fixture.query("deepest", "select max(depth) as d from src", { src: tree });
      const counts = countsOf(await fixture.tapped(deepest));
      expect(counts).toMatchObject({ tree: "4", deepest: "1" });
      expect(["4", "4+", undefined]).toContain(counts["kept"]);
    });
  });

  test("correlated and lateral subqueries leave counts exact or at least", async () => {
    await withSession(async (fixture) => {
      const raw = await numbers(fixture, 30_000);
      const a = await fixture.query("a", "select n from raw where n < 1000", { raw });
      const b = await fixture.query("b", "select n, n % 1000 as k from raw where n % 5 = 0", { raw });
      const both = await fixture.query(
        "both",
        "select a.n, (select max(b.n) from b where b.n <= a.n) as m, x.n as first from a, lateral (select n from b where b.k = a.n order by n limit 1) x",
        { a, b },
      );
      const result = await fixture.tapped(both);
      const truth = { a: 1000, b: 6000, both: 200 };
      expect(result.rows).toBe(truth.both);
      for (const [label, rows] of Object.entries(truth)) {
        const count = result.counts.get(label);
        if (count?.at_least === false) expect([label, count.rows]).toEqual([label, rows]);
        else expect(count?.rows ?? 0).toBeLessThanOrEqual(rows);
      }
    });
  });

  test("a correlated join at the very end still says how many rows were written", async () => {
    await withSession(async (fixture) => {
      const raw = await numbers(fixture, 3000);
      const end = await fixture.query(
        "end",
        "select a.n from raw a where exists (select 1 from raw b where b.n = a.n * 2)",
        { raw },
      );
      const csv = await fixture.session.materialise(
        end,
        { form: "file", uri: join(fixture.folder, "end.csv"), format: "csv", options: {} },
        { taps: true },
      );
      expect(csv.rows).toBe(1500);
      expect(readFileSync(join(fixture.folder, "end.csv"), "utf8").trim().split("\n")).toHaveLength(1501);
    });
  });

  test("rows of a text source are those that were read", async () => {
    await withSession(async (fixture) => {
      const { session, write, query } = fixture;
      const lines = Array.from({ length: 5000 }, (_, index) => `${index},t${index}`).join("\n");
      const first = await write("first.csv", `n,t\n${lines}\n`);
      const second = await write("second.csv", `t,n\nx,1\n`);
      const swapped = await session.scan(csvSource(first, { n: "INTEGER", t: "VARCHAR" }), "first");
      const both = await session.scan(
        { ...csvSource(first, { n: "INTEGER", t: "VARCHAR" }), uris: [first, second] },
        "both",
      );
      const ndjson = await write("x.ndjson", '{"n":1}\n{"n":2}\n');
      const json = await session.scan(
        {
          uris: [ndjson],
          format: "ndjson",
          options: {},
          columns: [{ name: "n", type: { type: "INTEGER" }, nullable: true }],
        },
        "json",
      );
      const filtered = await query("filtered", "select a.n from a join j on j.n = a.n where a.n < 10", {
        a: swapped,
        j: json,
      });
      expect(countsOf(await fixture.tapped(filtered))).toMatchObject({ first: "5000", json: "2", filtered: "2" });
      // Two headers are two reads.
      expect(
        countsOf(await fixture.tapped(await query("all", "select count(*) as c from src", { src: both }))),
      ).toMatchObject({ both: "5001" });
      const few = await query("few", "select * from src limit 3", { src: swapped });
      expect(countsOf(await fixture.tapped(few))["first"]).toMatch(/\+$/);
    });
  });

  test("a step's own column with the name of a marker changes nothing", async () => {
    await withSession(async (fixture) => {
      const raw = await numbers(fixture, 100);
      const odd = await fixture.query(
        "odd",
        'select n as "mr:1", n + 1 as "mr:2", n as "MR1:2" from raw where n % 2 = 1',
        { raw },
      );
      const end = await fixture.query("end", 'select * from src where "mr:1" > 0', { src: odd });
      const result = await fixture.tapped(end);
      expect(countsOf(result)).toEqual({ numbers: "100", odd: "50", end: "50" });
      expect(result.columns.map((column) => column.name)).toEqual(["mr:1", "mr:2", "MR1:2"]);
    });
  });
});

describe("profiles", () => {
  const relation = (label: string): QueryRelation => ({
    kind: "query",
    id: label as RelationId,
    label,
    sql: "",
    inputs: new Map(),
  });

  test("DuckDB 2.0 names a tap by its limit", () => {
    // Written by DuckDB 2.0.0 for the statement of test/cases/profile-2.0.sql.
    const profile = parseProfile(readFileSync(join(import.meta.dirname, "cases/profile-2.0.json"), "utf8"));
    const taps = [3, 4, 5].map((index) => ({ ...openTap(`mr:${index}`, index), relation: relation(`r${index}`) }));
    expect(
      Object.fromEntries(
        [...countTaps(profile, taps, [])].map(([label, { rows, at_least }]) => [label, [rows, at_least]]),
      ),
    ).toEqual({
      r3: [890_000, false],
      r4: [67, false],
      r5: [600_000, false],
    });
  });

  test("rows pass through a materialised CTE and a correlated join", () => {
    const leaf = { operator_name: "PROJECTION", operator_cardinality: 7 };
    expect(
      outputRows({
        operator_name: "CTE",
        operator_cardinality: 0,
        children: [{ operator_name: "READ_PARQUET", operator_cardinality: 9 }, leaf],
      }),
    ).toBe(7);
    expect(
      outputRows({
        operator_name: "LEFT_DELIM_JOIN",
        operator_cardinality: 0,
        children: [{ operator_cardinality: 9 }, leaf, { operator_cardinality: 3 }],
      }),
    ).toBe(7);
  });
});
