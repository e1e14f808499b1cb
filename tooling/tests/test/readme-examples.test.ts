import { execFile, spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const documents = ["README.md", "CONTRIBUTING.md", "docs/**/*.md", "{packages,apps}/**/README.md"];

interface Example {
  readonly title: string;
  /** Relative to the root. */
  readonly file: string;
  readonly runs: boolean;
}

/**
 * The examples are written beside the README they come from, so that they resolve what that package declares;
 * those of the root and of docs/ resolve what tooling/tests declares.
 */
const examples = globSync(documents, { cwd: root, exclude: ["**/node_modules", "**/dist"] })
  .toSorted()
  .flatMap((document): Example[] => {
    const text = readFileSync(join(root, document), "utf8");
    const folder = /^(packages|apps)\//.test(document) ? dirname(document) : "tooling/tests";
    return [...text.matchAll(/^```ts( no-run)?\n([\s\S]*?)^```$/gm)].map((match) => {
      const line = text.slice(0, match.index).split("\n").length;
      const stem = document.replaceAll(/[^A-Za-z0-9]+/g, "-").toLowerCase();
      const file = join(folder, ".readme", `${stem}-${line}.ts`);
      const code = (match[2] ?? "").replaceAll(
        /^(.*);\s*\/\/ => (.*)$/gm,
        (_, expression: string, value: string) =>
          `__assert.deepStrictEqual(${expression.replace(/^console\.log\((.*)\)$/, "$1")}, ${value});`,
      );
      mkdirSync(join(root, dirname(file)), { recursive: true });
      writeFileSync(join(root, file), `import __assert from "node:assert/strict";\n${code}export {};\n`);
      return { title: `${document}:${line}`, file, runs: match[1] === undefined };
    });
  });

/** Examples write files; they get a folder of their own. */
const scratch = mkdtempSync(join(tmpdir(), "millrace-readme-"));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  for (const { file } of examples) rmSync(join(root, dirname(file)), { recursive: true, force: true });
});

function compileExamples(): string {
  const config = join(root, "tooling/tests/tsconfig.readme.json");
  const options = {
    extends: "./tsconfig.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, typeRoots: ["../../node_modules/@types"] },
    include: [],
    files: examples.map(({ file }) => relative("tooling/tests", file)),
  };
  writeFileSync(config, JSON.stringify(options));
  const result = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", config, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
  });
  rmSync(config);
  return result.stdout;
}

function runExample(file: string): Promise<{ readonly code: unknown; readonly stderr: string }> {
  const cwd = mkdtempSync(join(scratch, "run-"));
  return new Promise((finish) => {
    execFile(
      process.execPath,
      ["--conditions=@millrace/source", join(root, file)],
      { cwd, timeout: 60_000 },
      (error, _stdout, stderr) => finish({ code: error === null ? 0 : (error.code ?? error.signal), stderr }),
    );
  });
}

describe.runIf(examples.length > 0)("examples in documents", () => {
  let diagnostics = "";
  beforeAll(() => {
    diagnostics = compileExamples();
  });
  test("the compiler reports nothing outside the examples", () => {
    const files = examples.map(({ file }) => `${file}(`);
    const foreign = diagnostics.split("\n").filter((line) => !files.some((file) => line.startsWith(file)));
    expect(foreign.filter((line) => line.includes("error TS"))).toEqual([]);
  });
  test.each(examples)("$title type-checks", ({ file }) => {
    expect(diagnostics.split("\n").filter((line) => line.startsWith(`${file}(`))).toEqual([]);
  });
  test.concurrent.for(examples.filter(({ runs }) => runs))("$title runs", async ({ file }, { expect: check }) => {
    const { code, stderr } = await runExample(file);
    check(code, stderr).toBe(0);
  });
});
