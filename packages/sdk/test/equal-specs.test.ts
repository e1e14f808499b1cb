import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, fromSteps, loadPipeline, loadPipelineFile, optional, pipeline, sql } from "@millrace/sdk";
import type { Pipeline } from "@millrace/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createScratchProject } from "./scratch-project.ts";

const score = (): { readonly score: number } => ({ score: 1 });

export const built: Pipeline = pipeline(
  "everything",
  {
    description: "All kinds of steps.",
    params: z.object({
      since: z.iso.date().describe("first day"),
      minAmount: z.number().default(0),
      limit: z.int().optional(),
    }),
    retry: { attempts: 5, base: "2s" },
    timeout: "1h",
    stepTimeout: 60_000,
    onError: "fail_fast",
    workers: 2,
    levelBarrier: true,
    requireGuarantee: "atomic-replace",
  },
  (p) => {
    const lake = p.connect("lake", folder("data/lake"));
    const raw = p.ingest("raw", lake.file("*.csv"), {
      columns: { id: "BIGINT!", tags: { list: "VARCHAR" } },
      delim: ";",
      unionByName: true,
      decimalSeparator: ",",
      medallion: "bronze",
    });
    const clean = p.sql("clean", { raw }, `select * from raw where id > $minAmount`, {
      retry: 2,
      timeout: "10m",
      condition: { field: "params.minAmount", operator: "ge", value: 0 },
      explain: { purpose: "drops" },
      tags: ["nightly"],
      description: "Cleans.",
      materialize: "always",
    });
    const recent = p.sql(
      "recent",
      { raw, clean: optional(clean) },
      sql`select ${"it's"} as note, * from ${raw} join ${clean} using (id)`,
    );
    const scored = p.map("scored", recent, { score: "DOUBLE!" }, score, { onError: "ignore" });
    p.effect("notify", { scored }, () => undefined);
    p.store("save", scored, "gold/", { partitionBy: ["score"], mode: "append", compression: "zstd" });
    p.publish("out", scored, "out.csv", { mode: "error_if_exists", delim: "|" });
    return { scored, again: scored };
  },
);

/** The same, as somebody writes it in a JSON file. */
const rows = {
  name: "everything",
  description: "All kinds of steps.",
  params: {
    since: { type: "DATE", description: "first day" },
    minAmount: { type: "DOUBLE", default: 0 },
    limit: { type: "BIGINT", default: null },
  },
  policy: {
    retry: { attempts: 5, base_ms: 2000 },
    timeout_ms: 3_600_000,
    step_timeout_ms: 60_000,
    on_error: "fail_fast",
    workers: 2,
    level_barrier: true,
    require_guarantee: "atomic-replace",
  },
  returns: ["scored"],
  steps: [
    { layer: "connect", name: "lake", type: "config_op", engine: "duckdb", value: "data/lake" },
    {
      layer: "ingest",
      name: "raw",
      type: "config_op",
      engine: "pandas",
      value: "*.csv",
      params: { connection: "lake", delim: ";", union_by_name: true, decimal_separator: "," },
      outputs: { data: "raw" },
      metadata: { medallion: "bronze", policy: { columns: { id: "BIGINT!", tags: "VARCHAR[]" } } },
    },
    {
      layer: "transform",
      name: "clean",
      type: "sql",
      value: "select * from raw where id > $minAmount",
      inputs: { raw: "raw" },
      outputs: { data: "clean" },
      metadata: {
        explain: { purpose: "drops" },
        tags: ["nightly"],
        description: "Cleans.",
        policy: {
          retry: { attempts: 2 },
          timeout_ms: 600_000,
          condition: { field: "params.minAmount", operator: "ge", value: 0 },
          materialize: "always",
        },
      },
    },
    {
      layer: "transform",
      name: "recent",
      type: "sql",
      value: `select 'it''s' as note, * from "raw" join "clean" using (id)`,
      inputs: { raw: "raw", clean: "clean" },
      outputs: { data: "recent" },
      metadata: { policy: { optional_inputs: ["clean"] } },
    },
    {
      layer: "transform",
      name: "scored",
      type: "function",
      value: "./equal-specs.test.ts#built/scored",
      params: { mode: "row" },
      inputs: { rows: "recent" },
      outputs: { data: "scored" },
      metadata: { policy: { on_error: "ignore", columns: { score: "DOUBLE!" } } },
    },
    {
      layer: "publish",
      name: "notify",
      type: "function",
      value: "./equal-specs.test.ts#built/notify",
      inputs: { scored: "scored" },
    },
    {
      layer: "store",
      name: "save",
      value: "gold/",
      params: { partition_by: ["score"], mode: "append", compression: "zstd" },
      inputs: { data: "scored" },
    },
    {
      layer: "publish",
      name: "out",
      value: "out.csv",
      params: { mode: "error_if_exists", delim: "|" },
      inputs: { data: "scored" },
    },
  ],
} as const;

describe("typed code and rows", () => {
  test("give equal specs: as code, as rows in code, and as a file", async () => {
    await using project = createScratchProject();
    writeFileSync(join(project.root, "everything.json"), JSON.stringify(rows));
    const { name, steps, ...options } = rows;
    const [code, rowsInCode, file] = await Promise.all([
      loadPipeline(built),
      loadPipeline(fromSteps(name, steps, options)),
      loadPipelineFile(join(project.root, "everything.json")),
    ]);
    expect([code.issues, rowsInCode.issues, file.issues]).toEqual([[], [], []]);
    expect(code.spec?.steps).toEqual(file.spec?.steps);
    expect(code.spec).toEqual(file.spec);
    expect(rowsInCode.spec).toEqual(file.spec);
  });

  test("rows say what is wrong with them at their own lines", async () => {
    const { issues } = await loadPipeline(
      fromSteps("bad", [
        { layer: "ingest", name: "a", value: "a.csv", outputs: { data: "x" } },
        { layer: "transform", name: "b", type: "sqll", value: "select 1", inputs: { x: "x" }, outputs: { data: "y" } },
      ]),
    );
    expect(
      issues.map(({ code, suggestion, position }) => [code, suggestion, position?.file, typeof position?.line]),
    ).toEqual([["DEFINITION_INVALID_VALUE", "sql", import.meta.filename, "number"]]);
  });
});
