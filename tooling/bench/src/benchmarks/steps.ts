import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { figure } from "../benchmark.ts";
import type { Benchmark, BenchmarkContext, Figure } from "../benchmark.ts";
import { emptyFolder } from "../empty-folder.ts";
import { median, runPairs } from "../pairs.ts";
import { runProcess } from "../process-cost.ts";
import type { ProcessCost } from "../process-cost.ts";

const bareNode = [process.execPath, "-e", "0"];
const fromBuild = (context: BenchmarkContext, program: string): readonly string[] => [
  process.execPath,
  join(context.root, "tooling/bench/programs", program),
];

/** Median cost of a program over a few runs; it must succeed. */
async function repeat(command: readonly string[], times: number): Promise<ProcessCost> {
  const costs: ProcessCost[] = [];
  for (let time = 0; time < times; time += 1) {
    const cost = await runProcess(command);
    if (cost.exitCode !== 0)
      throw new Error(`${command.join(" ")} ended with ${cost.exitCode}:\n${cost.stderr.slice(-2000)}`);
    costs.push(cost);
  }
  const middle = (of: (cost: ProcessCost) => number): number => median(costs.map(of));
  return {
    exitCode: 0,
    stdout: "",
    stderr: "",
    wallMs: middle((cost) => cost.wallMs),
    cpuMs: middle((cost) => cost.cpuMs),
    peakBytes: middle((cost) => cost.peakBytes),
  };
}

/** B3b: independent steps that do nothing, without durability. */
export const wideSteps: Benchmark = {
  name: "B3b",
  title: "wide: 10,000 and 100,000 independent steps that do nothing, without a journal",
  async run(context) {
    const program = fromBuild(context, "noop-wide.ts");
    const few = await repeat([...program, "10000"], context.pairs);
    const one = await repeat([...program, "1"], context.pairs);
    const many = await repeat([...program, "100000"], Math.min(3, context.pairs));
    const perStep = (cost: ProcessCost, steps: number): number => ((cost.cpuMs - one.cpuMs) * 1000) / (steps - 1);
    const more: Figure["details"] = {
      wall_ms: Math.round(few.wallMs),
      cpu_ms: Math.round(few.cpuMs),
      start_cpu_ms: Math.round(one.cpuMs),
      peak_mb: Math.round(few.peakBytes / 1e6),
      wall_100k_ms: Math.round(many.wallMs),
    };
    return [
      figure({ bench: "B3b", what: "10,000 wide, whole process, s", value: few.wallMs / 1000 }, { atMost: 1 }, more),
      figure({ bench: "B3b", what: "CPU a step over one step, µs", value: perStep(few, 10_000) }, { atMost: 60 }, more),
      figure({ bench: "B3b", what: "peak MB", value: few.peakBytes / 1e6 }, { atMost: 120 }, more),
      figure(
        {
          bench: "B3b",
          what: "CPU a step at 100,000 ÷ at 10,000",
          value: perStep(many, 100_000) / perStep(few, 10_000),
        },
        { atMost: 1.2 },
        more,
      ),
    ];
  },
};

/** B3c: loading, validating and planning many steps. */
export const planning: Benchmark = {
  name: "B3c",
  title: "planning: load, validate and plan 10,000 and 100,000 steps of a JSON file",
  async run(context) {
    const empty = await repeat([...fromBuild(context, "plan-nodes.ts"), await stepFile(context, 1)], context.pairs);
    const planned = async (count: number): Promise<ProcessCost> =>
      repeat([...fromBuild(context, "plan-nodes.ts"), await stepFile(context, count)], Math.min(5, context.pairs));
    const few = await planned(10_000);
    const many = await planned(100_000);
    const more: Figure["details"] = {
      start_wall_ms: Math.round(empty.wallMs),
      wall_10k_ms: Math.round(few.wallMs),
      wall_100k_ms: Math.round(many.wallMs),
      peak_100k_mb: Math.round(many.peakBytes / 1e6),
    };
    return [
      figure(
        { bench: "B3c", what: "10,000 steps over one step, ms", value: few.wallMs - empty.wallMs },
        { atMost: 100 },
        more,
      ),
      figure(
        { bench: "B3c", what: "100,000 steps over one step, ms", value: many.wallMs - empty.wallMs },
        { atMost: 1000 },
        more,
      ),
      figure({ bench: "B3c", what: "100,000 steps, peak MB", value: many.peakBytes / 1e6 }, { atMost: 300 }, more),
    ];
  },
};

