import { describe, expect, test } from "vitest";
import { createDataset } from "../src/builder/dataset.ts";
import { composeFragment, sql } from "../src/builder/fragment.ts";
import type { SqlHole } from "../src/builder/fragment.ts";

const raw = createDataset("raw_orders", {});
const compose = (fragment: ReturnType<typeof sql>): string => composeFragment(fragment, () => '"raw"').text;

describe("sql`…`", () => {
  test("datasets become table names, fragments their text", () => {
    expect(compose(sql`select * from ${raw} where ${sql`region = 'EU'`} and true`)).toBe(
      `select * from "raw" where region = 'EU' and true`,
    );
  });

  test.each<readonly [SqlHole, string]>([
    ["O'Brien; drop table x --", "'O''Brien; drop table x --'"],
    [5, "5"],
    [0.1, "CAST('0.1' AS DOUBLE)"],
    [true, "TRUE"],
    [null, "NULL"],
    [2n ** 62n, "CAST('4611686018427387904' AS BIGINT)"],
    [2n ** 70n, "CAST('1180591620717411303424' AS HUGEINT)"],
    [new Date("2026-01-02T03:04:05.678Z"), "CAST('2026-01-02T03:04:05.678Z' AS TIMESTAMPTZ)"],
  ])("the value %s becomes a typed literal and never text", (value, literal) => {
    expect(compose(sql`select ${value}`)).toBe(`select ${literal}`);
  });

  test.each([undefined, {}, [1], new Date(Number.NaN), () => 1, Symbol("x")])("a hole cannot hold %s", (value) => {
    expect(() => compose(sql`select ${value as never}`)).toThrow(/Expected a dataset, another fragment/);
  });

  test("each run of the text knows the template and part that it comes from", () => {
    const inner = sql`x > ${1}`;
    const { text, pieces } = composeFragment(sql`a ${inner} b`, () => "");
    expect(text).toBe("a x > 1 b");
    expect(pieces.map(({ start, length, index }) => [text.slice(start, start + length), index])).toEqual([
      ["a ", 0],
      ["x > ", 0],
      ["", 1],
      [" b", 1],
    ]);
    expect(pieces[0]?.site?.file).toBe(import.meta.filename);
    expect(pieces[1]?.site?.line).toBe((pieces[0]?.site?.line ?? 0) - 1);
  });
});
