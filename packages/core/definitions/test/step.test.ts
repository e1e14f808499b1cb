import { normalizeSpec, validateSteps } from "@millrace/definitions";
import { describe, expect, it } from "vitest";
import { codesOf, goodSteps, loadText, withKeep } from "./definition-fixture.ts";

const check = (steps: readonly unknown[]): readonly string[] => codesOf(normalizeSpec({ name: "p", steps }).issues);

describe("a step gets its one form", () => {
  it("with the seed's defaults", () => {
    const { spec } = normalizeSpec({ name: "p", steps: [{ name: "a", layer: "ingest", outputs: { data: "x" } }] });
    expect(spec?.steps).toEqual([
      {
        layer: "ingest",
        name: "a",
        type: "config_op",
        engine: "duckdb",
        value: "",
        params: {},
        inputs: {},
        outputs: { data: "x" },
        metadata: {},
      },
    ]);
  });

  it("with pandas as duckdb, and spark as itself", () => {
    const { spec } = normalizeSpec({
      name: "p",
      steps: [
        { ...goodSteps[0], engine: "pandas" },
        { ...goodSteps[1], engine: "spark" },
      ],
    });
    expect(spec?.steps.map(({ engine }) => engine)).toEqual(["duckdb", "spark"]);
  });

  it("which stays the same when it is read again", () => {
    const first = normalizeSpec({
      name: "p",
      description: "d",
      params: { since: { type: "DATE", default: "2026-01-01" } },
      policy: { retry: 2, timeout: "1h" },
      returns: ["kept"],
      steps: withKeep({
        metadata: {
          policy: { retry: { base: "2s" }, timeout: "10m" },
          own: [1, { a: null }],
        },
      }),
    });
    expect(first.issues).toEqual([]);
    if (first.spec === undefined) throw new Error("no spec");
    expect(normalizeSpec(first.spec)).toEqual(first);
    expect(first.spec.policy).toEqual({ retry: { attempts: 2 }, timeout_ms: 3_600_000 });
    expect(first.spec.steps[1]?.metadata).toEqual({
      policy: {
        retry: { base_ms: 2000 },
        timeout_ms: 600_000,
      },
      own: [1, { a: null }],
    });
  });

  it("as a copy: what the caller changes later does not change it", () => {
    const params = { deep: { list: [1] } };
    const { spec } = normalizeSpec({ name: "p", steps: [{ ...goodSteps[0], params }] });
    params.deep.list.push(2);
    expect(spec?.steps[0]?.params).toEqual({ deep: { list: [1] } });
  });
});

