// Bad input through the real program: the exit code, an error that names the place, what it cost, and nothing half written.
import type { JsonObject } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { changedPaths, createProject, ingest, sql, store } from "./project.ts";
import type { Step } from "./project.ts";

/** Highest use of a refusal: 2 s of CPU and 300 MB, by the list "B.3" of the reliability facts. */
const limits = { cpuMs: 2000, peakRssBytes: 300e6 };

interface Refusal {
  readonly exit: number;
  readonly code: string;
  /** What the message names: a file, line, column or field. */
  readonly names: string;
}

/** Runs a pipeline file and checks how it was refused. */
async function expectRefused(
  files: Readonly<Record<string, string | Uint8Array>>,
  pipeline: string,
  { exit, code, names }: Refusal,
  flags: readonly string[] = [],
): Promise<void> {
  using project = createProject();
  for (const [path, content] of Object.entries(files)) project.write(path, content);
  const before = project.snapshot();
  const ending = await project.run(["run", pipeline, "--json", ...flags]);
  expect(ending.status, ending.stderr).toBe(exit);
  const document = JSON.parse(ending.stdout) as { readonly ok: boolean; readonly errors: readonly JsonObject[] };
  expect(document.ok).toBe(false);
  expect(document.errors.map((error) => error["code"])).toContain(code);
  expect(JSON.stringify(document.errors)).toContain(names);
  expect(`${ending.stdout}${ending.stderr}`).not.toMatch(/\n\s+at .+:\d+:\d+/);
  expect(ending.cpuMs).toBeLessThan(limits.cpuMs);
  expect(ending.peakRssBytes).toBeLessThan(limits.peakRssBytes);
  // The lock is the one file beside targets that a run writes.
  expect(changedPaths(before, project.snapshot()).filter((path) => path !== "project/millrace.lock.json")).toEqual([]);
}

describe.concurrent("a pipeline file is refused", () => {
  test.each<[string, string, string | Uint8Array, Refusal]>([
    ["empty", "p.json", "", { exit: 20, code: "DEFINITION_EMPTY", names: "p.json" }],
    ["only comments", "p.yaml", "# nothing\n", { exit: 20, code: "DEFINITION_EMPTY", names: "p.yaml" }],
    ["a tab indent", "p.yaml", "steps:\n\t- name: a\n", { exit: 20, code: "DEFINITION_SYNTAX", names: "p.yaml" }],
    [
      "UTF-16",
      "p.yaml",
      Buffer.from("\uFEFFsteps: []", "utf16le"),
      { exit: 20, code: "DEFINITION_ENCODING", names: "UTF-16" },
    ],
    ["a NUL byte", "p.yaml", "steps:\n  - name: a\0b\n", { exit: 20, code: "DEFINITION_ENCODING", names: "line 2" }],
    ["5,000 nested brackets", "p.json", "[".repeat(5000), { exit: 20, code: "DEFINITION_TOO_DEEP", names: "p.json" }],
    [
      "a near miss of a key",
      "p.json",
      '[{"layer":"ingest","name":"a","value":"a.csv","output":{"data":"a"}}]',
      { exit: 20, code: "DEFINITION_UNKNOWN_KEY", names: "outputs" },
    ],
    [
      "a duplicate key",
      "p.json",
      '[{"layer":"ingest","name":"a","name":"b","value":"a.csv","outputs":{"data":"a"}}]',
      { exit: 20, code: "DEFINITION_DUPLICATE_KEY", names: "name" },
    ],
  ])("%s", async (_, file, content, refusal) => {
    await expectRefused({ [file]: content }, file, refusal);
  });
});

const pipeline = (...steps: readonly Step[]): string => JSON.stringify(steps);

