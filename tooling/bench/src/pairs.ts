import { runProcess } from "./process-cost.ts";
import type { ProcessCost, ProcessOptions } from "./process-cost.ts";

/** One side of a comparison. */
export interface Contestant extends ProcessOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** Runs before each timed run, untimed. */
  readonly prepare?: () => Promise<void>;
  /** What the run produced, compared with the reference's before any time counts. */
  readonly outcome?: (cost: ProcessCost) => Promise<string>;
}

/** Median ratios of a contestant to the reference that ran right before it. */
export interface PairResult {
  readonly pairs: number;
  readonly wallRatio: number;
  readonly cpuRatio: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly referenceWallMs: number;
  readonly referenceCpuMs: number;
  readonly referencePeakBytes: number;
  /** Pairs left out because the reference was more than 25 % off its median. */
  readonly dropped: number;
}

/** Runs reference and contestant in turn, after one run of each that is compared and does not count. */
export async function runPairs(reference: Contestant, contestant: Contestant, pairs: number): Promise<PairResult> {
  const expected = await runOnce(reference);
  const received = await runOnce(contestant);
  const wanted = await reference.outcome?.(expected);
  const got = await contestant.outcome?.(received);
  if (wanted !== got)
    throw new Error(
      `${contestant.name} gives other output than ${reference.name}: ${got ?? "nothing"} instead of ${wanted ?? "nothing"}`,
    );
  const rows: { reference: ProcessCost; contestant: ProcessCost }[] = [];
  for (let pair = 0; pair < pairs; pair += 1)
    rows.push({ reference: await runOnce(reference), contestant: await runOnce(contestant) });
  const usual = median(rows.map((row) => row.reference.wallMs));
  const steady = rows.filter((row) => Math.abs(row.reference.wallMs - usual) <= usual * 0.25);
  return {
    pairs: steady.length,
    wallRatio: median(steady.map((row) => row.contestant.wallMs / row.reference.wallMs)),
    cpuRatio: median(steady.map((row) => row.contestant.cpuMs / row.reference.cpuMs)),
    wallMs: median(steady.map((row) => row.contestant.wallMs)),
    cpuMs: median(steady.map((row) => row.contestant.cpuMs)),
    peakBytes: median(steady.map((row) => row.contestant.peakBytes)),
    referenceWallMs: usual,
    referenceCpuMs: median(steady.map((row) => row.reference.cpuMs)),
    referencePeakBytes: median(steady.map((row) => row.reference.peakBytes)),
    dropped: rows.length - steady.length,
  };
}

async function runOnce(contestant: Contestant): Promise<ProcessCost> {
  await contestant.prepare?.();
  const cost = await runProcess(contestant.command, contestant);
  if (cost.exitCode !== 0)
    throw new Error(`${contestant.name} ended with ${cost.exitCode}:\n${cost.stderr.slice(-2000)}`);
  return cost;
}

/** The middle value; the mean of the two middle ones for an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
}