describe("a step is refused", () => {
  it.each<readonly [string, unknown, readonly string[]]>([
    ["that is no object", "read", ["DEFINITION_WRONG_TYPE steps.1"]],
    ["without a name", { ...goodSteps[1], name: undefined }, ["DEFINITION_MISSING_KEY steps.1.name"]],
    ["of an unknown layer", { ...goodSteps[1], layer: "transfrom" }, ["DEFINITION_INVALID_VALUE steps.1.layer"]],
    ["of an unknown engine", { ...goodSteps[1], engine: "polars" }, ["DEFINITION_INVALID_VALUE steps.1.engine"]],
    ["of an unknown type", { ...goodSteps[1], type: "sqll" }, ["DEFINITION_INVALID_VALUE steps.1.type"]],
    ["with a number as its value", { ...goodSteps[1], value: 5 }, ["DEFINITION_WRONG_TYPE steps.1.value"]],
    ["with a list as inputs", { ...goodSteps[1], inputs: ["raw"] }, ["DEFINITION_WRONG_TYPE steps.1.inputs"]],
    [
      "with a number as a dataset",
      { ...goodSteps[1], inputs: { raw: 1 } },
      ["DEFINITION_WRONG_TYPE steps.1.inputs.raw"],
    ],
    [
      "with inputs that differ in case only",
      { ...goodSteps[1], inputs: { raw: "raw", RAW: "raw" } },
      ["DEFINITION_INVALID_NAME steps.1.inputs.RAW"],
    ],
    ["of type sql without SQL", { ...goodSteps[1], value: "  \n" }, ["DEFINITION_MISSING_KEY steps.1.value"]],
    [
      "of type function without a function",
      { ...goodSteps[1], type: "function", value: "" },
      ["DEFINITION_MISSING_KEY steps.1.value"],
    ],
    ["that transforms nothing", { ...goodSteps[1], inputs: {} }, ["DEFINITION_MISSING_KEY steps.1.inputs"]],
    ["that transforms into nothing", { ...goodSteps[1], outputs: {} }, ["DEFINITION_MISSING_KEY steps.1.outputs"]],
    [
      "that ingests into nothing",
      { layer: "ingest", name: "b", value: "b.csv" },
      ["DEFINITION_MISSING_KEY steps.1.outputs"],
    ],
    [
      "that stores nothing, nowhere",
      { layer: "store", name: "b" },
      ["DEFINITION_MISSING_KEY steps.1.value", "DEFINITION_MISSING_KEY steps.1.inputs"],
    ],
    [
      "that stores and produces",
      { layer: "store", name: "b", value: "o.csv", inputs: { a: "raw" }, outputs: { a: "b" } },
      ["DEFINITION_INVALID_VALUE steps.1.outputs"],
    ],
    [
      "with a Date among its params",
      { ...goodSteps[1], params: { at: new Date(0) } },
      ["DEFINITION_INVALID_VALUE steps.1.params.at"],
    ],
    [
      "with digits that a number loses",
      { ...goodSteps[1], params: { id: 2 ** 53 } },
      ["DEFINITION_INVALID_VALUE steps.1.params.id"],
    ],
  ])("%s", (_what, step, expected) => {
    expect(check([goodSteps[0], step])).toEqual(expected);
  });

  it("with params that contain themselves, and the reader comes back", () => {
    const params: Record<string, unknown> = {};
    params["a"] = params;
    params["b"] = params;
    expect(check([{ ...goodSteps[0], params }]).length).toBeGreaterThan(0);
  });

  it("with every finding at once, in the order of the steps", () => {
    const steps = [
      { layer: "ingest", name: "a", engin: "duckdb", outputs: { data: "x" } },
      {
        layer: "transform",
        name: "b",
        type: "sql",
        inputs: { x: "nope" },
        outputs: { data: "y" },
        metadata: { policy: { timeout: "soon", retries: 3 } },
      },
      { layer: "store", name: "a", value: 3, inputs: { y: "y" } },
    ];
    expect(check(steps)).toEqual([
      "DEFINITION_UNKNOWN_KEY steps.0.engin",
      "DEFINITION_UNKNOWN_KEY steps.1.metadata.policy.retries",
      "DEFINITION_INVALID_VALUE steps.1.metadata.policy.timeout",
      "DEFINITION_MISSING_KEY steps.1.value",
      "DEFINITION_UNDEFINED_INPUT steps.1.inputs.x",
      "DEFINITION_WRONG_TYPE steps.2.value",
      "DEFINITION_DUPLICATE_STEP steps.2.name",
    ]);
  });

  it("once: a dataset that a broken step would have produced is not called missing", () => {
    expect(check([{ ...goodSteps[0], outputs: "raw" }, goodSteps[1]])).toEqual([
      "DEFINITION_WRONG_TYPE steps.0.outputs",
    ]);
  });
});

