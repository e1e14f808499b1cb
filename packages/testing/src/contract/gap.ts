import { suggestName } from "@millrace/foundation";
import { describe, expect, test } from "vitest";

/**
 * Why an implementation does not have what a suite asks for. `notImplemented`: not yet. `notSupportedUpstream`: the
 * system behind it cannot. `never`: it would make no sense there.
 */
export type GapReason = "notImplemented" | "notSupportedUpstream" | "never";

/** A fact of a contract that an implementation does not hold, with what a reader must know about it. */
export interface Gap {
  readonly reason: GapReason;
  readonly note: string;
}

/** Gaps by the name of the fact. */
export type Gaps = Readonly<Record<string, Gap>>;

/** Facts of a contract by name; each runs against a bench of its own. */
export type Facts<Bench> = Readonly<Record<string, (bench: Bench) => Promise<void>>>;

/** How a suite runs. */
export interface SuiteOptions {
  readonly gaps?: Gaps;
  /** @defaultValue 30,000 */
  readonly timeoutMs?: number;
}

/**
 * Registers each fact as a test.
 *
 * A fact with a gap must fail: once it holds, the test fails and the gap is to be removed. A gap that names no fact fails.
 */
export function registerFacts<Bench>(
  facts: Facts<Bench>,
  run: (check: (bench: Bench) => Promise<void>) => Promise<void>,
  { gaps = {}, timeoutMs = 30_000 }: SuiteOptions = {},
): void {
  for (const [fact, check] of Object.entries(facts)) {
    const gap = gaps[fact];
    const title = gap === undefined ? fact : `${fact} [gap, ${gap.reason}: ${gap.note}]`;
    const register = gap === undefined ? test : test.fails;
    register(title, { timeout: timeoutMs }, async () => run(check));
  }
  describe("gaps", () => {
    test("each names a fact of this contract and says why", () => {
      const problems = Object.entries(gaps).flatMap(([fact, gap]) => [
        ...(Object.hasOwn(facts, fact)
          ? []
          : [`no fact "${fact}"; did you mean "${suggestName(fact, Object.keys(facts))}"?`]),
        ...(gap.note.trim() === "" ? [`the gap "${fact}" has no note`] : []),
      ]);
      expect(problems).toEqual([]);
    });
  });
}
