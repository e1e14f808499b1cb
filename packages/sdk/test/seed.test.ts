import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { duckdb } from "@millrace/duckdb";
import { files } from "@millrace/files";
import type { StepHandler } from "@millrace/protocols";
import {
  CloudAdapters,
  createOdibi,
  DAGBuilder,
  DAGExecutor,
  EngineContext,
  EventEmitter,
  ExecutionContext,
  FrameworkConfig,
  NodeState,
  Orchestrator,
  Step,
  Tracker,
} from "@millrace/sdk/seed";
import { describe, expect, test } from "vitest";
import { createScratchProject } from "./scratch-project.ts";
import type { ScratchProject } from "./scratch-project.ts";

const input = "id,value\n1,50\n2,150\n3,300\n";

// Example 1 of seed 002, section 19.
const readCsv = {
  layer: "ingest",
  name: "read_csv",
  type: "config_op",
  engine: "pandas",
  value: "data/input.csv",
  outputs: { data: "raw_data" },
} as const;
const filterRecords = {
  layer: "transform",
  name: "filter_records",
  type: "sql",
  engine: "pandas",
  value: "SELECT * FROM raw WHERE value > 100",
  inputs: { raw: "raw_data" },
  outputs: { data: "filtered_data" },
} as const;
const steps = [
  new Step(readCsv),
  new Step(filterRecords),
  new Step({
    layer: "store",
    name: "save_parquet",
    type: "config_op",
    engine: "pandas",
    value: "output/filtered.parquet",
    inputs: { data: "filtered_data" },
  }),
];

function openContext(
  project: ScratchProject,
  options: Partial<ConstructorParameters<typeof EngineContext>[0]> = {},
): EngineContext {
  return new EngineContext({
    compute: [duckdb()],
    adapters: [files()],
    projectRoot: project.root,
    threads: 1,
    memory: "1GB",
    ...options,
  });
}

const collect = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
};

describe("Orchestrator", () => {
  test("runs the seed's steps and gives success, data map, tracker, results and statistics", async () => {
    await using project = createScratchProject({ "data/input.csv": input });
    await using context = openContext(project);
    const tracker = new Tracker();
    const heard: string[] = [];
    const events = new EventEmitter().on("node_complete", ({ step_name }) => void heard.push(step_name));
    const result = await new Orchestrator(steps, context, tracker, events).execute();
    expect(result.success).toBe(true);
    expect([...result.dataMap.keys()]).toEqual(["raw_data", "filtered_data"]);
    expect(await collect(result.dataMap.get("filtered_data")?.rows() ?? (async function* () {})())).toEqual([
      { id: 2, value: 150 },
      { id: 3, value: 300 },
    ]);
    expect(existsSync(join(project.root, "output/filtered.parquet"))).toBe(true);
    expect(heard.toSorted()).toEqual(["filter_records", "read_csv", "save_parquet"]);
    expect(tracker.steps.map(({ stepName, layer, state, rows }) => [stepName, layer, state, rows])).toEqual([
      ["read_csv", "ingest", "success", 3],
      ["filter_records", "transform", "success", 2],
      ["save_parquet", "store", "success", 2],
    ]);
    expect(result.results.map(({ nodeName, state }) => [nodeName, state])).toEqual([
      ["read_csv", NodeState.SUCCESS],
      ["filter_records", NodeState.SUCCESS],
      ["save_parquet", NodeState.SUCCESS],
    ]);
    expect(result.getExecutionStats()).toMatchObject({ totalNodes: 3, completed: 3, failed: 0, avgAttempts: 1 });
    expect(result.dagBuilder.getParallelBatches()).toEqual([["read_csv"], ["filter_records"], ["save_parquet"]]);
  });

  test("a node that fails is no success, and what needs it waits", async () => {
    await using project = createScratchProject({ "data/input.csv": "id,value\n1,abc\n" });
    await using context = openContext(project);
    context.functionRegistry.register("shop.fail", () => {
      throw new Error("broken");
    });
    const failing = [
      new Step(readCsv),
      new Step({
        layer: "transform",
        name: "bad",
        type: "function",
        engine: "pandas",
        value: "shop.fail",
        inputs: { raw: "raw_data" },
        outputs: { data: "bad" },
      }),
      new Step({
        layer: "store",
        name: "save",
        type: "config_op",
        engine: "pandas",
        value: "out.csv",
        inputs: { data: "bad" },
      }),
    ];
    const result = await new Orchestrator(failing, context, undefined, undefined, {
      parallel: false,
      maxRetries: 1,
    }).run();
    expect(result.success).toBe(false);
    expect(
      result.results.map(({ nodeName, state, error }) => [nodeName, state, error?.includes("broken") ?? false]),
    ).toEqual([
      ["read_csv", "success", false],
      ["bad", "failed", true],
      ["save", "pending", false],
    ]);
    expect(result.getExecutionStats().failed).toBe(1);
  });

  test("DAGExecutor leaves nodes out", async () => {
    await using project = createScratchProject({ "data/input.csv": input });
    await using context = openContext(project);
    const dag = new DAGBuilder(steps).build();
    const result = await new DAGExecutor(dag, context, undefined, undefined, {
      skipNodes: ["save_parquet"],
      maxWorkers: 1,
      levelBarrier: true,
      retryDelay: 0.1,
    }).execute();
    expect(result.results.map(({ nodeName }) => nodeName)).toEqual(["read_csv", "filter_records"]);
    expect(existsSync(join(project.root, "output"))).toBe(false);
  });

  test("registered nodes run steps of their type", async () => {
    await using project = createScratchProject({ "data/input.csv": input });
    await using context = openContext(project);
    const handler: StepHandler = {
      layer: "ingest",
      type: "numbers",
      describe: async () =>
        new Map([["data", { origin: "declared", columns: [{ name: "n", type: { type: "BIGINT" }, nullable: true }] }]]),
      run: async (step, { session }) => {
        const compute = await session();
        return new Map([
          [
            "data",
            await compute.query(`select range as n from range(${step.value})`, { inputs: {}, label: step.name }),
          ],
        ]);
      },
    };
    context.registerNode(handler);
    const numbers = new Step({
      layer: "ingest",
      name: "numbers",
      type: "numbers",
      engine: "pandas",
      value: "3",
      outputs: { data: "numbers" },
    });
    const result = await new Orchestrator([numbers], context).execute();
    expect(await result.dataMap.get("numbers")?.count()).toBe(3);
    expect(() => context.registerNode(handler)).toThrow(/before/);
  });
});

