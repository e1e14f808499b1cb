/** What a benchmark is given. */
export interface BenchmarkContext {
  /** Root of the repository. */
  readonly root: string;
  /** Scratch folder; inputs in it are kept between runs. */
  readonly work: string;
  readonly pairs: number;
  /** Rows of the workload. */
  readonly rows: number;
}

/** One figure with its target. Ratios are to the reference of the same run. */
export interface Figure {
  readonly bench: string;
  readonly what: string;
  readonly value: number;
  readonly target: number;
  /** Whether smaller or larger is better. */
  readonly better: "less" | "more";
  readonly reached: boolean;
  readonly details: Readonly<Record<string, number | string>>;
}

/** A benchmark of facts/performance: measures once and gives its figures. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(context: BenchmarkContext): Promise<readonly Figure[]>;
}

/** A figure that must be at most, or at least, its target. */
export function figure(
  measured: { readonly bench: string; readonly what: string; readonly value: number },
  target: { readonly atMost: number } | { readonly atLeast: number },
  details: Figure["details"] = {},
): Figure {
  const better = "atMost" in target ? "less" : "more";
  const bound = "atMost" in target ? target.atMost : target.atLeast;
  const value = Math.round(measured.value * 1000) / 1000;
  return {
    ...measured,
    value,
    target: bound,
    better,
    reached: better === "less" ? value <= bound : value >= bound,
    details,
  };
}
