import { execFile, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const folder = join(root, "examples/seeds");
const examples = globSync("*.ts", { cwd: folder }).toSorted();

/** Each example runs in a folder of its own: some write files. */
const scratch = mkdtempSync(join(tmpdir(), "millrace-examples-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The examples stand in no package; they get the copies that this file would get. */
const hook = join(scratch, "hook.mts");
writeFileSync(
  hook,
  `import { registerMillraceResolution } from ${JSON.stringify(pathToFileURL(join(root, "packages/sdk/src/module/resolution-hook.ts")).href)};
registerMillraceResolution(${JSON.stringify(pathToFileURL(import.meta.filename).href)});\n`,
);

function run(file: string): Promise<{ readonly code: unknown; readonly stderr: string }> {
  const cwd = mkdtempSync(join(scratch, "run-"));
  const args = ["--conditions=@millrace/source", "--import", pathToFileURL(hook).href, join(folder, file)];
  return new Promise((finish) => {
    execFile(process.execPath, args, { cwd, timeout: 60_000 }, (error, _stdout, stderr) =>
      finish({ code: error === null ? 0 : (error.code ?? error.signal), stderr }),
    );
  });
}

describe("twins of the seeds' examples", () => {
  let diagnostics = "";
  beforeAll(() => {
    diagnostics = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder, "--pretty", "false"], {
      cwd: root,
      encoding: "utf8",
    }).stdout;
  });

  test("those that the seeds show are there", () => {
    const seeds = new Set(examples.map((name) => name.slice(0, 3)));
    expect([...seeds]).toEqual(["000", "001", "002"]);
  });

  test("they type-check", () => {
    expect(diagnostics).toBe("");
  });

  test.concurrent.for(examples)("%s runs", async (file, { expect: check }) => {
    const { code, stderr } = await run(file);
    check(code, stderr).toBe(0);
  });
});
