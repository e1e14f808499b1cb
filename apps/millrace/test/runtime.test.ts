import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, pipeline, testStep } from "millrace";
import { ODIBI, Orchestrator, PandasEngineContext, Pipeline, Step } from "millrace/seed";
import { rowMatchers } from "millrace/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

// A test opens DuckDB, some twice: a second alone, more where every core runs another suite.
vi.setConfig({ testTimeout: 30_000 });
expect.extend(rowMatchers);

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millrace-meta-"));
  mkdirSync(join(root, "data"));
  writeFileSync(join(root, "data/orders.csv"), "order_id,amount\n1,5.5\n2,-1\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const orders = pipeline("orders", (p) => {
  const raw = p.ingest("raw_orders", "data/orders.csv", { columns: { order_id: "BIGINT!", amount: "DOUBLE" } });
  return { clean: p.sql("clean_orders", { raw }, `select order_id from raw where amount > 0`) };
});

describe("millrace", () => {
  test("runs with nothing passed", async () => {
    await using rt = await createRuntime({ projectRoot: root });
    const run = await rt.run(orders);
    const rows: unknown[] = [];
    for await (const row of run.outputs.clean.rows()) rows.push(row);
    expect(rows).toMatchRows([{ order_id: 1 }]);
  });

  test("tests a step over fixture rows", async () => {
    const { rows } = await testStep(orders, "clean_orders", {
      raw: [
        { order_id: 1, amount: 5 },
        { order_id: 2, amount: -1 },
      ],
    });
    expect(rows).toMatchRows([{ order_id: 1 }]);
  });

  test("runs the seed's steps in a pandas context, and its configuration files", async () => {
    const steps = [
      new Step({
        layer: "ingest",
        name: "read",
        type: "config_op",
        engine: "pandas",
        value: "data/orders.csv",
        outputs: { data: "raw" },
      }),
      new Step({
        layer: "transform",
        name: "sum",
        type: "sql",
        engine: "pandas",
        value: "select count(*) as n from raw",
        inputs: { raw: "raw" },
        outputs: { data: "sum" },
      }),
    ];
    await using context = new PandasEngineContext({ projectRoot: root });
    const result = await new Orchestrator(steps, context).execute();
    expect(result.success).toBe(true);
    const path = join(root, "odibi.json");
    writeFileSync(path, JSON.stringify(steps));
    expect((await ODIBI.validate(path)).valid).toBe(true);
    const before = process.cwd();
    process.chdir(root);
    try {
      await using run = await Pipeline.fromConfig(path).execute();
      expect(run.state).toBe("success");
    } finally {
      process.chdir(before);
    }
  });
});
