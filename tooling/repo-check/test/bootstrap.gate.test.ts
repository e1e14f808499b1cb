import { spawnSync } from "node:child_process";
import type { SpawnSyncReturns } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repository } from "./fixture-workspace.ts";

// An empty workspace with the real bootstrap.mjs and a command line of one line.
const root = realpathSync(mkdtempSync(join(tmpdir(), "millrace-bootstrap-")));
const elsewhere = join(root, "elsewhere");

const ci = readFileSync(join(repository, ".ci/run"), "utf8");
const ciGates = /for gate in (.*); do/.exec(ci)?.[1]?.split(" ") ?? [];

beforeAll(() => {
  mkdirSync(join(root, "apps/cli/src"), { recursive: true });
  mkdirSync(elsewhere);
  for (const file of ["tooling/bootstrap.mjs", "tooling/x", ".ci/run", ".node-version"])
    cpSync(join(repository, file), join(root, file));
  symlinkSync(join(repository, ".toolchain"), join(root, ".toolchain"));
  const gates = Object.fromEntries(ciGates.map((gate) => [gate, "true"]));
  const own = { fail: "exit 7", args: "printf '%s|'", millrace: "node tooling/bootstrap.mjs millrace" };
  const scripts = { ...gates, ...own, start: "true", test: "echo broken && exit 1" };
  const manifest = { name: "empty", private: true, packageManager: "pnpm@10.34.9", scripts };
  writeFileSync(join(root, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(root, "pnpm-workspace.yaml"), "packages: []\n");
  writeFileSync(join(root, "pnpm-lock.yaml"), "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n");
  const program =
    "process.stdout.write(JSON.stringify([process.cwd(), ...process.argv.slice(2)]));\nprocess.exit(3);\n";
  writeFileSync(join(root, "apps/cli/src/main.ts"), program);
});
afterAll(() => rmSync(root, { recursive: true }));

function run(command: string, args: readonly string[], cwd: string = root): SpawnSyncReturns<string> {
  return spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, INIT_CWD: cwd } });
}

test("a script's exit code is passed through", () => {
  expect(run("node", ["tooling/bootstrap.mjs", "fail"]).status).toBe(7);
});

test("arguments reach the script", () => {
  expect(run("node", ["tooling/bootstrap.mjs", "args", "a b", "--flag"]).stdout).toBe("a b|--flag|");
});

test("millrace runs in the caller's folder and its exit code is passed through", () => {
  const { status, stdout } = run("node", ["../tooling/bootstrap.mjs", "millrace", "validate", "x.ts"], elsewhere);
  expect(JSON.parse(stdout)).toEqual([elsewhere, "validate", "x.ts"]);
  expect(status).toBe(3);
});

test("npm run millrace resolves paths from where it was typed, and prints nothing of its own when silent", () => {
  const { status, stdout } = run("npm", ["run", "--silent", "millrace", "--", "plan", "--json"], elsewhere);
  expect(JSON.parse(stdout)).toEqual([elsewhere, "plan", "--json"]);
  expect(status).toBe(3);
});

test("the developer shell has the repository's pnpm", () => {
  expect(run("tooling/x", ["pnpm", "--version"]).stdout.trim()).toBe("10.34.9");
});

test("every gate that .ci/run names is a script of the root manifest", () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    readonly scripts: object;
  };
  expect(ciGates.length).toBeGreaterThan(0);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(ciGates));
});

test(".ci/run goes on after a failure, counts, and ends non-zero", () => {
  const { status, stdout } = run(".ci/run", []);
  expect(stdout).toMatch(/^node +v/);
  expect(stdout).toContain("failed: npm test --silent");
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(`${ciGates.length + 1} passed, 1 failed`);
  expect(status).toBe(1);
});