/** A chain of ten below each tenth step, so that there are edges. */
async function stepFile(context: BenchmarkContext, count: number): Promise<string> {
  const file = join(context.work, `steps-${count}.json`);
  const steps = Array.from({ length: count }, (_, index) => ({
    layer: index % 10 === 0 ? "ingest" : "transform",
    name: `s${index}`,
    type: "noop",
    engine: "duckdb",
    value: "nothing",
    inputs: index % 10 === 0 ? {} : { before: `d${index - 1}` },
    outputs: { data: `d${index}` },
  }));
  await writeFile(file, JSON.stringify(steps));
  return file;
}

/** B6: what a person waits for first. */
export const coldStart: Benchmark = {
  name: "B6",
  title: "cold start: --help, validate of 20 steps, a hello run",
  async run(context) {
    const cli = [process.execPath, join(context.root, "apps/cli/bin/millrace.cjs")];
    const folder = context.work;
    const csv = join(folder, "hello.csv");
    await writeFile(
      csv,
      `id,city\n${Array.from({ length: 1000 }, (_, index) => `${index},city ${index % 7}`).join("\n")}\n`,
    );
    const pipeline = join(folder, "twenty.json");
    await writeFile(pipeline, JSON.stringify(twentySteps(csv)));
    const hello = join(folder, "hello.json");
    await writeFile(hello, JSON.stringify(helloSteps(csv, join(folder, "hello-ours.parquet"))));
    const state = ["--state-dir", join(folder, "cold-state")];
    const node = { name: "node -e 0", command: bareNode };
    const pairs = Math.max(15, context.pairs);
    const help = await runPairs(node, { name: "--help", command: [...cli, "--help"] }, pairs);
    await repeat([...cli, "validate", pipeline, ...state], 2);
    const stored = await runPairs(
      node,
      { name: "validate, stored", command: [...cli, "validate", pipeline, ...state], cwd: folder },
      pairs,
    );
    const bind = { name: "bind by hand", command: [...fromBuild(context, "bind-node-api.mjs"), pipeline, csv] };
    const fresh = await runPairs(
      bind,
      {
        name: "validate, nothing stored",
        command: [...cli, "validate", pipeline, ...state],
        cwd: folder,
        prepare: () => emptyFolder(join(folder, "cold-state")),
      },
      context.pairs,
    );
    const smallest = {
      name: "hello by hand",
      command: [...fromBuild(context, "hello-node-api.mjs"), csv, join(folder, "hello-raw.parquet")],
    };
    const run = await runPairs(
      smallest,
      { name: "hello run", command: [...cli, "run", hello, ...state], cwd: folder },
      context.pairs,
    );
    const more = (result: Awaited<ReturnType<typeof runPairs>>): Figure["details"] => ({
      pairs: result.pairs,
      cpu_ms: Math.round(result.cpuMs),
      reference_cpu_ms: Math.round(result.referenceCpuMs),
      wall_ms: Math.round(result.wallMs),
      reference_wall_ms: Math.round(result.referenceWallMs),
    });
    return [
      figure({ bench: "B6", what: "--help, CPU ÷ bare node", value: help.cpuRatio }, { atMost: 1.4 }, more(help)),
      figure(
        { bench: "B6", what: "validate of 20 steps, stored, CPU ÷ bare node", value: stored.cpuRatio },
        { atMost: 1.8 },
        more(stored),
      ),
      figure(
        { bench: "B6", what: "validate of 20 steps, fresh, CPU ÷ binding by hand", value: fresh.cpuRatio },
        { atMost: 1.3 },
        more(fresh),
      ),
      figure(
        { bench: "B6", what: "hello run, CPU ÷ node-api script", value: run.cpuRatio },
        { atMost: 1.5 },
        more(run),
      ),
    ];
  },
};

function twentySteps(csv: string): readonly object[] {
  const ingest = {
    layer: "ingest",
    name: "raw",
    type: "config_op",
    engine: "duckdb",
    value: csv,
    outputs: { data: "raw" },
  };
  const chain = Array.from({ length: 19 }, (_, index) => ({
    layer: "transform",
    name: `step_${index}`,
    type: "sql",
    engine: "duckdb",
    value: `SELECT id + ${index} AS id, city FROM source WHERE id > ${index}`,
    inputs: { source: index === 0 ? "raw" : `step_${index - 1}` },
    outputs: { data: `step_${index}` },
  }));
  return [ingest, ...chain];
}

function helloSteps(csv: string, out: string): readonly object[] {
  return [
    { layer: "ingest", name: "read", type: "config_op", engine: "duckdb", value: csv, outputs: { data: "raw" } },
    {
      layer: "transform",
      name: "count",
      type: "sql",
      engine: "duckdb",
      value: "SELECT city, count(*) AS n FROM raw GROUP BY city ORDER BY city",
      inputs: { raw: "raw" },
      outputs: { data: "cities" },
    },
    { layer: "store", name: "save", type: "config_op", engine: "duckdb", value: out, inputs: { data: "cities" } },
  ];
}
