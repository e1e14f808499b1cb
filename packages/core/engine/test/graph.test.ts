import { describe, expect, it } from "vitest";
import type { Dag } from "@millrace/protocols";
import { buildDag } from "../src/dag.ts";
import { graphToDot, graphToJson, graphToMermaid, graphToText } from "../src/graph.ts";
import { spec, step } from "./spec-fixture.ts";

const dag = buildDag(spec([step("raw", {}), step('say "hi"', { raw: "raw" })])).dag as Dag;

describe("graphs", () => {
  it("lists steps by level as text", () =>
    expect(graphToText(dag)).toBe(
      'test: 2 steps, 2 levels\nlevel 0\n  raw [ingest]\nlevel 1\n  say "hi" [transform] ← raw\n',
    ));
  it("escapes quotes in Mermaid and colours by layer", () => {
    const text = graphToMermaid(dag);
    expect(text).toContain('s1["say #quot;hi#quot;<br/>transform"]:::transform');
    expect(text).toContain("s0 --> s1");
    expect(text).toContain("classDef ingest fill:#e1f5ff");
  });
  it("escapes quotes in DOT", () => expect(graphToDot(dag)).toContain('"raw" -> "say \\"hi\\"" [label="raw"];'));
  it("gives nodes and edges as data", () =>
    expect(graphToJson(dag)).toMatchObject({
      nodes: [
        { name: "raw", level: 0 },
        { name: 'say "hi"', level: 1 },
      ],
      edges: [{ from: "raw", to: 'say "hi"', dataset: "raw" }],
    }));
});
