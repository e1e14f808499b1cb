import { expect, test } from "vitest";
import { parseParams } from "../src/project/param-values.ts";

const declared = {
  since: { type: "DATE" },
  n: { type: "INTEGER" },
  zip: { type: "VARCHAR" },
  big: { type: "BIGINT" },
  ratio: { type: "DECIMAL(9,2)" },
  flag: { type: "BOOLEAN" },
  open: {},
  word: { default: "x" },
  list: { type: "INTEGER[]" },
};

test("takes values in the type that the pipeline declares", () => {
  const words = ["since=2026-01-01", "n=5", "zip=00501", "ratio=1.50", "flag=true", "word=7", "list=[1,2]"];
  expect(parseParams(words, declared)).toEqual({
    since: "2026-01-01",
    n: 5,
    zip: "00501",
    ratio: 1.5,
    flag: true,
    word: "7",
    list: [1, 2],
  });
});

test("keeps what JavaScript numbers cannot hold as text", () => {
  expect(parseParams(["big=9223372036854775807"], declared)).toEqual({ big: "9223372036854775807" });
});

test("reads JSON where no type is declared, and text where it is none", () => {
  expect(parseParams(["open=5"], declared)).toEqual({ open: 5 });
  expect(parseParams(["open=2026-01-01"], declared)).toEqual({ open: "2026-01-01" });
  expect(parseParams(["open=a=b"], declared)).toEqual({ open: "a=b" });
  expect(parseParams(["open="], declared)).toEqual({ open: "" });
});

test("refuses words without a name, twins, and names that the pipeline does not have", () => {
  expect(() => parseParams(["since"], declared)).toThrow('--param is name=value; received "since"');
  expect(() => parseParams(["=1"], declared)).toThrow("--param is name=value");
  expect(() => parseParams(["n=1", "n=2"], declared)).toThrow("--param n is given twice");
  expect(() => parseParams(["sinse=1"], declared)).toThrow('did you mean "since"?');
});
