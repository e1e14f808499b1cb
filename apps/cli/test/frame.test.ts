import type { Issue } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { formatAnnotation } from "../src/output/annotation.ts";
import { formatIssue, formatIssues, type FrameOptions } from "../src/output/frame.ts";
import { createStyle } from "../src/output/style.ts";

const source = "select 1\n\n\tselect order_id, amount::double as amount, customer\nfrom raw";

function options(change: Partial<FrameOptions> = {}): FrameOptions {
  return {
    style: createStyle({ color: false, unicode: true }),
    text: (file) => (file === "/p/orders.ts" ? source : undefined),
    shownPath: (file) => file.replace("/p/", ""),
    width: 100,
    ...change,
  };
}

const issue: Issue = {
  severity: "error",
  code: "SQL_COLUMN_NOT_FOUND",
  message: 'step "clean_orders" has no column "amount" in "raw"',
  path: ["steps", 1, "value"],
  position: { file: "/p/orders.ts", line: 3, column: 19 },
  length: 6,
  suggestion: "amount_usd",
  notes: ["raw is raw_orders: order_id BIGINT, amount_usd DOUBLE"],
};

describe("formatIssue", () => {
  test("shows code, place, the line with what is meant underlined, suggestion and notes", () => {
    // The tab before `select` is shown as two blanks, and the carets move with it.
    expect(formatIssue(issue, options()).split("\n")).toEqual([
      'error[SQL_COLUMN_NOT_FOUND]: step "clean_orders" has no column "amount" in "raw"',
      "  --> orders.ts:3:19",
      " 3 |   select order_id, amount::double as amount, customer",
      '   |                    ^^^^^^ did you mean "amount_usd"?',
      "   = raw is raw_orders: order_id BIGINT, amount_usd DOUBLE",
    ]);
  });

  test("without a text it shows the place and the suggestion", () => {
    expect(formatIssue(issue, options({ text: () => undefined })).split("\n")).toEqual([
      'error[SQL_COLUMN_NOT_FOUND]: step "clean_orders" has no column "amount" in "raw"',
      "  --> orders.ts:3:19",
      '   = did you mean "amount_usd"?',
      "   = raw is raw_orders: order_id BIGINT, amount_usd DOUBLE",
    ]);
  });

  test("without a position it shows the path", () => {
    const { position: _position, suggestion: _suggestion, notes: _notes, ...rest } = issue;
    const text = formatIssue(
      { ...rest, path: ["steps", 3, "inputs", "raw data"], expected: "a name", received: "12" },
      options(),
    );
    expect(text.split("\n").slice(1)).toEqual([
      '  --> steps[3].inputs["raw data"]',
      "   = expected a name, received 12",
    ]);
  });

  test("shows the part of a long line that is meant, within the width", () => {
    const long = `${"a".repeat(5000)} wrong ${"b".repeat(5000)}`;
    const text = formatIssue(
      { ...issue, position: { file: "/x", line: 1, column: 5002 }, length: 5 },
      options({ text: () => long, width: 80 }),
    );
    const [, , line = "", carets = ""] = text.split("\n");
    expect(line.length).toBeLessThanOrEqual(80);
    const at = carets.indexOf("^");
    expect(line.slice(at, at + 5)).toBe("wrong");
  });

  test("puts carets below wide characters", () => {
    const text = formatIssue(
      { ...issue, position: { file: "/x", line: 1, column: 4 }, length: 2 },
      options({ text: () => "日本 名前 x" }),
    );
    const [, , line = "", carets = ""] = text.split("\n");
    expect(line).toBe(" 1 | 日本 名前 x");
    // Two wide characters and a blank before: 5 cells; two wide ones are meant: 4 carets.
    expect(carets.startsWith(`   | ${" ".repeat(5)}^^^^ `)).toBe(true);
  });

  test("escapes what could move the cursor", () => {
    const text = formatIssue(
      { ...issue, message: "bad \u001B[2J\u0007 name" },
      options({ text: () => "\u001B[31mred" }),
    );
    // oxlint-disable-next-line no-control-regex -- control characters must not come through
    expect(text.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001F]/);
    expect(text).toContain("\\u001b[2J");
  });
});

describe("formatIssues", () => {
  test("prints errors last and counts them", () => {
    const warning: Issue = { severity: "warning", code: "SQL_UNUSED_INPUT", message: "unused", path: [] };
    const lines = formatIssues([issue, warning], { ...options(), durationMs: 210 }).split("\n");
    expect(lines[0]).toBe("warning[SQL_UNUSED_INPUT]: unused");
    expect(lines.at(-1)).toBe(" 1 error, 1 warning in 0.2s   millrace explain SQL_COLUMN_NOT_FOUND");
  });

  test("prints at most fifty and says how many are left", () => {
    const many = Array.from({ length: 60 }, (_, index): Issue => ({
      severity: "error",
      code: "SQL_INVALID",
      message: `number ${index}`,
      path: [],
    }));
    const text = formatIssues(many, { ...options(), durationMs: 0 });
    expect(text).toContain("… and 10 more before these; --json prints all");
    expect(text).toContain("number 59");
    expect(text).not.toContain("number 9\n");
  });
});

describe("formatAnnotation", () => {
  test("writes a workflow command with its properties escaped", () => {
    expect(formatAnnotation({ ...issue, message: "50% of\nrows" }, (file) => file.replace("/p/", "a,b:"))).toBe(
      '::error file=a%2Cb%3Aorders.ts,line=3,col=19,title=SQL_COLUMN_NOT_FOUND::50%25 of%0Arows%0Adid you mean "amount_usd"?',
    );
  });
});
