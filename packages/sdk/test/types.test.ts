import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { environmentFileName } from "@millrace/sdk";
import type { AugmentedModule } from "@millrace/sdk";
import { createScratchProject, orderFiles } from "./scratch-project.ts";
import type { ScratchProject } from "./scratch-project.ts";

const workspace = resolve(import.meta.dirname, "../../..");

const pipelineText = (module: string): string => `import { pipeline } from "${module}";
export default pipeline("orders", (p) => {
  const raw = p.ingest("raw_orders", "data/orders/*.csv");
  const clean = p.sql("clean_orders", { raw }, \`
    select order_id, customer, amount, {'lat': 1.5, 'tags': ['a']} as place from raw where order_id > 0\`);
  const scored = p.map("scored", clean, { order_id: "BIGINT!", score: "DOUBLE" }, (row) => ({
    order_id: row.order_id,
    score: row.amount === null ? null : row.amount * 2,
  }));
  return { clean, scored };
});
`;

/** A project as its author has it: installed packages, a tsconfig of its own, strict and without skipLibCheck. */
function install(project: ScratchProject, linked: Readonly<Record<string, string>>): void {
  for (const [name, folder] of Object.entries(linked)) {
    const link = join(project.root, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(workspace, folder), link);
  }
  writeFileSync(
    join(project.root, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2024",
        lib: ["es2024", "esnext.disposable"],
        module: "nodenext",
        strict: true,
        noEmit: true,
        types: ["node"],
        typeRoots: [join(workspace, "node_modules/@types")],
        // The workspace's sources stand for what would be installed.
        customConditions: ["@millrace/source"],
        allowImportingTsExtensions: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
      },
      include: ["pipelines", environmentFileName],
    }),
  );
}

function tsc(folder: string, ...flags: readonly string[]): { readonly stdout: string } {
  return spawnSync(join(workspace, "node_modules/.bin/tsc"), ["-p", ".", "--pretty", "false", ...flags], {
    cwd: folder,
    encoding: "utf8",
  });
}

/** Errors of the project's own files. */
function compile(project: ScratchProject): readonly string[] {
  const { stdout } = tsc(project.root);
  return stdout.split("\n").filter((line) => /^(?:pipelines|millrace-env)/.test(line));
}

async function writeTypes(project: ScratchProject, module: AugmentedModule): Promise<string> {
  const rt = await project.runtime();
  const { text, issues } = await rt.types([join(project.root, "pipelines/orders.ts")], { module });
  expect([...issues.values()].flat()).toEqual([]);
  project.write({ [environmentFileName]: text });
  return text;
}

