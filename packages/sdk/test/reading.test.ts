import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "@millrace/sdk";
import { describe, expect, test } from "vitest";
import { createScratchProject, orderFiles } from "./scratch-project.ts";

const orders = pipeline("orders", (p) => {
  const raw = p.ingest("raw_orders", "data/orders/*.csv");
  const clean = p.sql("clean_orders", { raw }, `select order_id, customer, amount from raw where amount > 0`);
  const loud = p.map("loud", clean, { order_id: "BIGINT!", name: "VARCHAR" }, (row) => ({
    order_id: row["order_id"],
    name: String(row["customer"]).toUpperCase(),
  }));
  p.store("save", loud, "gold/loud.csv");
  return { clean };
});

describe("preview", () => {
  test("shows first rows of SQL, code and what a sink would write, without an effect", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    expect((await rt.preview(orders, "clean_orders", { rows: 2 })).truncated).toBe(true);
    const loud = await rt.preview(orders, "loud");
    // 64-bit integers of a sample are texts.
    expect(loud.rows.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
      ["1", "ANN"],
      ["3", "ANN"],
      ["5", "BOB"],
    ]);
    expect((await rt.preview(orders, "save")).columns.map(({ name }) => name)).toEqual(["order_id", "name"]);
    expect(readdirSync(project.root)).not.toContain("gold");
    expect(readdirSync(join(project.root, ".millrace"))).not.toContain("data");
    await expect(rt.preview(orders, "lod")).rejects.toMatchObject({
      code: "SELECTION_EMPTY",
      message: expect.stringContaining('Did you mean "loud"?'),
    });
  });

  test("a step that fails says why", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const broken = pipeline("broken", (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      p.map("bad", raw, { id: "BIGINT" }, () => {
        throw new Error("no");
      });
    });
    await expect(rt.preview(broken, "bad")).rejects.toMatchObject({ code: "STEP_CODE_FAILED" });
  });
});

describe("query", () => {
  test("reads committed datasets by both names, by one, twice and quoted", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    await rt.run(orders);
    expect((await rt.query("select count(*) as n from orders.loud")).rows).toEqual([["3"]]);
    expect((await rt.query("select l.name from loud l where l.order_id = 5")).rows).toEqual([["BOB"]]);
    expect(
      (
        await rt.query(
          `select count(*) as n from "orders"."loud" a join orders . loud b using (order_id) where a.name <> 'orders.loud'`,
        )
      ).rows,
    ).toEqual([["3"]]);
    expect((await rt.query("select loud.name from orders.loud order by order_id", { rows: 1 })).truncated).toBe(true);
  });

  test("computes what no run has committed from the pipeline's sources", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    expect(
      (await rt.query("select sum(order_id)::int as s from orders.clean_orders", { pipelines: [orders] })).rows,
    ).toEqual([[9]]);
  });

  test.each([
    ["select * from orders.luod", "DATASET_UNKNOWN", 'Did you mean "orders.loud"?'],
    ["select * from read_csv('data/orders/1.csv')", "SQL_TABLE_FUNCTION", "reads outside"],
    ["drop table loud", "SQL_NOT_A_SELECT", "write a SELECT"],
    ["select 1; select 2", "SQL_SEVERAL_STATEMENTS", "one statement"],
    ["selec 1", "SQL_SYNTAX", "syntax"],
  ])("%s is refused", async (sql, code, message) => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    await rt.run(orders);
    await expect(rt.query(sql)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe("a committed dataset", () => {
  test("is read in a later process by its name", async () => {
    await using project = createScratchProject(orderFiles);
    await (await project.runtime()).run(orders);
    const later = await project.runtime();
    const loud = await later.dataset("orders.loud");
    expect(await loud.count()).toBe(3);
    await expect(later.dataset("orders.quiet")).rejects.toMatchObject({ code: "DATASET_UNKNOWN" });
  });
});