describe("DAGBuilder", () => {
  test("gives order, batches, text and Mermaid", () => {
    const builder = new DAGBuilder(steps);
    expect(builder.getExecutionOrder().map(({ step, level }) => [step.name, level])).toEqual([
      ["read_csv", 0],
      ["filter_records", 1],
      ["save_parquet", 2],
    ]);
    expect(builder.visualize()).toContain("filter_records");
    expect(builder.exportMermaid()).toMatch(/^graph TD/);
  });

  test.each([
    [
      "DEFINITION_CYCLE",
      [
        {
          name: "a",
          layer: "transform",
          type: "sql",
          value: "select * from x",
          inputs: { x: "two" },
          outputs: { data: "one" },
        },
        {
          name: "b",
          layer: "transform",
          type: "sql",
          value: "select * from y",
          inputs: { y: "one" },
          outputs: { data: "two" },
        },
      ],
    ],
    [
      "DEFINITION_DUPLICATE_OUTPUT",
      [
        { name: "a", layer: "ingest", value: "a.csv", outputs: { data: "one" } },
        { name: "b", layer: "ingest", value: "b.csv", outputs: { data: "one" } },
      ],
    ],
    ["DEFINITION_UNDEFINED_INPUT", [{ name: "a", layer: "store", value: "a.csv", inputs: { data: "nope" } }]],
  ] as const)("refuses with %s", (code, rows) => {
    expect(() => new DAGBuilder(rows).build()).toThrow(
      expect.objectContaining({ code, issues: expect.arrayContaining([expect.objectContaining({ code })]) }),
    );
  });
});

describe("EngineContext", () => {
  test("reads, registers, queries, samples and writes rows by hand", async () => {
    await using project = createScratchProject({ "data/input.csv": input });
    await using context = await openContext(project, { secrets: { DB: "a-long-enough-secret" } }).connect();
    const raw = await context.read("data/input.csv");
    expect(raw.schema.columns.map(({ name }) => name)).toEqual(["id", "value"]);
    await context.registerTemp("raw", raw);
    await context.registerTemp("names", [
      { id: 2, name: "bob" },
      { id: 3, name: "cid" },
    ]);
    const joined = await context.executeSql(
      "select r.id, n.name, r.value from raw r join names n using (id) order by id",
    );
    expect(await context.collectSample(joined, 1)).toEqual([{ id: 2, name: "bob", value: 150 }]);
    expect(await joined.count()).toBe(2);
    expect(await context.write(joined, "out/joined.parquet")).toEqual({ rows: 2 });
    expect(await (await context.read("out/*.parquet")).count()).toBe(2);
    await expect(context.write(joined, "out/joined.parquet", { mode: "error_if_exists" })).rejects.toMatchObject({
      code: "TARGET_EXISTS",
    });
    await context.write(joined, "out/joined.txt", { format: "csv", options: { delim: "|" } });
    expect(project.read("out/joined.txt")).toBe("id|name|value\n2|bob|150\n3|cid|300\n");
    expect(await context.getSecret("DB")).toBe("a-long-enough-secret");
    await expect(context.getSecret("NOPE")).rejects.toMatchObject({ code: "CONFIG_SECRET_NOT_FOUND" });
    await expect(context.read("data/nope.csv")).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    await expect(context.read("s3://bucket/a.csv")).rejects.toMatchObject({ code: "ADAPTER_UNKNOWN" });
    await expect(context.read("data/input")).rejects.toMatchObject({ code: "SOURCE_FORMAT_UNKNOWN" });
  });
});

