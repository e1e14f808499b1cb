import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dag } from "@millrace/protocols";
import { buildDag } from "../src/dag.ts";
import { spec, step } from "./spec-fixture.ts";

function dagOf(steps: Parameters<typeof spec>[0]): Dag {
  const { dag, issues } = buildDag(spec(steps));
  expect(issues).toEqual([]);
  return dag as Dag;
}

describe("buildDag", () => {
  it("gives levels and the order by level, then name", () => {
    const dag = dagOf([
      step("z", {}),
      step("join", { a: "a", z: "z" }),
      step("a", {}),
      step("top", { j: "join", a: "a" }),
    ]);
    expect(dag.levels).toEqual([["a", "z"], ["join"], ["top"]]);
    expect(dag.order).toEqual(["a", "z", "join", "top"]);
    expect(dag.nodes.get("a")?.dependants).toEqual(["join", "top"]);
  });

  it("names both producers of one dataset", () => {
    const { dag, issues } = buildDag(
      spec([step("one", {}, { outputs: { data: "x" } }), step("two", {}, { outputs: { data: "x" } })]),
    );
    expect(dag).toBeUndefined();
    expect(issues).toMatchObject([{ code: "DEFINITION_DUPLICATE_OUTPUT", path: ["steps", 1, "outputs", "data"] }]);
    expect(issues[0]?.message).toBe('dataset "x" is produced by two steps: "one" and "two"');
  });

  it("lists what is available for an undefined input, with a suggestion", () => {
    const { issues } = buildDag(spec([step("raw_orders", {}), step("clean", { raw: "raw_order" })]));
    expect(issues).toMatchObject([{ code: "DEFINITION_UNDEFINED_INPUT", suggestion: "raw_orders", step: "clean" }]);
    expect(issues[0]?.message).toContain("available: raw_orders, clean");
  });

  it("prints a cycle as a path that begins at the first step of the definition", () => {
    const { issues } = buildDag(spec([step("a", { x: "c" }), step("b", { x: "a" }), step("c", { x: "b" })]));
    expect(issues.map((issue) => issue.message)).toEqual(["circular dependency: a → b → c → a"]);
  });

  it("finds a step that reads itself", () => {
    const { issues } = buildDag(spec([step("a", { x: "a" })]));
    expect(issues.map((issue) => issue.message)).toEqual(["circular dependency: a → a"]);
  });

  it("reports every problem at once", () => {
    const { issues } = buildDag(spec([step("a", { x: "nowhere" }), step("a", {}), step("b", { y: "gone" })]));
    expect(issues.map((issue) => issue.code)).toEqual([
      "DEFINITION_DUPLICATE_STEP",
      "DEFINITION_UNDEFINED_INPUT",
      "DEFINITION_UNDEFINED_INPUT",
    ]);
  });

  it("builds a chain of 100,000 steps without recursion", () => {
    const steps = Array.from({ length: 100_000 }, (_, index) =>
      step(`s${index}`, index === 0 ? {} : { before: `s${index - 1}` }),
    );
    expect(dagOf(steps).levels).toHaveLength(100_000);
  });

  it("puts every step after all that it reads, in any order of definition", () => {
    const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 }).chain((edges) =>
      fc.tuple(
        fc.constant(edges),
        fc.shuffledSubarray(
          edges.map((_, index) => index),
          { minLength: edges.length },
        ),
      ),
    );
    fc.assert(
      fc.property(graphs, ([edges, order]) => {
        const all = edges.map((targets, index) => {
          const inputs = index === 0 ? [] : [...new Set(targets.map((target) => target % index))];
          return step(`s${index}`, Object.fromEntries(inputs.map((input) => [`i${input}`, `s${input}`])));
        });
        const dag = dagOf(order.flatMap((index) => all[index] ?? []));
        const place = new Map(dag.order.map((name, index) => [name, index]));
        for (const [name, node] of dag.nodes)
          for (const before of node.dependsOn) {
            expect(place.get(before) as number).toBeLessThan(place.get(name) as number);
            expect(dag.nodes.get(before)?.level as number).toBeLessThan(node.level);
          }
        expect(dag.order).toEqual(dagOf(all).order);
      }),
      { numRuns: 50 },
    );
  });
});
