import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodeProject } from "./node-project.ts";

/** Packages that an author's module must not pay for before it runs anything. */
const heavy = [
  "zod",
  "yaml",
  "apache-arrow",
  "@duckdb/node-api",
  "@duckdb/node-bindings",
  "smol-toml",
  "csv-parse",
  "jsonc-parser",
  "es-module-lexer",
  "vitest",
];

const listLoaded = (module: string): string => `
  import { registerHooks } from "node:module";
  const loaded = new Set();
  registerHooks({ load(url, context, nextLoad) { loaded.add(url); return nextLoad(url, context); } });
  await import(${JSON.stringify(module)});
  report([...loaded].map((url) => /node_modules\\/(?:\\.pnpm\\/[^/]+\\/node_modules\\/)?((?:@[^/]+\\/)?[^/]+)\\//.exec(url)?.[1] ?? url));`;

test.each([
  ["@millrace/sdk", "packages/sdk"],
  ["millrace", "apps/millrace"],
])("importing %s loads nothing heavy", async (module, folder) => {
  using project = createNodeProject(
    {
      "orders.ts": `import { pipeline } from "${module}";\nexport default pipeline("orders", (p) => ({ raw: p.ingest("raw", "a.csv") }));`,
    },
    { [module]: join(import.meta.dirname, "../../..", folder) },
  );
  const loaded = (await project.run(listLoaded("./orders.ts"))) as readonly string[];
  // The list itself works: the module and the builder are in it.
  expect(loaded.some((url) => url.endsWith("builder/pipeline.ts"))).toBe(true);
  expect(heavy.filter((name) => loaded.includes(name))).toEqual([]);
});