describe("CloudAdapters", () => {
  test("give the files of a place as rows and as names", async () => {
    await using project = createScratchProject({ "lake/a.csv": input, "lake/sub/b.csv": input, "lake/sub/c.txt": "x" });
    await using context = openContext(project);
    const adapters = new CloudAdapters();
    const lake = await adapters.create("local", { root: "lake", context }).connect();
    expect(await lake.list()).toEqual(["a.csv", "sub/b.csv", "sub/c.txt"]);
    expect(await lake.list("sub", "*.csv")).toEqual(["sub/b.csv"]);
    expect(await lake.list("", "**/b.csv")).toEqual(["sub/b.csv"]);
    const rows = await lake.read("sub/c.txt", { format: "csv", options: { header: false } });
    expect(await rows.count()).toBe(1);
    await lake.write(await lake.read("a.csv"), "copy.parquet");
    expect([await lake.exists("copy.parquet"), await lake.exists("nope")]).toEqual([true, false]);
    await lake.delete("copy.parquet");
    expect(await lake.exists("copy.parquet")).toBe(false);
    await lake.disconnect();
    expect(adapters.listBackends()).toEqual(["local"]);
    expect(() => adapters.create("locl", { root: "lake", context })).toThrow(/Did you mean "local"/);
  });
});

describe("ODIBI", () => {
  test("validates and runs a configuration file", async () => {
    await using project = createScratchProject({ "data/input.csv": input });
    writeFileSync(join(project.root, "odibi.json"), JSON.stringify(steps));
    const { ODIBI, Pipeline } = createOdibi({ pandas: () => openContext(project) });
    const path = join(project.root, "odibi.json");
    expect(await ODIBI.validate(path)).toEqual({ valid: true, issues: [] });
    expect(await ODIBI.version()).toMatch(/^\d+\.\d+\.\d+$/);
    await using run = await Pipeline.fromConfig(path).setEngine("pandas").setWorkers(1).execute();
    expect(run.state).toBe("success");
    expect(await run.dataMap.get("filtered_data")?.count()).toBe(2);
    await expect(ODIBI.run(path, { engine: "spark" })).rejects.toMatchObject({ code: "ENGINE_UNKNOWN" });
    writeFileSync(path, JSON.stringify([{ ...filterRecords, layer: "trnsform" }]));
    expect((await ODIBI.validate(path)).valid).toBe(false);
  });
});

describe("ExecutionContext", () => {
  test("derives catalog, path and table, and keeps state", () => {
    const context = new ExecutionContext({
      processQueueId: 12_345,
      dataContractName: "data.sales.daily_orders",
      sourceRef: "landing_api",
      env: "dev",
    });
    // Seed 000: `{organization}_{env}_{framework_name}`, `/Volumes/{catalog}/{schema}/raw/{source_ref}/{table}/`.
    expect(context.catalog).toBe("cluk_dev_nova");
    expect(context.dataFilePath).toBe("/Volumes/cluk_dev_nova/sales/raw/landing_api/daily_orders/");
    expect(context.targetTable).toBe("cluk_dev_nova.sales.daily_orders");
    context.setState("dedupe_keys", ["id", "event_ts"]);
    expect(context.getState("dedupe_keys", [])).toEqual(["id", "event_ts"]);
    expect(context.getState("rows", 0)).toBe(0);
    expect(
      new ExecutionContext({
        processQueueId: 1,
        dataContractName: "a.b.c",
        sourceRef: "s",
        env: "prod",
        config: FrameworkConfig.fromEnv("prod", { catalog: { organization: "acme" } }),
      }).catalog,
    ).toBe("acme_prod_nova");
    expect(
      () => new ExecutionContext({ processQueueId: 1, dataContractName: "orders", sourceRef: "s", env: "dev" }),
    ).toThrow(/domain\.schema\.table/);
  });
});
