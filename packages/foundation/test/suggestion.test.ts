import * as fc from "fast-check";
import { expect, test } from "vitest";
import { suggestName, suggestNames } from "../src/index.ts";

// Pairs as people mistype them; the last three are api.md's own examples.
test.each([
  ["input", ["inputs", "outputs", "params"], "inputs"],
  ["ingset", ["ingest", "store"], "ingest"],
  ["orderId", ["order_if", "order_id"], "order_id"],
  ["VALIDATE", ["validate", "run"], "validate"],
  ["amount", ["amount_usd", "customer"], "amount_usd"],
  ["sinse", ["since", "until"], "since"],
  ["amout", ["amount", "about"], "about"],
])("%s among %j means %s", (received, candidates, expected) => {
  expect(suggestName(received, candidates)).toBe(expected);
});

test("nothing is suggested where nothing is close", () => {
  expect(suggestName("customers", ["region", "zip", "x"])).toBeUndefined();
  expect(suggestName("ab", ["xy"])).toBeUndefined();
  expect(suggestName("a", [])).toBeUndefined();
});

test("at most three names, closest first, never the name itself, in one order whatever came in", () => {
  const candidates = ["daily4", "daily1", "daily", "daily3", "daily2"];
  expect(suggestNames("daily", candidates)).toEqual(["daily1", "daily2", "daily3"]);
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string(), { maxLength: 20 }), (received, names) => {
      const found = suggestNames(received, names);
      expect(found.length).toBeLessThanOrEqual(3);
      expect(found).not.toContain(received);
      for (const name of found) expect(names).toContain(name);
      expect(suggestNames(received, names.toReversed())).toEqual(found);
    }),
  );
});

test("a swap of neighbours is one edit", () => {
  expect(suggestNames("raw_odrers", ["raw_orders", "raw_others"])[0]).toBe("raw_orders");
});

test("ten thousand long candidates take under a second", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `column_with_a_long_name_${index}`);
  const started = performance.now();
  suggestNames("column_with_a_lnog_name_77", names);
  expect(performance.now() - started).toBeLessThan(1000);
});
