import { join } from "node:path";
import type { StepInput } from "@millrace/protocols";
import { createFunctionRegistry, fromSteps } from "@millrace/sdk";
import type { NamedFunction } from "@millrace/sdk";
import { describe, expect, test } from "vitest";
import { createFunctionResolver } from "../src/runtime/function-resolver.ts";
import { createScratchProject, orderFiles } from "./scratch-project.ts";

const double: NamedFunction = () => [{ n: 2 }];

describe("functions by name", () => {
  test("a tree is dotted names", () => {
    const registry = createFunctionRegistry({ thermo: { steam: { calc_enthalpy: double } }, plain: double });
    expect(registry.names()).toEqual(["plain", "thermo.steam.calc_enthalpy"]);
    expect(registry.get("thermo.steam.calc_enthalpy")).toBe(double);
    expect(registry.get("thermo")).toBeUndefined();
  });

  test.each([
    ["a name twice", "plain", double, "is registered already"],
    ["a name that is none", "1st", double, "cannot be used"],
    ["a name with an empty part", "a..b", double, "cannot be used"],
    ["what is no function", "two", 2 as never, "is no function, but number"],
  ])("%s is refused", (_, name, fn, message) => {
    const registry = createFunctionRegistry({ plain: double });
    expect(() => registry.register(name, fn)).toThrow(message);
  });

  test("two registries never meet", () => {
    createFunctionRegistry({ one: double });
    expect(createFunctionRegistry().names()).toEqual([]);
  });
});

describe("functions of steps", () => {
  test("rows name registered functions and exports of modules", async () => {
    await using project = createScratchProject({
      ...orderFiles,
      "pipelines/rows.json": JSON.stringify([
        { layer: "ingest", name: "read", value: "data/orders/1.csv", outputs: { data: "raw" } },
        { name: "a", type: "function", value: "shop.count", inputs: { raw: "raw" }, outputs: { data: "a" } },
        { name: "b", type: "function", value: "./score.mjs#score", inputs: { raw: "raw" }, outputs: { data: "b" } },
      ]),
      "pipelines/score.mjs": "export const score = async ({ raw }) => [{ rows: await raw.count() }];",
    });
    const rt = await project.runtime({
      functions: {
        shop: { count: async (inputs: Readonly<Record<string, StepInput>>) => [{ n: await inputs["raw"]?.count() }] },
      },
    });
    const run = await rt.run(join(project.root, "pipelines/rows.json"));
    expect(run.orThrow().state).toBe("success");
    expect(run.record.steps.map(({ name, rows }) => [name, rows?.rows])).toEqual([
      ["read", 3],
      ["a", 1],
      ["b", 1],
    ]);
    const rows: unknown[] = [];
    for await (const row of run.dataMap.get("b")?.rows() ?? []) rows.push(row);
    expect(rows).toEqual([{ rows: 3 }]);
  });

  test.each([
    ["./score.mjs#scor", 'has no export "scor". Did you mean "score"?'],
    ["./nope.mjs#score", "cannot be imported"],
    ["./score.mjs#text", "is no function, but string"],
    ["./score.mjs#score/step", 'has no code step "step"'],
  ])("%s says what is missing", async (value, message) => {
    await using project = createScratchProject({
      "score.mjs": "export const score = () => []; export const text = 'x';",
    });
    const resolver = createFunctionResolver(createFunctionRegistry(), new Map());
    await expect(
      resolver.resolve(value, { step: "s", pipelineFile: join(project.root, "p.json") }),
    ).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND", message: expect.stringContaining(message) });
  });

  test("an export of a module has the digest of what it imports", async () => {
    await using project = createScratchProject({ "score.mjs": "export const score = () => [];" });
    const resolver = createFunctionResolver(createFunctionRegistry({ plain: double }), new Map());
    const place = { step: "s", pipelineFile: join(project.root, "p.json") };
    expect((await resolver.resolve("./score.mjs#score", place))?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect((await resolver.resolve("plain", place))?.digest).toBeUndefined();
    expect(await resolver.resolve("unknown", place)).toBeUndefined();
  });

  test("a name that nobody registered is found before the run", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime({ functions: { shop: { count: double } } });
    const rows = fromSteps("rows", [
      { layer: "ingest", name: "read", value: "data/orders/1.csv", outputs: { data: "raw" } },
      { name: "a", type: "function", value: "shop.cout", inputs: { raw: "raw" }, outputs: { data: "a" } },
    ]);
    await expect(rt.run(rows)).rejects.toMatchObject({
      code: "FUNCTION_NOT_FOUND",
      message: expect.stringContaining("shop.count"),
    });
  });
});
