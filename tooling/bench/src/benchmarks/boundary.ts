import { join } from "node:path";
import { figure } from "../benchmark.ts";
import type { Benchmark } from "../benchmark.ts";
import { median } from "../pairs.ts";
import { runProcess } from "../process-cost.ts";

/** B7: rows, columns and appending beside the binding's own loops, in turns in one process. */
export const jsBoundary: Benchmark = {
  name: "B7",
  title: "JavaScript boundary: rows, columns and appending beside the binding's own loops, 2 M rows",
  async run({ root, work, pairs }) {
    const cost = await runProcess([
      process.execPath,
      "--max-old-space-size=8192",
      join(root, "tooling/bench/programs/js-boundary.ts"),
      work,
      "2000000",
      String(pairs),
    ]);
    if (cost.exitCode !== 0) throw new Error(cost.stderr.slice(-2000));
    const rates = JSON.parse(cost.stdout.trim().split("\n").at(-1) ?? "{}") as Readonly<
      Record<string, readonly number[]>
    >;
    const ratio = (ours: string, theirs: string): number =>
      median((rates[ours] ?? []).map((rate, round) => rate / (rates[theirs]?.[round] ?? Number.NaN)));
    const more = Object.fromEntries(
      Object.entries(rates).map(([name, values]) => [`${name}_m_rows_s`, Math.round(median(values) * 100) / 100]),
    );
    return [
      figure(
        { bench: "B7", what: "row function ÷ row objects of the binding", value: ratio("rows", "raw_rows") },
        { atLeast: 0.8 },
        more,
      ),
      figure(
        { bench: "B7", what: "column function ÷ chunk loop", value: ratio("columns", "raw_chunks") },
        { atLeast: 0.5 },
        more,
      ),
      figure(
        { bench: "B7", what: "rows out ÷ row appender", value: ratio("append", "raw_append") },
        { atLeast: 0.9 },
        more,
      ),
    ];
  },
};
