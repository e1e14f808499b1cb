import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { figure } from "../benchmark.ts";
import type { Benchmark, BenchmarkContext, Figure } from "../benchmark.ts";
import { emptyFolder } from "../empty-folder.ts";
import { runPairs } from "../pairs.ts";
import type { Contestant, PairResult } from "../pairs.ts";
import { runProcess } from "../process-cost.ts";

/** Input folder of the workload, generated once for a number of rows. */
export async function workloadInput({ root, work, rows }: BenchmarkContext): Promise<string> {
  const folder = join(work, `orders-${rows}`);
  if (existsSync(join(folder, "customers.csv"))) return folder;
  await mkdir(folder, { recursive: true });
  const cost = await runProcess([
    process.execPath,
    join(root, "tooling/bench/programs/generate-orders.mjs"),
    String(rows),
    folder,
  ]);
  if (cost.exitCode !== 0) throw new Error(cost.stderr);
  return folder;
}

/** The raw program in one of its modes. */
function rawWorkload(context: BenchmarkContext, input: string, mode: "onesql" | "tables"): Contestant {
  const out = join(context.work, `out-${mode}`);
  return {
    name: `raw ${mode}`,
    command: [process.execPath, join(context.root, "tooling/bench/programs/raw-workload.mjs"), mode, input, out],
    prepare: () => emptyFolder(out),
    outcome: () => fingerprint(join(out, "daily.parquet")),
  };
}

/** The same through `millrace run`, from an empty state folder: row counts, events and run folder on. */
function millraceWorkload(context: BenchmarkContext, input: string): Contestant {
  const out = join(context.work, "out-millrace");
  return {
    name: "millrace run",
    command: [
      process.execPath,
      join(context.root, "apps/cli/bin/millrace.cjs"),
      "run",
      join(context.root, "tooling/bench/pipelines/workload.yaml"),
      "--state-dir",
      join(out, "state"),
      "--threads",
      "2",
    ],
    cwd: out,
    env: { IN: input, OUT: out },
    prepare: () => emptyFolder(out),
    outcome: () => fingerprint(join(out, "daily.parquet")),
  };
}

/** Rows and content of a Parquet file, whatever its row order. */
async function fingerprint(file: string): Promise<string> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::VARCHAR || ' rows, ' || bit_xor(hash(t))::VARCHAR FROM '${file}' t`,
  );
  connection.closeSync();
  return String(reader.getRows()[0]?.[0]);
}

function details(result: PairResult): Figure["details"] {
  return {
    pairs: result.pairs,
    dropped: result.dropped,
    wall_ms: Math.round(result.wallMs),
    cpu_ms: Math.round(result.cpuMs),
    reference_wall_ms: Math.round(result.referenceWallMs),
    reference_cpu_ms: Math.round(result.referenceCpuMs),
    peak_mb: Math.round(result.peakBytes / 1e6),
    reference_peak_mb: Math.round(result.referencePeakBytes / 1e6),
  };
}

/** B1: what counts, events and the run folder cost over the same query in one statement. */
export const overhead: Benchmark = {
  name: "B1",
  title: "overhead: workload W with all row counts and the run folder, beside one raw SQL statement",
  async run(context) {
    const input = await workloadInput(context);
    const result = await runPairs(
      rawWorkload(context, input, "onesql"),
      millraceWorkload(context, input),
      context.pairs,
    );
    const more = { rows: context.rows, ...details(result) };
    return [
      figure({ bench: "B1", what: "wall ÷ raw one SQL", value: result.wallRatio }, { atMost: 1.08 }, more),
      figure({ bench: "B1", what: "CPU ÷ raw one SQL", value: result.cpuRatio }, { atMost: 1.08 }, more),
      figure(
        { bench: "B1", what: "peak MB over raw one SQL", value: (result.peakBytes - result.referencePeakBytes) / 1e6 },
        { atMost: 120 },
        more,
      ),
    ];
  },
};

/** B2: what fusing saves against a table a step, and what it leaves to a hand-fused query. */
export const planner: Benchmark = {
  name: "B2",
  title: "planner: workload W beside a table a step, and beside a hand-fused query",
  async run(context) {
    const input = await workloadInput(context);
    const naive = await runPairs(
      rawWorkload(context, input, "tables"),
      millraceWorkload(context, input),
      context.pairs,
    );
    const fused = await runPairs(
      rawWorkload(context, input, "onesql"),
      millraceWorkload(context, input),
      context.pairs,
    );
    return [
      figure(
        { bench: "B2", what: "CPU ÷ table a step", value: naive.cpuRatio },
        { atMost: 0.75 },
        { rows: context.rows, ...details(naive) },
      ),
      figure(
        { bench: "B2", what: "CPU ÷ hand-fused", value: fused.cpuRatio },
        { atMost: 1.05 },
        { rows: context.rows, ...details(fused) },
      ),
    ];
  },
};
