import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { figure } from "../benchmark.ts";
import type { Benchmark, BenchmarkContext } from "../benchmark.ts";
import { emptyFolder } from "../empty-folder.ts";
import { runPairs } from "../pairs.ts";
import type { Contestant } from "../pairs.ts";
import { workloadInput } from "./workload.ts";

const memoryBytes = 2e9;
/** What the compute gets of `--memory`. */
const computeBytes = memoryBytes * 0.55;
const sql = "SELECT order_id, customer_id, order_ts, amount, note FROM raw ORDER BY note, order_id";

/** B10: a sort that does not fit, under `--memory 2GB`, beside DuckDB with the same limit. */
export const memory: Benchmark = {
  name: "B10",
  title: "memory: a sort that does not fit under --memory 2GB, beside DuckDB with the same limit",
  async run(context) {
    const rows = Math.max(context.rows, 50_000_000);
    const input = await workloadInput({ ...context, rows });
    const result = await runPairs(
      await rawSort(context, input),
      await millraceSort(context, input),
      Math.min(3, context.pairs),
    );
    const more = {
      rows,
      pairs: result.pairs,
      wall_ms: Math.round(result.wallMs),
      reference_wall_ms: Math.round(result.referenceWallMs),
      peak_mb: Math.round(result.peakBytes / 1e6),
      reference_peak_mb: Math.round(result.referencePeakBytes / 1e6),
    };
    return [
      figure(
        { bench: "B10", what: "peak MB under --memory 2GB", value: result.peakBytes / 1e6 },
        { atMost: (memoryBytes * 1.25) / 1e6 + 200 },
        more,
      ),
      figure({ bench: "B10", what: "wall ÷ raw with the same limit", value: result.wallRatio }, { atMost: 1.05 }, more),
    ];
  },
};

async function rawSort(context: BenchmarkContext, input: string): Promise<Contestant> {
  const out = join(context.work, "out-raw-sort");
  const program = join(context.work, "raw-sort.mjs");
  const module = import.meta.resolve("@duckdb/node-api");
  await writeFile(
    program,
    `import { DuckDBInstance } from ${JSON.stringify(module)};
const connection = await (await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "${computeBytes / 1e6}MB", temp_directory: ${JSON.stringify(join(out, "spill"))}, preserve_insertion_order: "false" })).connect();
await connection.run(\`COPY (WITH raw AS (SELECT * FROM read_csv('${input}/orders.csv')) ${sql}) TO '${out}/sorted.parquet' (FORMAT parquet)\`);
`,
  );
  return { name: "raw sort", command: [process.execPath, program], prepare: () => emptyFolder(out) };
}

async function millraceSort(context: BenchmarkContext, input: string): Promise<Contestant> {
  const out = join(context.work, "out-sort");
  const pipeline = join(context.work, "sort.json");
  await writeFile(
    pipeline,
    JSON.stringify([
      { layer: "ingest", name: "read", value: join(input, "orders.csv"), outputs: { data: "raw" } },
      {
        layer: "transform",
        name: "sort",
        type: "sql",
        value: sql,
        inputs: { raw: "raw" },
        outputs: { data: "sorted" },
      },
      { layer: "store", name: "save", value: join(out, "sorted.parquet"), inputs: { data: "sorted" } },
    ]),
  );
  return {
    name: "millrace run",
    command: [
      process.execPath,
      join(context.root, "apps/cli/bin/millrace.cjs"),
      "run",
      pipeline,
      "--memory",
      "2GB",
      "--threads",
      "2",
      "--state-dir",
      join(out, "state"),
    ],
    cwd: out,
    prepare: () => emptyFolder(out),
  };
}
