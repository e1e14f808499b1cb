import { isDeepStrictEqual } from "node:util";
import { Decimal, isDecimal } from "@millrace/engine";
import type { MatcherState } from "vitest";
import { compareRows, formatDifference } from "./row-difference.ts";
import type { TestRow } from "./row-difference.ts";

/** What a matcher of vitest gives. */
export interface MatchResult {
  readonly pass: boolean;
  message(): string;
}

/** What vitest gives a matcher as `this`. */
export type MatcherContext = Pick<MatcherState, "isNot" | "equals">;

/** How cells are compared once they are written alike. @defaultValue deep equality */
export type Equality = (a: unknown, b: unknown) => boolean;

/**
 * Compares rows in any order. An expected row names only the columns that count; there are as many rows as expected.
 *
 * A decimal equals the number or text that says the same, a bigint the number, a `Date` its ISO text.
 */
export function matchRows(
  received: unknown,
  expected: readonly TestRow[],
  equals: Equality = isDeepStrictEqual,
): MatchResult {
  if (!isRows(received)) {
    return {
      pass: false,
      message: () => `expected an array of rows, received ${received === null ? "null" : typeof received}`,
    };
  }
  const difference = compareRows(received, expected, (one, other) => equals(toComparable(one, other), other));
  const pass = difference.missing.length === 0 && difference.surplus.length === 0;
  const columns = [...new Set(expected.length === 0 ? received.flatMap(Object.keys) : expected.flatMap(Object.keys))];
  return {
    pass,
    message: () =>
      pass
        ? `expected the rows to differ, and all ${received.length} match`
        : [
            `expected ${count(expected.length)}, received ${count(received.length)}; ${difference.matched} match (in any order, named columns only)`,
            "",
            formatDifference(difference, columns),
          ].join("\n"),
  };
}

/** The matcher of vitest over `matchRows`; `expect.any(…)` and its relatives may stand for a value. */
// vitest gives a matcher its equality as `this`.
// oxlint-disable oxc/no-this-in-exported-function
export function toMatchRows(this: MatcherContext, received: unknown, expected: readonly TestRow[]): MatchResult {
  const result = matchRows(received, expected, (a, b) => this.equals(a, b));
  // What is no list of rows fails with and without `.not`.
  return isRows(received) ? result : { ...result, pass: this.isNot };
}

/** Matchers for `expect.extend(rowMatchers)`. */
export const rowMatchers: { readonly toMatchRows: typeof toMatchRows } = { toMatchRows };

function isRows(value: unknown): value is readonly TestRow[] {
  return Array.isArray(value) && value.every((row) => typeof row === "object" && row !== null);
}

/** The received value in the form in which the expected one is written. */
function toComparable(received: unknown, expected: unknown): unknown {
  if (isDecimal(received)) {
    if (typeof expected !== "number" && typeof expected !== "bigint" && typeof expected !== "string") return received;
    return isEqualDecimal(received, expected) ? expected : received;
  }
  if (typeof received === "bigint" && typeof expected === "number")
    return Number.isInteger(expected) && BigInt(expected) === received ? expected : received;
  if (typeof received === "number" && typeof expected === "bigint")
    return Number.isInteger(received) && BigInt(received) === expected ? expected : received;
  if (received instanceof Date && typeof expected === "string")
    return received.getTime() === Date.parse(expected) ? expected : received;
  return received;
}

function isEqualDecimal(received: Decimal, expected: number | bigint | string): boolean {
  try {
    return received.equals(Decimal.from(expected));
  } catch {
    // A text that is no decimal is not equal to one.
    return false;
  }
}

function count(rows: number): string {
  return rows === 1 ? "1 row" : `${rows} rows`;
}

declare module "vitest" {
  // The parameters must be vitest's own, or the interfaces do not merge.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Compares rows in any order; an expected row names only the columns that count. */
    toMatchRows(expected: readonly TestRow[]): R;
  }
}
