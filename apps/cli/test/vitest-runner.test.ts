import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentOf, millrace, prepareMillrace, temporaryFolder } from "./millrace.ts";

const folder = temporaryFolder();

beforeAll(async () => {
  await prepareMillrace();
  mkdirSync(join(folder.path, "node_modules"));
  mkdirSync(join(folder.path, "test"));
  const vitest = dirname(createRequire(import.meta.url).resolve("vitest/package.json"));
  symlinkSync(vitest, join(folder.path, "node_modules/vitest"));
  writeFileSync(join(folder.path, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(folder.path, "test/a.test.ts"),
    'import { expect, test, vi } from "vitest";\ntest("good", () => expect(vi.fn()).toBeDefined());\ntest("bad", () => expect(1).toBe(2));\n',
  );
}, 60_000);
afterAll(() => folder.remove());

test("the project's vitest runs the tests where it is installed", () => {
  const outcome = millrace(["test", "--json"], { cwd: folder.path });
  expect(outcome.status).toBe(30);
  expect(documentOf(outcome).data).toMatchObject({ runner: "vitest", passed: 1, failed: 1 });
  expect(documentOf(outcome).errors[0]).toMatchObject({ code: "TEST_FAILED" });
  // Its own report is for people, on stderr.
  expect(outcome.stderr).toContain("expected 1 to be 2");
}, 30_000);

test("a name chooses tests, and the exit code is that of what ran", () => {
  const outcome = millrace(["test", "--name", "good"], { cwd: folder.path });
  expect(outcome.status).toBe(0);
  expect(outcome.stdout).toContain("1 passed");
}, 30_000);
