import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FixtureWorkspace } from "./fixture-workspace.ts";
import { runGate } from "./run-gate.ts";

// Each gate runs its own script of the root manifest: first on a clean workspace, then with one violation planted.
const engine = "packages/core/engine";
let clean: FixtureWorkspace;
beforeAll(() => {
  clean = new FixtureWorkspace();
  runGate("format", clean.root);
  runGate("compile", clean.root);
  runGate("package-check", clean.root, ["--write"]);
});
afterAll(() => clean[Symbol.dispose]());

const gates = [
  "compile",
  "types",
  "format:check",
  "lint",
  "repo-check",
  "boundaries",
  "knip",
  "package-check",
] as const;

test.each(gates)("%s passes on a clean workspace", (gate) => {
  const { passed, output } = runGate(gate, clean.root);
  expect(passed, output).toBe(true);
});

test("create-package makes a package that passes every gate", () => {
  using workspace = clean.copy();
  const created = runGate("create-package", workspace.root, ["packages/adapters/s3", "Reads and writes S3 objects."]);
  expect(created.passed, created.output).toBe(true);
  for (const gate of [...gates, "unit", "examples"]) {
    const { passed, output } = runGate(gate, workspace.root);
    expect(passed, `${gate}\n${output}`).toBe(true);
  }
});

test.each([
  ["another tier", "packages/other", "Other."],
  ["a folder that exists", "packages/core/engine", "Other."],
  ["no sentence", "packages/adapters/s3", "Other"],
])("create-package refuses %s", (_name, folder, description) => {
  expect(runGate("create-package", clean.root, [folder, description]).passed).toBe(false);
});

type Plant = readonly [gate: string, name: string, plant: (workspace: FixtureWorkspace) => void, message: RegExp];

