import * as arrow from "apache-arrow";
import { expect, test } from "vitest";
import { splitOutputs } from "../../src/code-step/index.ts";

test("one output takes all that was returned, whatever it looks like", () => {
  const rows = { scored: [1] };
  expect(splitOutputs(rows, ["scored"])).toEqual(new Map([["scored", rows]]));
});

test("several outputs are the members of an object, in the order of the step", () => {
  const good = [{ id: 1 }];
  expect([...splitOutputs({ bad: [], good }, ["good", "bad"])]).toEqual([
    ["good", good],
    ["bad", []],
  ]);
});

test("a step without outputs drops what is returned", () => {
  expect(splitOutputs("ok", []).size).toBe(0);
});

test.each([
  ["an output that is missing", { good: [] }, 'returned nothing for the output "bad". Return [] for no rows.'],
  ["an output that is unknown", { good: [], bda: [] }, '"bda", which is no output of the step. Did you mean "bad"?'],
  ["rows", [{ id: 1 }], "The step has 2 outputs: return { good, bad }, not an array of 1."],
  ["a generator", [].values(), "return { good, bad }, not a"],
  [
    "an Arrow table",
    new arrow.Table({ good: arrow.makeVector(Int32Array.of(1)) }),
    "return { good, bad }, not a Table.",
  ],
  ["nothing", undefined, "return { good, bad }, not nothing."],
])("refuses %s where there are several", (_, output, message) => {
  expect(() => splitOutputs(output, ["good", "bad"])).toThrow(
    expect.objectContaining({ code: "STEP_OUTPUT_INVALID", message: expect.stringContaining(message) }),
  );
});
