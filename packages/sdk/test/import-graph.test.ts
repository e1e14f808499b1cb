import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readImportGraph } from "../src/module/import-graph.ts";
import { createNodeProject } from "./node-project.ts";

const files = {
  "pipeline.ts": `import type { A } from "./types.ts";
    import { clean } from "./steps/clean.ts";
    import fs from "node:fs";
    import { z } from "zod";
    import { pipeline } from "@millrace/sdk";
    const text = "import './not-an-import.ts'";
    export default await import("./late.js");`,
  "types.ts": "export interface A {}",
  "steps/clean.ts": `import data from "../data.json" with { type: "json" }; export const clean = <T,>(x: T) => data;`,
  "data.json": "{}",
  "late.js": `export * from "./pipeline.ts";`,
  "node_modules/zod/package.json": '{ "name": "zod", "version": "4.6.7", "exports": "./i.js" }',
  "node_modules/zod/i.js": "",
};

describe("import graph of a module", () => {
  test("files are followed, circles end, packages and text in strings are not", async () => {
    using project = createNodeProject(files);
    const graph = await readImportGraph(join(project.root, "pipeline.ts"));
    expect(graph.files).toEqual(
      ["data.json", "late.js", "pipeline.ts", "steps/clean.ts", "types.ts"].map((name) => join(project.root, name)),
    );
    expect(graph.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("the digest changes with any file and any version, and not with the folder", async () => {
    using project = createNodeProject(files);
    using moved = createNodeProject(files);
    const digestOf = async (root: string): Promise<string | undefined> =>
      (await readImportGraph(join(root, "pipeline.ts"))).digest;
    const before = await digestOf(project.root);
    expect(await digestOf(moved.root)).toBe(before);
    moved.write({ "data.json": "[]" });
    expect(await digestOf(moved.root)).not.toBe(before);
    moved.write({
      "data.json": "{}",
      "node_modules/zod/package.json": '{ "name": "zod", "version": "4.6.8", "exports": "./i.js" }',
    });
    expect(await digestOf(moved.root)).not.toBe(before);
    expect(await digestOf(project.root)).toBe(before);
  });

  test.each([
    ["a computed import", 'const name = "./a.ts"; await import(name);'],
    ["a file that is missing", 'import "./missing.ts";'],
    ["a package that is not installed", 'import "left-pad";'],
    ["text that is no module", "import { from"],
  ])("there is no digest with %s", async (_, text) => {
    using project = createNodeProject({ "pipeline.ts": text });
    expect((await readImportGraph(join(project.root, "pipeline.ts"))).digest).toBeUndefined();
  });

  test("a package that is linked from outside has no version that says what it is", async () => {
    using linked = createNodeProject({
      "package.json": '{ "name": "own", "version": "1.0.0", "exports": "./i.js", "type": "module" }',
      "i.js": "",
    });
    using project = createNodeProject({ "pipeline.ts": 'import "own";' }, { own: linked.root });
    mkdirSync(join(project.root, "empty"));
    expect((await readImportGraph(join(project.root, "pipeline.ts"))).digest).toBeUndefined();
  });
});
