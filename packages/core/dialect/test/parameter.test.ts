import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openAnalyzer, serialize, sharedDuckdb } from "./duckdb-fixture.ts";

/** Parameters that DuckDB's own parser finds, in no order; undefined where it refuses the text. It keeps a blank before a comment. */
async function askDuckdb(texts: readonly string[]): Promise<readonly (readonly string[] | undefined)[]> {
  const trees = await serialize(await sharedDuckdb(), texts);
  return trees.map(({ error, statements }) =>
    error
      ? undefined
      : (statements ?? []).flatMap((statement) => (statement.named_param_map ?? []).map(({ key }) => key.trim())),
  );
}

const names = async (text: string): Promise<readonly string[]> =>
  (await openAnalyzer()).parameters(text).map(({ name }) => name);

describe("parameters", () => {
  test.each([
    ["SELECT $a", ["a"]],
    ["SELECT $a + $b, $a", ["a", "b", "a"]],
    ["SELECT $ñandú, $_x1, $SELECT", ["ñandú", "_x1", "SELECT"]],
    ['SELECT $"two words", $ spaced, $/* c */c, $\nd', ["two words", "spaced", "c", "d"]],
    ["SELECT $x::DATE, $y.z, [$p][$q:$r]", ["x", "y", "p", "q", "r"]],
    ["SELECT '$no', 'it''s $no', $yes", ["yes"]],
    ["SELECT 'a\\', $yes, '$no'", ["yes"]],
    ["SELECT E'a\\'$no', e'\\\\', $yes", ["yes"]],
    ['SELECT "$no", "a""$no", $yes FROM t', ["yes"]],
    ["SELECT $$ $no it's $$, $yes", ["yes"]],
    ["SELECT $tag$ $no $$ $no $tag$ || $tag", ["tag"]],
    ["SELECT $a$b$a$, $b", ["b"]],
    ["SELECT 1 -- $no\n, $yes -- $no", ["yes"]],
    ["SELECT 1 -- $no\r, $yes", ["yes"]],
    ["SELECT /* a /* $no */ $no */ $yes", ["yes"]],
    ["SELECT a$b, x->>'$.no', $yes FROM t", ["yes"]],
    ["SELECT 5-$a", ["a"]],
    ["SELECT\u00a0$a,\u2003$b", ["a", "b"]],
  ])("%s", async (text, expected) => {
    expect(await names(text)).toEqual(expected);
    const [duckdb] = await askDuckdb([text]);
    expect(duckdb?.toSorted()).toEqual([...new Set(expected)].toSorted());
  });

  test("stand where their $ stands, in UTF-16 code units", async () => {
    const analyzer = await openAnalyzer();
    expect(analyzer.parameters("SELECT 'é😀', $a, $ b")).toEqual([
      { name: "a", offset: 14 },
      { name: "b", offset: 18 },
    ]);
  });

  test("are those that DuckDB finds, in any text that it parses", async () => {
    const piece = fc.constantFrom(
      "$a",
      "$b1",
      " ",
      "$",
      "$$",
      "$t$",
      "'",
      '"',
      "''",
      "E'",
      "\\",
      "--",
      "\n",
      "/*",
      "*/",
      "x",
      "1",
      ",",
      "$a$",
      "é",
      "\u00a0",
      "-",
      "(",
      ")",
      "e",
    );
    const texts = fc.sample(
      fc.array(piece, { maxLength: 12 }).map((pieces) => `SELECT 1, ${pieces.join("")}`),
      { numRuns: 1500, seed: 7 },
    );
    const duckdb = await askDuckdb(texts);
    const compared = texts.flatMap((text, index) =>
      duckdb[index] === undefined ? [] : [[text, duckdb[index].toSorted()] as const],
    );
    expect(compared.length).toBeGreaterThan(50);
    for (const [text, expected] of compared)
      expect([text, [...new Set(await names(text))].toSorted()]).toEqual([text, expected]);
  });

  test("that are numbered are refused with their place", async () => {
    const [numbered, question, text] = await (
      await openAnalyzer()
    ).parse(["SELECT 1, $1", "SELECT '?', ?", "SELECT '$1 ?'"]);
    expect(numbered?.error).toEqual({
      message: "The SQL has the positional parameter $1; parameters have names. Write $name instead.",
      offset: 10,
    });
    expect(question?.error?.offset).toBe(12);
    expect(text?.error).toBeUndefined();
  });
});

describe("substitution", () => {
  const literals = new Map([
    ["n", "-5"],
    ["s", "'it''s'"],
    ["list", "[1, 2]"],
    ["five", "5"],
  ]);
  test.each([
    ["SELECT $n", "SELECT (-5)"],
    ["SELECT x-$n", "SELECT x-(-5)"],
    ["SELECT $s || '$s' -- $s", "SELECT 'it''s' || '$s' -- $s"],
    ["SELECT x IN $list AND y=$ five", "SELECT x IN [1, 2] AND y=5"],
    ["SELECT $five.x, [$list][$five]", "SELECT (5) .x, [[1, 2]][5]"],
    ["SELECT 'a'$s", "SELECT 'a' 'it''s'"],
    ["SELECT 1$five", "SELECT 1 5"],
    ["SELECT 1", "SELECT 1"],
  ])("%s becomes %s", async (text, expected) => {
    expect((await openAnalyzer()).substitute(text, literals)).toBe(expected);
  });

  test("names the parameter that has no literal, and the closest one that has", async () => {
    const analyzer = await openAnalyzer();
    expect(() => analyzer.substitute("SELECT $sinse", new Map([["since", "1"]]))).toThrow(
      expect.objectContaining({
        code: "SQL_PARAMETER_UNKNOWN",
        context: { parameter: "sinse", offset: 7, suggestion: "since" },
      }),
    );
  });

  test("tells where each literal stands, so that every other character can be found again", async () => {
    const analyzer = await openAnalyzer();
    const part = fc.oneof(
      fc.constantFrom("$n", "$s", "$ five", "$list"),
      fc.constantFrom(" a ", ",", "'$n'", " - ", "😀", "(", ")"),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join("  ");
        const sql = analyzer.substitute(text, literals);
        const spans = analyzer.substitutionSpans?.(text, literals) ?? [];
        let [author, own] = [0, 0];
        let rebuilt = "";
        for (const span of spans) {
          expect(text.slice(author, span.authorOffset)).toBe(sql.slice(own, span.sqlOffset));
          rebuilt += sql.slice(own, span.sqlOffset + span.sqlLength);
          [author, own] = [span.authorOffset + span.authorLength, span.sqlOffset + span.sqlLength];
        }
        expect(rebuilt + text.slice(author)).toBe(sql);
      }),
      { seed: 1 },
    );
  });
});