// Each compilation reads the sources of the workspace, which takes 2 s of a core.
describe("generated types", { timeout: 120_000 }, () => {
  test("say the columns of every step, by pipeline and in order", async () => {
    await using project = createScratchProject({ ...orderFiles, "pipelines/orders.ts": pipelineText("@millrace/sdk") });
    install(project, { "@millrace/sdk": "packages/sdk" });
    expect(await writeTypes(project, "@millrace/sdk"))
      .toBe(`// Written by \`millrace types\`. Columns of every step, so that the compiler checks code steps. Commit it; do not edit it.
import "@millrace/sdk";

declare module "@millrace/sdk" {
  interface Register {
    pipelines: {
      orders: {
        raw_orders: {
          order_id: "BIGINT";
          customer: "VARCHAR";
          amount: "DOUBLE";
          ordered_at: "TIMESTAMP";
        };
        clean_orders: {
          order_id: "BIGINT!";
          customer: "VARCHAR";
          amount: "DOUBLE";
          place: { struct: { lat: "DECIMAL(2,1)"; tags: { list: "VARCHAR" } }; notNull: true };
        };
        scored: {
          order_id: "BIGINT!";
          score: "DOUBLE";
        };
      };
    };
    inputs: {
      orders: {
        raw_orders: {};
        clean_orders: { raw: "raw_orders" };
        scored: { rows: "clean_orders" };
      };
    };
  }
}
`);
  });

  test.each<readonly [AugmentedModule, Readonly<Record<string, string>>]>([
    ["@millrace/sdk", { "@millrace/sdk": "packages/sdk" }],
    ["millrace", { millrace: "apps/millrace" }],
  ])("a renamed column fails the compiler in code steps, with %s installed", async (module, linked) => {
    await using project = createScratchProject({ ...orderFiles, "pipelines/orders.ts": pipelineText(module) });
    install(project, linked);
    // Nothing generated yet: rows are loose, and nothing is red.
    project.write({ [environmentFileName]: "export {};\n" });
    expect(compile(project)).toEqual([]);
    await writeTypes(project, module);
    expect(compile(project)).toEqual([]);
    const renamed = Object.fromEntries(
      Object.entries(orderFiles).map(([name, text]) => [name, text.replace("amount", "amount_usd")]),
    );
    project.write({
      ...renamed,
      "pipelines/orders.ts": pipelineText(module).replace("customer, amount", "customer, amount_usd"),
    });
    await writeTypes(project, module);
    expect(compile(project)).toEqual([
      expect.stringMatching(/^pipelines\/orders\.ts\(8,\d+\): error TS\d+: Property 'amount' does not exist on type/),
      expect.stringMatching(/^pipelines\/orders\.ts\(8,\d+\): error TS\d+: Property 'amount' does not exist on type/),
    ]);
    // The same, in SQL: `validate` names the place.
    project.write({ "pipelines/orders.ts": pipelineText(module) });
    const rt = await project.runtime();
    const found = await rt.validate(join(project.root, "pipelines/orders.ts"), { sources: "live" });
    expect(
      found
        .filter(({ severity }) => severity === "error")
        .map(({ code, position, suggestion }) => [code, position?.line, position?.column, suggestion]),
    ).toEqual([["SQL_COLUMN_NOT_FOUND", 5, 32, "amount_usd"]]);
  });

  test("500 steps of 40 columns cost the compiler next to nothing", async () => {
    const steps = Array.from({ length: 500 }, (_, index) => `s${index}`);
    const kinds = ["BIGINT!", "DOUBLE", "VARCHAR", "DECIMAL(18,2)"];
    const columns = Array.from({ length: 40 }, (_, index) => `c${index}: "${kinds[index % 4]}";`).join(" ");
    const chain = steps
      .slice(1)
      .map((step, index) =>
        index % 5 === 4
          ? `  const ${step} = p.map("${step}", s${index}, { c0: "BIGINT!" }, (r) => ({ c0: r.c0 }));`
          : `  const ${step} = p.sql("${step}", { raw: s${index} }, \`select c0, 'it''s $x' as c1 from raw -- $y\`);`,
      );
    const types = `pipelines: { big: { ${steps.map((step) => `${step}: { ${columns} };`).join("\n")} } }; inputs: { big: {} }`;
    await using project = createScratchProject({
      [environmentFileName]: `import "@millrace/sdk";\ndeclare module "@millrace/sdk" { interface Register { ${types} } }\n`,
      "pipelines/big.ts": `import { pipeline } from "@millrace/sdk";\nexport default pipeline("big", (p) => {\n  const s0 = p.ingest("s0", "a.csv");\n${chain.join("\n")}\n  return { s499 };\n});\n`,
    });
    install(project, { "@millrace/sdk": "packages/sdk" });
    expect(compile(project)).toEqual([]);
    const count = (folder: string): number => {
      const { stdout } = tsc(folder, "--extendedDiagnostics", "--singleThreaded");
      return Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
    };
    const all = count(project.root);
    project.write({
      "pipelines/big.ts":
        'import { pipeline } from "@millrace/sdk";\nexport default pipeline("none", (p) => ({ a: p.ingest("a", "a.csv") }));\n',
    });
    // Type instantiations rather than time, which depends on what else the machine does. Measured with TypeScript 7.0.2:
    // 55,000, which take 0.1 s.
    expect(all - count(project.root)).toBeLessThan(150_000);
  });
});
