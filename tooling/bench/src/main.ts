// npm run bench -- [B1 B6 …] [--pairs N] [--rows N]
// One JSON line a figure on stdout; what runs, on stderr. Figures are ratios inside one run.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { jsBoundary } from "./benchmarks/boundary.ts";
import { memory } from "./benchmarks/memory.ts";
import { coldStart, planning, wideSteps } from "./benchmarks/steps.ts";
import { overhead, planner } from "./benchmarks/workload.ts";

const benchmarks: readonly Benchmark[] = [overhead, planner, wideSteps, planning, coldStart, jsBoundary, memory];
/** Takes minutes and gigabytes: only by name. */
const onRequest: ReadonlySet<string> = new Set(["B10"]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pairs: { type: "string", default: "7" }, rows: { type: "string", default: "2000000" } },
});
const unknown = positionals.filter((name) => !benchmarks.some((one) => one.name.toLowerCase() === name.toLowerCase()));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown benchmark ${unknown.join(", ")}; there are ${benchmarks.map((one) => one.name).join(", ")}\n`,
  );
  process.exit(20);
}
const root = resolve(import.meta.dirname, "../../..");
const work = join(root, "tooling/bench/.work");
await mkdir(work, { recursive: true });
for (const benchmark of benchmarks) {
  const wanted =
    positionals.length === 0
      ? !onRequest.has(benchmark.name)
      : positionals.some((name) => name.toLowerCase() === benchmark.name.toLowerCase());
  if (!wanted) continue;
  process.stderr.write(`${benchmark.name}  ${benchmark.title}\n`);
  for (const one of await benchmark.run({ root, work, pairs: Number(values.pairs), rows: Number(values.rows) })) {
    process.stdout.write(`${JSON.stringify(one)}\n`);
    process.stderr.write(
      `  ${one.reached ? "✓" : "✗"} ${one.what}: ${one.value} (target ${one.better === "less" ? "≤" : "≥"} ${one.target})\n`,
    );
  }
}
