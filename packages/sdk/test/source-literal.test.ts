import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLiterals } from "../src/module/source-literal.ts";

const values = (source: string): readonly (readonly string[])[] =>
  readLiterals(source).map((literal) => literal.texts.map((text) => text.value));

describe("literals of a module", () => {
  test("strings and templates are found, comments are not", () => {
    const source = `
      // "no" \`no\`
      /* 'no' */ p.sql("daily", { raw }, /* sql */ \`select 'x' -- it's
      from raw\`); const a = 'b';`;
    expect(values(source)).toEqual([["daily"], ["select 'x' -- it's\n      from raw"], ["b"]]);
  });

  test("a template has one text more than holes, and literals inside holes are their own", () => {
    expect(values('sql`a ${x ? sql`b ${1} c` : { y: "}" }} d`')).toEqual([["a ", " d"], ["b ", " c"], ["}"]]);
  });

  test("quotes inside regular expressions begin nothing, divisions end nothing", () => {
    expect(values("x = /['\"`/]/.test(y); z = a / b; return /`/; w = 'c' / 'd'")).toEqual([["c"], ["d"]]);
  });

  test("a template that never ends gives what stands before it", () => {
    expect(values("a('b'); c(`d")).toEqual([["b"]]);
  });

  test("carriage returns of a template are not part of its value, and offsets still point at the character", () => {
    const source = "p(`a\r\nb\r\nWRONG`)";
    const text = readLiterals(source)[0]?.texts[0];
    // ECMAScript 2026, 12.9.6: the template value of <CR><LF> is <LF>.
    expect(text?.value).toBe("a\nb\nWRONG");
    expect(text?.at(4)).toBe(source.indexOf("WRONG"));
  });

  test("what JavaScript itself reads is what is found, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const source = `f(${JSON.stringify(value)}, \`${value.replaceAll(/[\\`]|\$(?=\{)/g, "\\$&")}\`)`;
        // The evaluated source is the reference.
        // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
        const read = new Function("f", `return ${source}`)((...parts: string[]) => parts) as string[];
        expect(values(source).flat()).toEqual(read);
      }),
    );
  });

  test("every offset of a value points at its character", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "é", "🚀", "\n", "\r\n", "\\n", "\\u{1F680}", "\\\n", "'")),
        (parts) => {
          const source = `x = \`${parts.join("")}MARK\`;`;
          const text = readLiterals(source)[0]?.texts[0];
          expect(text?.at(text.value.indexOf("MARK"))).toBe(source.indexOf("MARK"));
        },
      ),
    );
  });
});
