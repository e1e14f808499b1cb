import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { createNodeProject } from "./node-project.ts";

const loader = join(import.meta.dirname, "../src/module/load-module.ts");

const orders = `import { pipeline, sql } from "@millrace/sdk";
const shared = \`select 1 as a from clean\`;
export default pipeline("orders", { timeout: "1h" }, (p) => {
  const raw = p.ingest("raw_orders", "data/orders/*.csv", { columns: { id: "BIGNT!" } });
  const clean = p.sql("clean_orders", { raw }, /* sql */ \`
    select '🚀é' as note, wrong
    from raw\`);
  const same = p.sql("same", { clean }, shared);
  const dyn = p.sql("dyn", { raw }, sql\`select *
    from \${raw} where \${sql\`x > \${1}\`} and bad\`);
  const file = p.sqlFile("file", { raw }, "../sql/big.sql");
  const scored = p.map("scored", clean, { a: "BIGINT!" }, (r) => r);
  p.store("save", scored, "gold/daily.parquet", { mode: "apend" as never });
  return { clean };
});
`;

const probe = `
import { loadPipelineFile } from ${JSON.stringify(loader)};
const loaded = await loadPipelineFile("pipelines/orders.ts", { root: process.cwd() });
const rel = (place) => place && place.file.replace(process.cwd() + "/", "") + ":" + place.line + ":" + place.column;
`;

/** What an author may get wrong in a module: its text, other files, and the one issue that comes of it. */
const cases: readonly (readonly [string, string, Readonly<Record<string, string>>, string, string, string])[] = [
  [
    "a throw",
    "import './helper.ts';",
    { "pipelines/helper.ts": "const a = 1;\nthrow new RangeError(`boom ${a}`);" },
    "DEFINITION_MODULE_FAILED",
    "RangeError: boom 1",
    "pipelines/helper.ts:2:7",
  ],
  [
    "TypeScript that cannot be stripped",
    "\nenum Foo { A }",
    {},
    "DEFINITION_MODULE_FAILED",
    "enum is not supported",
    "pipelines/orders.ts:2:1",
  ],
  [
    "broken syntax",
    "const a = 1;\nconst b = = 2;",
    {},
    "DEFINITION_MODULE_FAILED",
    "Expression expected",
    "pipelines/orders.ts:2:11",
  ],
  [
    "a package that is not installed",
    'import { z } from "left-pad";',
    {},
    "DEFINITION_MODULE_FAILED",
    "Cannot find package 'left-pad'",
    "pipelines/orders.ts:1:19",
  ],
  [
    "a file that does not exist",
    'const a = 1;\nimport "./nowhere.ts";',
    {},
    "DEFINITION_MODULE_FAILED",
    "nowhere.ts",
    "pipelines/orders.ts:2:8",
  ],
  [
    "an export that does not exist",
    'import { nope } from "./helper.ts";',
    { "pipelines/helper.ts": "export {};" },
    "DEFINITION_MODULE_FAILED",
    "nope",
    "pipelines/orders.ts:1:10",
  ],
  [
    "no pipeline",
    "export default { name: 'orders' };",
    {},
    "DEFINITION_NO_PIPELINE",
    "no pipeline, but object",
    "pipelines/orders.ts:undefined:undefined",
  ],
  [
    "no default export",
    "export const a = 1;",
    {},
    "DEFINITION_NO_PIPELINE",
    "no default export",
    "pipelines/orders.ts:undefined:undefined",
  ],
  [
    "an async callback",
    'import { pipeline } from "@millrace/sdk";\nexport default pipeline("a", async () => { throw new Error("late"); });',
    {},
    "DEFINITION_NOT_PURE",
    "is async",
    "pipelines/orders.ts:2:16",
  ],
  [
    "a callback that is no function",
    'import { pipeline } from "@millrace/sdk";\nexport default pipeline("a", "b" as never);',
    {},
    "DEFINITION_WRONG_TYPE",
    "must be a function",
    "pipelines/orders.ts:2:16",
  ],
  [
    "another step each time",
    'import { pipeline } from "@millrace/sdk";\nlet n = 0;\nexport default pipeline("a", (p) => {\n  p.ingest("t", `t${n++}.csv`);\n});',
    {},
    "DEFINITION_NOT_PURE",
    'another step "t"',
    "pipelines/orders.ts:4:5",
  ],
  [
    "an option that does not exist",
    'import { pipeline } from "@millrace/sdk";\nexport default pipeline("a", (p) => {\n  p.ingest("t", "t.csv", { retires: 3 } as never);\n});',
    {},
    "DEFINITION_UNKNOWN_KEY",
    'step "t": option "retires" is not known',
    "pipelines/orders.ts:3:5",
  ],
  [
    "an SQL file that does not exist",
    'import { pipeline } from "@millrace/sdk";\nexport default pipeline("a", (p) => {\n  const t = p.ingest("t", "t.csv");\n  p.sqlFile("b", { t }, "./nope.sql");\n});',
    {},
    "DEFINITION_FILE_NOT_FOUND",
    'the SQL file "./nope.sql" cannot be read',
    "pipelines/orders.ts:4:5",
  ],
  [
    "a dataset of another pipeline",
    'import { pipeline } from "@millrace/sdk";\nconst other = pipeline("o", (p) => ({ t: p.ingest("t", "t.csv") }));\nexport default pipeline("a", (p) => {\n  p.sql("b", { t: other.outputs.t }, `select 1`);\n});',
    {},
    "DEFINITION_WRONG_TYPE",
    'the dataset "t" of another pipeline',
    "pipelines/orders.ts:4:5",
  ],
  [
    "a hole that is no input",
    'import { pipeline, sql } from "@millrace/sdk";\nexport default pipeline("a", (p) => {\n  const t = p.ingest("t", "t.csv");\n  p.sql("b", {}, sql`select * from ${t}`);\n});',
    {},
    "SQL_UNDECLARED_TABLE",
    'the dataset "t", which is not an input',
    "pipelines/orders.ts:4:5",
  ],
];

