import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withScratchFolder } from "../src/index.ts";

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** Runs the fixture's two facts, of which the second does not hold, under gaps; gives the state of each test. */
async function run(gaps: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const declared = Object.fromEntries(
    Object.entries(gaps).map(([fact, note]) => [fact, { reason: "notImplemented", note }]),
  );
  const folder = join(import.meta.dirname, "gap-fixture");
  const cli = join(import.meta.dirname, "../node_modules/vitest/vitest.mjs");
  const env = { ...process.env, CONTRACT_GAPS: JSON.stringify(declared) };
  const report = await withScratchFolder(async (scratch) => {
    const file = join(scratch, "report.json");
    const config = join(folder, "vitest.config.ts");
    const args = [cli, "run", "--config", config, "--reporter=json", `--outputFile=${file}`];
    // A fact that fails makes vitest exit with 1: what counts is the report.
    await new Promise<void>((resolve) => {
      execFile(process.execPath, args, { cwd: folder, env, timeout: 60_000 }, () => resolve());
    });
    return JSON.parse(await readFile(file, "utf8")) as Report;
  });
  return Object.fromEntries(
    report.testResults.flatMap((file) => file.assertionResults).map(({ title, status }) => [title, status]),
  );
}

test.each([
  ["nothing", {}, { "one is one": "passed", "one is two": "failed" }],
  [
    "what does not hold",
    { "one is two": "why" },
    { "one is one": "passed", "one is two [gap, notImplemented: why]": "passed" },
  ],
  [
    "what holds",
    { "one is one": "why", "one is two": "why" },
    { "one is one [gap, notImplemented: why]": "failed", "one is two [gap, notImplemented: why]": "passed" },
  ],
] as const)(
  "a gap declared for %s: the fact fails where it must",
  { timeout: 60_000 },
  async (_name, gaps, expected) => {
    expect(await run(gaps)).toEqual({ ...expected, "each names a fact of this contract and says why": "passed" });
  },
);

test.each([
  ["one is tow", "why"],
  ["one is two", " "],
])("a gap %j with the note %j is itself refused", { timeout: 60_000 }, async (fact, note) => {
  expect((await run({ [fact]: note }))["each names a fact of this contract and says why"]).toBe("failed");
});