describe.concurrent("a definition is refused", () => {
  const csv = { "data/in.csv": "id,name\n1,a\n2,b\n" };
  test.each<[string, readonly Step[], Refusal]>([
    [
      "a cycle",
      [sql("a", "select * from b", ["b"]), sql("b", "select * from a", ["a"])],
      { exit: 20, code: "DEFINITION_CYCLE", names: "a → b → a" },
    ],
    [
      "a missing dataset",
      [ingest("data/in.csv"), sql("a", "select * from rwa", ["rwa"])],
      { exit: 20, code: "DEFINITION_UNDEFINED_INPUT", names: "raw" },
    ],
    [
      "two steps of one name",
      [ingest("data/in.csv"), ingest("data/in.csv")],
      { exit: 20, code: "DEFINITION_DUPLICATE_STEP", names: "raw" },
    ],
    [
      "a name that leaves its folder",
      [ingest("data/in.csv", {}, "../x")],
      { exit: 20, code: "DEFINITION_INVALID_NAME", names: "../x" },
    ],
    [
      "a missing source",
      [ingest("data/inn.csv"), store("raw", "out.csv")],
      { exit: 20, code: "SOURCE_NOT_FOUND", names: "data/inn.csv" },
    ],
    [
      "two statements",
      [ingest("data/in.csv"), sql("a", "select 1 from raw; select 2"), store("a", "out.csv")],
      { exit: 20, code: "SQL_SEVERAL_STATEMENTS", names: '"a"' },
    ],
    [
      "a COPY",
      [ingest("data/in.csv"), sql("a", "copy raw to 'pwned.csv'"), store("a", "out.csv")],
      { exit: 20, code: "SQL_NOT_A_SELECT", names: "COPY" },
    ],
    [
      "a file read in SQL",
      [
        ingest("data/in.csv"),
        sql("a", "select *, (select content from read_text('/etc/passwd')) as c from raw"),
        store("a", "out.csv"),
      ],
      { exit: 20, code: "SQL_TABLE_FUNCTION", names: "read_text" },
    ],
    [
      "an unknown column",
      [ingest("data/in.csv"), sql("a", "select nmae from raw"), store("a", "out.csv")],
      { exit: 20, code: "SQL_COLUMN_NOT_FOUND", names: "name" },
    ],
  ])("%s", async (_, steps, refusal) => {
    await expectRefused({ ...csv, "p.json": pipeline(...steps) }, "p.json", refusal);
  });
});

describe.concurrent("a CSV is refused", () => {
  const columns = { id: "BIGINT", name: "VARCHAR" };
  test.each<[string, string | Uint8Array, Refusal]>([
    ["duplicate headers", "id,id\n1,2\n", { exit: 20, code: "SOURCE_DUPLICATE_COLUMN", names: "in.csv" }],
    [
      "a text where a number is declared",
      "id,name\n1,a\nx,b\n",
      { exit: 30, code: "DATA_CONVERSION", names: "in.csv" },
    ],
    [
      "a number beyond its type",
      "id,name\n9223372036854775808,a\n",
      { exit: 30, code: "DATA_CONVERSION", names: "in.csv" },
    ],
  ])("%s", async (_, content, refusal) => {
    const params = refusal.code === "SOURCE_DUPLICATE_COLUMN" ? {} : { columns };
    const steps = pipeline(ingest("data/in.csv", params), store("raw", "out.ndjson"));
    await expectRefused({ "data/in.csv": content, "p.json": steps }, "p.json", refusal);
  });
});

test("a query that never ends stops at its timeout and leaves nothing", async () => {
  const endless = "with recursive t as (select 1 as n union all select n + 1 from t) select n from t, raw";
  const steps = pipeline(ingest("data/in.csv"), sql("a", endless), store("a", "out.csv"));
  using project = createProject();
  project.write("data/in.csv", "id\n1\n");
  project.write("p.json", steps);
  const before = project.snapshot();
  const ending = await project.run(["run", "p.json", "--timeout", "1s", "--memory", "500MB"]);
  expect(ending.status, ending.stderr).toBe(40);
  expect(changedPaths(before, project.snapshot()).filter((path) => path !== "project/millrace.lock.json")).toEqual([]);
});

test("a sandbox refuses code and keeps SQL inside what is declared", async () => {
  const code: Step = {
    layer: "transform",
    name: "a",
    type: "function",
    value: "./a.ts#a",
    inputs: { raw: "raw" },
    outputs: { data: "a" },
  };
  const files = {
    "data/in.csv": "id\n1\n",
    "a.ts": "export const a = () => [];\n",
    "p.json": pipeline(ingest("data/in.csv"), code, store("a", "out.csv")),
  };
  await expectRefused(files, "p.json", { exit: 20, code: "SANDBOX_CODE", names: '"a"' }, ["--sandbox"]);
});