/** All modules are loaded in one process: starting Node takes longer than loading them. */
async function loadAll(): Promise<Readonly<Record<string, unknown>>> {
  const files = cases.flatMap(([, text, others], index) =>
    Object.entries({ "pipelines/orders.ts": text, ...others }).map(
      ([name, content]) => [`${index}/${name}`, content] as const,
    ),
  );
  using project = createNodeProject(Object.fromEntries(files));
  return (await project.run(`
    import { loadPipelineFile } from ${JSON.stringify(loader)};
    const answers = {};
    for (const [index, name] of ${JSON.stringify(cases.map(([name]) => name))}.entries()) {
      const root = process.cwd() + "/" + index;
      const loaded = await loadPipelineFile(root + "/pipelines/orders.ts", { root });
      const place = ({ file, line, column }) => file.replace(root + "/", "") + ":" + line + ":" + column;
      answers[name] = { spec: loaded.spec === undefined, issues: loaded.issues.map((issue) => [issue.code, issue.message, place(issue.position)]) };
    }
    report(answers);`)) as Readonly<Record<string, unknown>>;
}

describe("a pipeline module", () => {
  let answers: Readonly<Record<string, unknown>> = {};
  beforeAll(async () => {
    answers = await loadAll();
  });

  test("every finding points at the author's own text", async () => {
    using project = createNodeProject({ "pipelines/orders.ts": orders, "sql/big.sql": "\uFEFFselect 1\nfrom raw" });
    const answer = await project.run(`${probe}
      const at = (index, needle, text) => rel(loaded.locate(["steps", index, "value"], text.indexOf(needle)));
      report({
        issues: loaded.issues.map((issue) => [issue.code, rel(issue.position)]),
        sql: at(1, "wrong", "\\n    select '🚀é' as note, wrong\\n    from raw"),
        constant: at(2, "clean", "select 1 as a from clean"),
        fragment: at(3, "bad", 'select *\\n    from "raw" where x > 1 and bad'),
        inner: at(3, "x >", 'select *\\n    from "raw" where x > 1 and bad'),
        file: at(4, "raw", "select 1\\nfrom raw"),
        name: rel(loaded.locate(["steps", 1, "name"])),
        step: rel(loaded.locate(["steps", 5])),
        pipeline: rel(loaded.locate([])),
        files: loaded.files.map((file) => file.replace(process.cwd() + "/", "")),
      });`);
    // Lines and columns counted in an editor.
    expect(answer).toEqual({
      issues: [["DEFINITION_INVALID_VALUE", "pipelines/orders.ts:4:77"]],
      sql: "pipelines/orders.ts:6:27",
      constant: "pipelines/orders.ts:2:36",
      fragment: "pipelines/orders.ts:10:44",
      inner: "pipelines/orders.ts:10:29",
      file: "sql/big.sql:2:6",
      name: "pipelines/orders.ts:5:24",
      step: "pipelines/orders.ts:12:20",
      pipeline: "pipelines/orders.ts:3:16",
      files: ["pipelines/orders.ts", "sql/big.sql"],
    });
  });

  test("inline functions have the address of their module, export and step", async () => {
    using project = createNodeProject({
      "pipelines/orders.ts": orders.replace("BIGNT!", "BIGINT!").replace(/, \{ mode: .*? \}/, ""),
      "sql/big.sql": "select 1 from raw",
    });
    const answer = await project.run(`${probe}
      const [[address, found]] = [...loaded.functions];
      report({ issues: loaded.issues, value: loaded.spec.steps[5].value, address, origin: rel({ file: found.origin }), digest: found.digest.length, policy: loaded.spec.policy });`);
    expect(answer).toEqual({
      issues: [],
      value: "./orders.ts#default/scored",
      address: "./orders.ts#default/scored",
      origin: "pipelines/orders.ts:undefined:undefined",
      digest: 64,
      policy: { timeout_ms: 3_600_000 },
    });
  });

  describe.each(cases)("%s", (name, _text, _others, code, message, place) => {
    test("is one issue with its place", () => {
      expect(answers[name]).toEqual({ spec: true, issues: [[code, expect.stringContaining(message), place]] });
    });
  });

  test("a module is imported again when it or what it imports has changed", async () => {
    using project = createNodeProject({
      "pipelines/orders.ts":
        'import { pipeline } from "@millrace/sdk";\nimport { source } from "./source.ts";\nexport default pipeline("a", (p) => { p.ingest("t", source); });',
      "pipelines/source.ts": 'export const source = "one.csv";',
    });
    const answer = await project.run(`
      import { writeFileSync } from "node:fs";
      ${probe}
      const value = async () => (await loadPipelineFile("pipelines/orders.ts")).spec.steps[0].value;
      const first = await value();
      const again = await value();
      writeFileSync("pipelines/source.ts", 'export const source = "two.csv";');
      report([first, again, await value(), await value()]);`);
    expect(answer).toEqual(["one.csv", "one.csv", "two.csv", "two.csv"]);
  });
});
