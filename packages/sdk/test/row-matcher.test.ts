import * as fc from "fast-check";
import { Decimal } from "@millrace/engine";
import { describe, expect, test } from "vitest";
import { rowMatchers } from "../src/testing/row-matcher.ts";

expect.extend(rowMatchers);

const failure = (check: () => void): string => {
  try {
    check();
  } catch (error) {
    return (error as Error).message;
  }
  return "it passed";
};

describe("toMatchRows", () => {
  const rows = [
    { id: 1, amount: Decimal.from("12.50"), at: new Date("2026-01-02T00:00:00Z"), big: 2n ** 60n },
    { id: 2, amount: Decimal.from("3"), at: new Date("2026-01-03T00:00:00Z"), big: 7n },
  ];

  test("order and columns that are not named do not count", () => {
    expect(rows).toMatchRows([{ id: 2 }, { id: 1 }]);
  });

  test("decimals, bigints and dates equal what says the same", () => {
    expect(rows).toMatchRows([
      { amount: 12.5, at: "2026-01-02T00:00:00.000Z", big: 2 ** 60 },
      { amount: "3.00", at: "2026-01-03", big: 7 },
    ]);
  });

  test("asymmetric matchers stand for values", () => {
    expect(rows).toMatchRows([{ id: expect.any(Number) }, { id: 1 }]);
  });

  test("a row that fits two is given to the one that fits nothing else", () => {
    expect([
      { a: 1, b: 1 },
      { a: 1, b: 2 },
    ]).toMatchRows([{ a: 1 }, { a: 1, b: 1 }]);
  });

  test("the difference is a table of the named columns, nearest rows together", () => {
    expect(
      failure(() =>
        expect(rows).toMatchRows([
          { id: 1, amount: 12.5 },
          { id: 2, amount: 4 },
          { id: 3, amount: 0 },
        ]),
      ),
    ).toBe(
      [
        "expected 3 rows, received 2 rows; 1 match (in any order, named columns only)",
        "",
        "  id | amount",
        "- 2  | 4",
        "+ 2  | 3",
        "- 3  | 0",
      ].join("\n"),
    );
  });

  test("a column that does not exist is no null", () => {
    expect(failure(() => expect([{ a: 1 } as object]).toMatchRows([{ b: null }]))).toContain("- null");
  });

  test("one row too many fails", () => {
    expect(failure(() => expect(rows).toMatchRows([{ id: 1 }]))).toContain("+ 2");
    expect(rows).not.toMatchRows([{ id: 1 }]);
  });

  test("what is no list of rows is said so", () => {
    expect(failure(() => expect("rows").toMatchRows([]))).toContain("expected an array of rows, received string");
  });

  test("rows match any shuffle of any part of their columns", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: fc.integer({ max: 3, min: 0 }), b: fc.constantFrom("x", "y") }), { maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        (received, named) => {
          const expected = received.map((row, index) => (named[index] ? { a: row.a } : row)).toReversed();
          expect(received).toMatchRows(expected);
          expect(received).not.toMatchRows([...expected, { a: 9 }]);
        },
      ),
    );
  });
});
