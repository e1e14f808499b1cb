import { describe, expect, test } from "vitest";
import { formatDataTable } from "../src/output/data-table.ts";
import { createStyle, wantsColor, wantsUnicode } from "../src/output/style.ts";
import { displayWidth, padText, truncateStyled, truncateText } from "../src/output/text-width.ts";
import { fitLines, LiveBlock } from "../src/terminal/live-block.ts";
import { formatShortCount } from "../src/terminal/step-words.ts";

const style = createStyle({ color: false, unicode: true });

describe("text width", () => {
  test("counts cells: two for wide characters and emoji, none for marks", () => {
    // Widths as wcwidth (Markus Kuhn) gives them.
    expect(displayWidth("abc")).toBe(3);
    expect(displayWidth("日本")).toBe(4);
    expect(displayWidth("e\u0301")).toBe(1);
    expect(displayWidth("🦆")).toBe(2);
  });

  test("cuts and pads by cells", () => {
    expect(truncateText("日本語", 5)).toBe("日本…");
    expect(truncateText("short", 5)).toBe("short");
    expect(padText("日", 4)).toBe("日  ");
    expect(padText("7", 3, "right")).toBe("  7");
  });

  test("cuts a coloured line and keeps the codes that end colours", () => {
    expect(truncateStyled("\u001B[31mabcdef\u001B[39m tail", 4)).toBe("\u001B[31mabc…\u001B[39m");
    expect(truncateStyled("\u001B[31mab\u001B[39mcd", 4)).toBe("\u001B[31mab\u001B[39mcd");
  });
});

describe("style", () => {
  test("colours only a terminal, and not against the user's word", () => {
    expect(wantsColor({ isTTY: true }, {}, false)).toBe(true);
    expect(wantsColor({ isTTY: false }, {}, false)).toBe(false);
    expect(wantsColor({ isTTY: true }, { NO_COLOR: "1" }, false)).toBe(false);
    expect(wantsColor({ isTTY: true }, { NO_COLOR: "" }, false)).toBe(true);
    expect(wantsColor({ isTTY: true }, { TERM: "dumb" }, false)).toBe(false);
    expect(wantsColor({ isTTY: true }, {}, true)).toBe(false);
  });

  test("keeps to ASCII under LANG=C", () => {
    expect(wantsUnicode({ LANG: "C" })).toBe(false);
    expect(wantsUnicode({ LANG: "C.UTF-8" })).toBe(true);
    expect(wantsUnicode({ LC_ALL: "en_US.UTF-8", LANG: "C" })).toBe(true);
    expect(wantsUnicode({})).toBe(true);
    const signs = JSON.stringify(createStyle({ color: false, unicode: false }).signs);
    expect(signs).toMatch(/^[\u0020-\u007E]*$/);
  });
});

describe("formatDataTable", () => {
  test("aligns numbers right, marks nulls, escapes line ends", () => {
    const text = formatDataTable(
      {
        columns: { name: "VARCHAR", n: "BIGINT!" },
        rows: [
          ["a\nb", 1],
          [null, 12345],
        ],
      },
      { style, width: 80 },
    );
    expect(text.split("\n")).toEqual([
      " name           n",
      " VARCHAR  BIGINT!",
      " a\\nb           1",
      " null       12345",
    ]);
  });

  test("leaves out columns that do not fit and names them", () => {
    const text = formatDataTable(
      {
        columns: { first: "VARCHAR", second: "VARCHAR", third: "VARCHAR" },
        rows: [["x".repeat(30), "y".repeat(30), "z"]],
      },
      { style, width: 40 },
    );
    expect(text).toContain("2 more columns: second, third");
  });
});

describe("live block", () => {
  test("draws over what it drew before", () => {
    const written: string[] = [];
    const block = new LiveBlock({ write: (text: string) => written.push(text) });
    block.draw(["a", "b"]);
    block.draw(["c"]);
    block.erase();
    block.erase();
    expect(written).toEqual(["a\u001B[K\nb\u001B[K\n", "\u001B[2A\r\u001B[Jc\u001B[K\n", "\u001B[1A\r\u001B[J"]);
  });

  test("keeps running lines in sight where not all fit", () => {
    const lines = [
      { name: "a", state: "done" },
      { name: "b", state: "done" },
      { name: "c", state: "running" },
      { name: "d", state: "waiting" },
    ];
    const { shown, hidden } = fitLines(lines, 2);
    expect(shown.map(({ name }) => name)).toEqual(["b", "c"]);
    expect(hidden).toBe(2);
  });
});

test("a count beside a bar has three digits", () => {
  expect(["9999", "12345", "4050000", "5710000", "123456789"].map((text) => formatShortCount(Number(text)))).toEqual([
    "9,999",
    "12.3k",
    "4.05M",
    "5.71M",
    "123M",
  ]);
});
