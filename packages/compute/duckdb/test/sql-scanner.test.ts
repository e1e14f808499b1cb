import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitStatements, trimStatementEnd } from "../src/sql-scanner.ts";

const texts = (sql: string): readonly string[] => splitStatements(sql).map(({ start, end }) => sql.slice(start, end));

describe("splitStatements", () => {
  test.each([
    ["select 1", ["select 1"]],
    ["select 1;", ["select 1"]],
    [" select 1 ; ; select 2 -- end", ["select 1", "select 2"]],
    ["select ';' as a, \";\" as b", ["select ';' as a, \";\" as b"]],
    ["select 'it''s; here'; select 2", ["select 'it''s; here'", "select 2"]],
    ["select e'a\\'; b'; select 2", ["select e'a\\'; b'", "select 2"]],
    ["select $$a; b$$; select $t$ ; $$ ; $t$", ["select $$a; b$$", "select $t$ ; $$ ; $t$"]],
    ["select 1 /* a; /* nested; */ still */ + 1; select 2", ["select 1 /* a; /* nested; */ still */ + 1", "select 2"]],
    ["-- nothing; here\n/* nor here */", []],
    ["", []],
    ["select $name; select $1", ["select $name", "select $1"]],
    ["select '😀;é'; select 'ü'", ["select '😀;é'", "select 'ü'"]],
  ])("%s", (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  test("words are those outside of parentheses, in lower case", () => {
    expect(splitStatements("WITH a AS (INSERT INTO b SELECT 1) Select 'delete' FROM \"update\" x")[0]?.words).toEqual([
      "with",
      "a",
      "as",
      "select",
      "from",
      "x",
    ]);
  });

  test("statements joined by semicolons come apart again", () => {
    const piece = fc.constantFrom(
      "select 1",
      "select 'a;b'",
      'select "x;y"',
      "values (1)",
      "select /* ; */ 2",
      "select $$;$$",
    );
    const gap = fc.constantFrom(";", " ; ", ";\n-- ;\n", "; /* ; */ ");
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, gap), { minLength: 1, maxLength: 8 }), (parts) => {
        expect(texts(parts.flat().join(""))).toEqual(parts.map(([text]) => text));
      }),
    );
  });

  test("any text ends, and slices lie inside it in order", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("'", '"', "$", "-", "/", "*", ";", "(", ")", "a", "e", "\\", "\n", "😀") }),
        (sql) => {
          let at = 0;
          for (const { start, end } of splitStatements(sql)) {
            expect(start).toBeGreaterThanOrEqual(at);
            expect(end).toBeGreaterThan(start);
            at = end;
          }
          expect(at).toBeLessThanOrEqual(sql.length);
        },
      ),
    );
  });
});

test("what is behind the last statement is cut off, and nothing before it", () => {
  expect(trimStatementEnd("  select 1 -- one\n ; -- end")).toBe("  select 1");
  expect(trimStatementEnd("select '-- no' as a")).toBe("select '-- no' as a");
  expect(trimStatementEnd(" ;; ")).toBe("");
});
