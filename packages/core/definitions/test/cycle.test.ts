import * as fc from "fast-check";
import { expect, it } from "vitest";
import { findCycles } from "../src/rules/cycle.ts";

const graph = fc
  .integer({ min: 1, max: 8 })
  .chain((nodes) => fc.array(fc.array(fc.nat(nodes - 1), { maxLength: 3 }), { minLength: nodes, maxLength: nodes }));

/** Nodes from which a way leads back to themselves, by following every way. */
function onCycle(edges: readonly (readonly number[])[]): ReadonlySet<number> {
  const reach = edges.map((targets) => new Set(targets));
  for (const middle of edges.keys())
    for (const set of reach) if (set.has(middle)) for (const target of reach[middle] ?? []) set.add(target);
  return new Set([...edges.keys()].filter((node) => reach[node]?.has(node)));
}

it("gives real cycles, none where there is none, and one of each knot", () => {
  fc.assert(
    fc.property(graph, (edges) => {
      const cycles = findCycles(edges);
      const expected = onCycle(edges);
      for (const cycle of cycles) {
        for (const [index, node] of cycle.entries()) expect(edges[node]).toContain(cycle[(index + 1) % cycle.length]);
        expect(new Set(cycle).size).toBe(cycle.length);
        expect(cycle[0]).toBe(Math.min(...cycle));
      }
      expect(cycles.length > 0).toBe(expected.size > 0);
      // What lies on a cycle can reach, or be reached from, a node of one that is told.
      const told = new Set(cycles.flat());
      for (const node of expected)
        expect([...told].some((other) => canReach(edges, node, other) && canReach(edges, other, node))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

function canReach(edges: readonly (readonly number[])[], from: number, to: number): boolean {
  const seen = new Set([from]);
  for (const node of seen) for (const target of edges[node] ?? []) seen.add(target);
  return seen.has(to);
}

it("gives the shortest way round", () => {
  expect(findCycles([[1], [2, 0], [3], [0]])).toEqual([[0, 1]]);
});