describe("steps are refused together", () => {
  it("where two produce one dataset, naming both", () => {
    const { issues } = normalizeSpec({ name: "p", steps: [...goodSteps, { ...goodSteps[1], name: "again" }] });
    expect(issues.map(({ message }) => message)).toEqual(['Dataset "kept" is produced by "again" and by "keep".']);
  });

  it("where names of steps or datasets differ in case only", () => {
    expect(check([...goodSteps, { ...goodSteps[1], name: "Keep", outputs: { data: "Kept" } }])).toEqual([
      "DEFINITION_DUPLICATE_STEP steps.2.name",
      "DEFINITION_DUPLICATE_OUTPUT steps.2.outputs.data",
    ]);
  });

  it("where an input names a step instead of its dataset, which is suggested", () => {
    const [issue] = normalizeSpec({ name: "p", steps: withKeep({ inputs: { raw: "read" } }) }).issues;
    expect(issue).toMatchObject({ code: "DEFINITION_UNDEFINED_INPUT", suggestion: "raw" });
    expect(issue?.message).toContain('"read" is a step');
  });

  it("where there are none", () => {
    expect(check([])).toEqual(["DEFINITION_EMPTY steps"]);
  });

  it("where an optional input, or one of a condition, is none", () => {
    expect(
      check(
        withKeep({
          metadata: {
            policy: { optional_inputs: ["rwa"], condition: { field: "inputs.rows2.rows", operator: "gt", value: 0 } },
          },
        }),
      ),
    ).toEqual([
      "DEFINITION_INVALID_VALUE steps.1.metadata.policy.optional_inputs.0",
      "DEFINITION_INVALID_VALUE steps.1.metadata.policy.condition.field",
    ]);
  });
});

describe("a pipeline is refused", () => {
  const head = (fields: object): readonly string[] =>
    codesOf(normalizeSpec({ name: "p", steps: goodSteps, ...fields }).issues);

  it.each<readonly [string, object, readonly string[]]>([
    [
      "that returns what nothing produces",
      { returns: ["kept", "kpet", "kept"] },
      ["DEFINITION_UNDEFINED_INPUT returns.1", "DEFINITION_INVALID_VALUE returns.2"],
    ],
    ["whose parameter SQL cannot name", { params: { "a-b": {} } }, ["DEFINITION_INVALID_NAME params.a-b"]],
    ["whose parameter has no object", { params: { a: 5 } }, ["DEFINITION_WRONG_TYPE params.a"]],
    [
      "whose parameter has an unknown type",
      { params: { a: { type: "DATUM" } } },
      ["DEFINITION_INVALID_VALUE params.a.type"],
    ],
    ["whose policy has no such key", { policy: { worker: 2 } }, ["DEFINITION_UNKNOWN_KEY policy.worker"]],
    ["with no worker", { policy: { workers: 0 } }, ["DEFINITION_INVALID_VALUE policy.workers"]],
    ["whose name cannot be used", { name: "a b" }, ["DEFINITION_INVALID_NAME name"]],
  ])("%s", (_what, fields, expected) => {
    expect(head(fields)).toEqual(expected);
  });

  it("whose condition names a parameter that it does not have", () => {
    const { issues } = normalizeSpec({
      name: "p",
      params: { since: {} },
      steps: withKeep({ metadata: { policy: { condition: { field: "params.sinse", operator: "exists" } } } }),
    });
    expect(issues).toMatchObject([{ code: "DEFINITION_INVALID_VALUE", suggestion: "params.since" }]);
  });

  it("that is named by a file which has no usable name, with one that is", async () => {
    const { issues } = await loadText("my orders (1).json", JSON.stringify(goodSteps));
    expect(issues).toMatchObject([{ code: "DEFINITION_INVALID_NAME", suggestion: "my_orders_1" }]);
  });
});

describe("severity", () => {
  it("a warning makes steps invalid only where strict is asked for", () => {
    const steps = [{ layer: "ingest", name: "a", outputs: { data: "x" } }];
    expect(validateSteps(steps)).toMatchObject({ valid: true, errors: 0, warnings: 1 });
    expect(validateSteps(steps, { strict: true })).toMatchObject({ valid: false, errors: 0, warnings: 1 });
  });

  it("types of registered handlers are known where they are given", () => {
    const steps = [{ layer: "ingest", name: "a", type: "sensor", outputs: { data: "x" } }];
    expect(validateSteps(steps, { types: ["sensor"], strict: true }).valid).toBe(true);
    expect(validateSteps(steps).issues).toMatchObject([
      { code: "DEFINITION_INVALID_VALUE", path: ["steps", 0, "type"] },
    ]);
  });
});
