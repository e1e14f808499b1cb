// Seed 002 (ODIBI CORE), section 19, example 1: CSV → transform → Parquet.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { DAGBuilder, EventEmitter, Orchestrator, PandasEngineContext, Step, Tracker } from "millrace/seed";

// The seed's `data/input.csv` is not shown; these rows stand for it.
mkdirSync("data", { recursive: true });
writeFileSync("data/input.csv", "id,value\n1,50\n2,150\n3,300\n");

// Define steps
const steps = [
  new Step({
    layer: "ingest",
    name: "read_csv",
    type: "config_op",
    engine: "pandas",
    value: "data/input.csv",
    outputs: { data: "raw_data" },
  }),
  new Step({
    layer: "transform",
    name: "filter_records",
    type: "sql",
    engine: "pandas",
    value: "SELECT * FROM raw WHERE value > 100",
    inputs: { raw: "raw_data" },
    outputs: { data: "filtered_data" },
  }),
  new Step({
    layer: "store",
    name: "save_parquet",
    type: "config_op",
    engine: "pandas",
    value: "output/filtered.parquet",
    inputs: { data: "filtered_data" },
  }),
];

// Build DAG
const builder = new DAGBuilder(steps);
const dag = builder.build();
assert.deepEqual(dag.levels, [["read_csv"], ["filter_records"], ["save_parquet"]]);

// Setup execution
await using context = new PandasEngineContext();
const tracker = new Tracker();
const events = new EventEmitter();

// Execute
const orchestrator = new Orchestrator(steps, context, tracker, events);
const result = await orchestrator.execute();

assert.equal(result.success, true);
assert.deepEqual([...result.dataMap.keys()], ["raw_data", "filtered_data"]);
assert.equal(await (await context.read("output/filtered.parquet")).count(), 2);
