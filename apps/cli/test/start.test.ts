import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { millrace, prepareMillrace, temporaryFolder, type Outcome } from "./millrace.ts";

const folder = temporaryFolder();
const project = join(folder.path, "project");

/** A module that writes down everything that is loaded after it. */
const recorder = join(folder.path, "recorder.mjs");
const loaded = join(folder.path, "loaded.txt");

beforeAll(async () => {
  await prepareMillrace();
  const code = `import { appendFileSync } from "node:fs"; import { registerHooks } from "node:module";
const note = (name) => appendFileSync(${JSON.stringify(loaded)}, name + "\\n");
registerHooks({ load(url, context, next) { note(url); return next(url, context); } });
const { dlopen } = process; process.dlopen = (...args) => { note("native " + args[1]); return dlopen.apply(process, args); };`;
  writeFileSync(recorder, code);
  mkdirSync(join(project, "pipelines"), { recursive: true });
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  writeFileSync(join(project, "file.ts"), 'export const file = "in.csv";\n');
  writeFileSync(join(project, "in.csv"), "id,name\n1,a\n2,b\n");
  writeFileSync(join(project, "pipelines/names.ts"), pipeline("id"));
  millrace(["types"], { cwd: project });
}, 60_000);
afterAll(() => folder.remove());

function pipeline(column: string): string {
  return `import { pipeline } from "millrace";
import { file } from "../file.ts";
console.error("imported");
export default pipeline("names", (p) => {
  const raw = p.ingest("raw", file);
  return { ids: p.sql("ids", { raw }, "select ${column} from raw order by all") };
});
`;
}

/** Runs a command line and lists what it loaded: files by name, built-ins left out. */
function loads(...args: readonly string[]): { readonly outcome: Outcome; readonly files: readonly string[] } {
  writeFileSync(loaded, "");
  const outcome = millrace(args, { cwd: project, nodeArgs: ["--import", recorder] });
  const urls = readFileSync(loaded, "utf8")
    .split("\n")
    .filter((url) => url !== "" && !url.startsWith("node:"));
  return { outcome, files: urls.map((url) => basename(url)) };
}

/** What every start reads: the entry, and one file of the bundle. */
const startFiles = /^(millrace\.cjs|main\.js|chunk-start-.*\.js|chunk-validate-[^-]*\.js)$/;

describe("what is loaded", () => {
  test.each([[["--help"]], [["--version"]], [["run", "--help"]], [["help", "advanced"]]])(
    "%j reads nothing but the start",
    (args) => {
      const { outcome, files } = loads(...args);
      expect(outcome.status).toBe(0);
      expect(files.filter((file) => !startFiles.test(file) && !file.startsWith("chunk-help"))).toEqual([]);
    },
  );

  test.each([[["explain", "SQL_SYNTAX"]], [["points"]], [["completion", "bash"]]])(
    "%j loads no DuckDB and no pipeline",
    (args) => {
      const { files } = loads(...args);
      expect(files.filter((file) => /duckdb|native|\.node$|names\.ts/.test(file))).toEqual([]);
    },
  );
});

/** Whether the next validation imports the pipeline, and what it answers. */
function validateAgain(...args: readonly string[]): { readonly isStored: boolean; readonly status: number | null } {
  const outcome = millrace(["validate", ...args], { cwd: project });
  return { isStored: !outcome.stderr.includes("imported"), status: outcome.status };
}

describe("validate of what has not changed", () => {
  test("loads neither the pipeline nor DuckDB, zod, yaml or arrow", () => {
    // The first one stores the result; it does load everything.
    const first = loads("validate");
    expect(first.outcome).toMatchObject({ status: 0 });
    expect(first.outcome.stderr).toContain("imported");
    expect(first.files.some((file) => file.endsWith(".node"))).toBe(true);
    const second = loads("validate");
    expect(second.outcome.stdout).toMatch(/✓ names {2}2 steps/);
    expect(second.outcome.stderr).toBe("");
    expect(second.files.filter((file) => !startFiles.test(file))).toEqual([]);
  });

  test("is stored by flags, and forgotten when a file that counts changes", () => {
    expect(validateAgain()).toEqual({ isStored: true, status: 0 });
    expect(validateAgain("--strict")).toEqual({ isStored: false, status: 0 });
    expect(validateAgain("--strict")).toEqual({ isStored: true, status: 0 });

    writeFileSync(join(project, "pipelines/names.ts"), pipeline("ie"));
    expect(validateAgain()).toEqual({ isStored: false, status: 20 });
    // Findings are stored too, and printed again with their frames.
    const again = millrace(["validate"], { cwd: project });
    expect(again.status).toBe(20);
    expect(again.stderr).not.toContain("imported");
    expect(again.stderr).toContain('did you mean "id"?');

    writeFileSync(join(project, "pipelines/names.ts"), pipeline("id"));
    expect(validateAgain()).toEqual({ isStored: false, status: 0 });
    expect(validateAgain()).toEqual({ isStored: true, status: 0 });
  });

  test.each([
    ["a module that the pipeline imports", "file.ts", 'export const file = "in.csv"; // again\n'],
    ["the source lock", "millrace.lock.json", undefined],
    ["the configuration, also where there was none", "millrace.yaml", "workers: 2\n"],
    [".env", ".env", "X=1\n"],
    ["a lockfile of packages", "package-lock.json", "{}"],
  ])("is forgotten when %s changes", (_, name, text) => {
    validateAgain();
    expect(validateAgain().isStored).toBe(true);
    const path = join(project, name);
    writeFileSync(path, text ?? `${readFileSync(path, "utf8")}\n`);
    expect(validateAgain()).toEqual({ isStored: false, status: 0 });
    expect(validateAgain().isStored).toBe(true);
  });

  test("survives a touch, and notices a change that keeps size and time", () => {
    const path = join(project, "pipelines/names.ts");
    validateAgain();
    utimesSync(path, new Date(), new Date());
    expect(validateAgain()).toEqual({ isStored: true, status: 0 });
    const time = new Date(Date.now() - 60_000);
    utimesSync(path, time, time);
    validateAgain();
    writeFileSync(path, pipeline("ie"));
    utimesSync(path, time, time);
    expect(validateAgain()).toEqual({ isStored: false, status: 20 });
    writeFileSync(path, pipeline("id"));
  });

  test("depends on the variables that its files name", () => {
    writeFileSync(join(project, "file.ts"), 'export const file = process.env.SOURCE ?? "in.csv";\n');
    const ask = (source: string): string => millrace(["validate"], { cwd: project, env: { SOURCE: source } }).stderr;
    expect(ask("in.csv")).toContain("imported");
    expect(ask("in.csv")).not.toContain("imported");
    expect(ask("./in.csv")).toContain("imported");
  });

  test("is not stored where files read variables by computed names", () => {
    writeFileSync(
      join(project, "file.ts"),
      'const name = "SOURCE";\nexport const file = process.env[name] ?? "in.csv";\n',
    );
    expect(validateAgain().isStored).toBe(false);
    expect(validateAgain().isStored).toBe(false);
  });
});