const plants: readonly Plant[] = [
  ["compile", "a type error", (w) => w.write(`${engine}/src/a.ts`, "export const a: string = 1;\n"), /TS2322/],
  [
    "compile",
    "a deep import past exports",
    (w) => w.write(`${engine}/src/a.ts`, 'export { fetchRow } from "@millrace/foundation/dist/index.js";\n'),
    /TS2307/,
  ],
  [
    "types",
    "a type error in a test",
    (w) =>
      w.write(
        `${engine}/test/a.test.ts`,
        'import { runStep } from "@millrace/engine";\n\nexport const wrong: string = await runStep(1);\n',
      ),
    /TS2322/,
  ],
  ["format:check", "a badly formatted file", (w) => w.write(`${engine}/src/a.ts`, "export const a   = 1\n"), /a\.ts/],
  [
    "lint",
    "a floating promise of another package",
    (w) =>
      w.write(
        `${engine}/src/a.ts`,
        'import { fetchRow } from "@millrace/foundation";\n\nexport function go(): void {\n  fetchRow(1);\n}\n',
      ),
    /no-floating-promises/,
  ],
  ["lint", "any", (w) => w.write(`${engine}/src/a.ts`, "export const a: any = 1;\n"), /no-explicit-any/],
  ["lint", "an unused variable", (w) => w.write(`${engine}/src/a.ts`, "const a = 1;\nexport {};\n"), /no-unused-vars/],
  [
    "lint",
    "an import cycle",
    (w) => {
      w.write(`${engine}/src/a.ts`, 'import { b } from "./b.ts";\n\nexport const a = (): number => b();\n');
      w.write(`${engine}/src/b.ts`, 'import { a } from "./a.ts";\n\nexport const b = (): number => a();\n');
    },
    /no-cycle/,
  ],
  [
    "lint",
    "a .js specifier",
    (w) => w.write(`${engine}/src/a.ts`, 'export { runStep } from "./index.js";\n'),
    /no-restricted-imports/,
  ],
  [
    "repo-check",
    "an import inside tier 2",
    (w) => w.addDependency(engine, "@millrace/lineage", "workspace:^"),
    /engine \(tier 2\) imports lineage \(tier 2\)/,
  ],
  [
    "boundaries",
    "an undeclared upward import",
    (w) => w.write("packages/foundation/src/a.ts", 'export { runStep } from "@millrace/engine";\n'),
    /@millrace\/engine/,
  ],
  [
    "boundaries",
    "a path into another package",
    (w) => w.write(`${engine}/src/a.ts`, 'export { toOrigin } from "../../lineage/src/index.ts";\n'),
    /lineage/,
  ],
  [
    "knip",
    "a file that nothing imports",
    (w) => w.write(`${engine}/src/a.ts`, "export const a = 1;\n"),
    /Unused files/,
  ],
  [
    "knip",
    "an export that nothing uses",
    (w) => {
      w.write(`${engine}/src/a.ts`, "export const used = 1;\nexport const unused = 2;\n");
      w.edit(`${engine}/src/index.ts`, (text) => `${text}export { used } from "./a.ts";\n`);
    },
    /Unused exports[\s\S]*unused/,
  ],
  [
    "package-check",
    "a public API that differs from its report",
    (w) => {
      w.edit("packages/protocols/dist/index.d.ts", (text) => text.replace("readonly id", "readonly key"));
    },
    /protocols: the API differs from protocols\.api\.md/,
  ],
  [
    "package-check",
    "a public type that is not exported",
    (w) =>
      w.write(
        "packages/protocols/dist/index.d.ts",
        "export {};\ninterface Hidden {\n    readonly id: number;\n}\n/** One row. @public */\nexport interface Row {\n    readonly hidden: Hidden;\n}\n",
      ),
    /ae-forgotten-export/,
  ],
  [
    "package-check",
    "an export without documentation",
    (w) => {
      w.write("packages/protocols/dist/index.d.ts", "export interface Row {\n    readonly id: number;\n}\n");
      w.edit("packages/protocols/protocols.api.md", (text) =>
        text.replace("// @public\n", "// @public (undocumented)\n"),
      );
    },
    /the export Row has no documentation/,
  ],
  [
    "package-check",
    "an entry that the tarball does not hold",
    (w) => w.edit("packages/protocols/package.json", (text) => text.replace(/"dist",\s*/, "")),
    /protocols: (publint|attw)/,
  ],
  [
    "unit",
    "a failing test",
    (w) =>
      w.write(
        `${engine}/test/a.test.ts`,
        'import { expect, test } from "vitest";\n\ntest("fails", () => {\n  expect(1).toBe(2);\n});\n',
      ),
    /1 failed/,
  ],
  [
    "examples",
    "an example with a wrong value",
    (w) =>
      w.write(
        `${engine}/README.md`,
        '# e\n\n```ts\nimport { runStep } from "@millrace/engine";\n\nawait runStep(1); // => 2\n```\n',
      ),
    /README\.md:3 runs/,
  ],
  [
    "examples",
    "an example that does not type-check, marked no-run",
    (w) =>
      w.write(
        `${engine}/README.md`,
        '# e\n\n```ts no-run\nimport { runStep } from "@millrace/engine";\n\nexport const wrong: string = await runStep(1);\n```\n',
      ),
    /README\.md:3 type-checks/,
  ],
];

describe.each(plants)("%s fails on %s", (gate, _name, plant, message) => {
  test("and says why", () => {
    using workspace = clean.copy();
    plant(workspace);
    const { passed, output } = runGate(gate, workspace.root);
    expect(output).toMatch(message);
    expect(passed).toBe(false);
  });
});

test("unit tests read sources although a stale dist exists", () => {
  using workspace = clean.copy();
  workspace.write("packages/foundation/dist/index.js", "export const fetchRow = async () => ({ id: -1 });\n");
  workspace.write(
    `${engine}/test/a.test.ts`,
    'import { runStep } from "@millrace/engine";\nimport { expect, test } from "vitest";\n\ntest("source", async () => {\n  expect(await runStep(1)).toBe(1);\n});\n',
  );
  const { passed, output } = runGate("unit", workspace.root);
  expect(passed, output).toBe(true);
});
