import { buildDag } from "@millrace/engine";
import type { BoundDag, Dag, PipelineSpec, StepSpec } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { formatPipelinePage } from "../src/docs/pipeline-page.ts";
import { graphToSvg } from "../src/graph/svg.ts";

function step(change: Partial<StepSpec> & Pick<StepSpec, "name" | "layer">): StepSpec {
  return {
    type: "config_op",
    engine: "duckdb",
    value: "data/in.csv",
    params: {},
    inputs: {},
    outputs: {},
    metadata: {},
    ...change,
  };
}

function dagOf(steps: readonly StepSpec[]): Dag {
  const spec: PipelineSpec = {
    name: "orders",
    steps,
    params: { since: { type: "DATE", description: "first day" } },
    policy: {},
    returns: [],
    description: "Sales a day",
  };
  const { dag, issues } = buildDag(spec);
  expect(issues).toEqual([]);
  if (dag === undefined) throw new Error("no graph");
  return dag;
}

const steps: readonly StepSpec[] = [
  step({ name: "raw", layer: "ingest", outputs: { data: "raw" } }),
  step({
    name: "daily",
    layer: "transform",
    type: "sql",
    value: "select 1 -- ``` <b>\n",
    inputs: { orders: "raw" },
    outputs: { data: "daily" },
    metadata: {
      medallion: "gold",
      tags: ["sales"],
      explain: { purpose: "Sales | a <day>", formulas: { total: "sum(amount)" }, result: "one row a day" },
    },
  }),
  step({ name: "save", layer: "store", value: "gold/daily.parquet", inputs: { data: "daily" } }),
];

describe("graphToSvg", () => {
  test("draws a box for each step and a line for each edge, from left to right", () => {
    const svg = graphToSvg(dagOf(steps));
    expect(svg.match(/<rect /g)).toHaveLength(3);
    expect(svg.match(/marker-end/g)).toHaveLength(2);
    const x = ["raw", "daily", "save"].map((name) =>
      Number(new RegExp(`<text x="([\\d.]+)"[^>]*>${name}<`).exec(svg)?.[1]),
    );
    expect(x).toEqual(x.toSorted((a, b) => a - b));
    expect(new Set(x).size).toBe(3);
  });

  test("escapes names and cuts long ones", () => {
    const name = `x_${"long".repeat(20)}`;
    const svg = graphToSvg(dagOf([step({ name, layer: "ingest", value: '<script>"&', outputs: { data: name } })]));
    expect(svg).not.toContain("<script>");
    expect(svg).toContain("&lt;script&gt;&quot;&amp;");
    expect(svg).toContain("…</text>");
  });

  test("draws 500 steps in under two seconds", () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      step({
        name: `s${index}`,
        layer: "transform",
        type: "sql",
        value: "select 1",
        inputs: index === 0 ? {} : { before: `s${Math.floor((index - 1) / 3)}` },
        outputs: { data: `s${index}` },
      }),
    );
    const startedMs = performance.now();
    expect(graphToSvg(dagOf(many)).match(/<rect /g)).toHaveLength(500);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});

describe("formatPipelinePage", () => {
  const dag = dagOf(steps);
  const bound: BoundDag = {
    dag,
    params: {},
    issues: [],
    schemas: new Map(),
    steps: new Map([
      ["raw", { name: "raw", inputs: new Map(), outputs: new Map([["raw", { origin: "open", columns: [] }]]) }],
      [
        "daily",
        {
          name: "daily",
          inputs: new Map(),
          outputs: new Map([
            ["daily", { origin: "bound", columns: [{ name: "day", type: { type: "DATE" }, nullable: false }] }],
          ]),
        },
      ],
    ]),
  };
  const page = formatPipelinePage(bound, { mermaid: "graph TD\n", command: "millrace docs orders.ts" });

  test("has picture, parameters, and what each step reads, does and gives", () => {
    for (const text of [
      "# orders",
      "Sales a day",
      "3 steps on 3 levels",
      "```mermaid\ngraph TD\n```",
      "| `since` | DATE | required | first day |",
      "### daily",
      "sql, gold, sales",
      "- reads `raw` as `orders`",
      "- reads from `data/in.csv`",
      "- writes to `gold/daily.parquet`",
      "- read by `save`",
      "| `day` | `DATE` | never null |",
      "`raw`: columns are known when it runs.",
    ])
      expect(page).toContain(text);
  });

  test("keeps what authors wrote as text", () => {
    expect(page).toContain("**Purpose.** Sales \\| a \\<day\\>");
    // The SQL has a fence of three backticks in it, so its own has four.
    expect(page).toContain("````sql\nselect 1 -- ``` <b>\n````");
  });
});
