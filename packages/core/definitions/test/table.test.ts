import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createPipelineLoader } from "@millrace/definitions";
import type { PipelineLoaderOptions } from "@millrace/definitions";
import type { LoadedPipeline } from "@millrace/protocols";
import { withScratchFolder } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { codesOf, loadText } from "./definition-fixture.ts";

const header = "Layer,StepName,StepType,Engine,Value,Params,Inputs,Outputs,Metadata";
const out = (name: string): string => `"{""data"": ""${name}""}"`;

describe("CSV rows", () => {
  it("are chosen by project, enabled and layer, and ordered by execution order, then name", async () => {
    const text = `${header},project,enabled,execution_order\n${[
      `ingest,c,,,c.csv,,,${out("c")},,shop,1,2`,
      `ingest,b,,,b.csv,,,${out("b")},,shop,TRUE,1`,
      `ingest,a,,,a.csv,,,${out("a")},,shop,yes,2`,
      `ingest,off,,,d.csv,,,${out("d")},,shop,0,0`,
      `ingest,other,,,e.csv,,,${out("e")},,bank,1,0`,
      `connect,w,,,pg://x,,,,,shop,1,9`,
    ].join("\n")}\n`;
    const names = async (rows: PipelineLoaderOptions["rows"]): Promise<readonly string[] | undefined> =>
      (await loadText("p.csv", text, rows === undefined ? {} : { rows })).spec?.steps.map(({ name }) => name);
    expect(await names({ project: "shop" })).toEqual(["b", "a", "c", "w"]);
    expect(await names({ project: "shop", enabledOnly: false })).toEqual(["off", "b", "a", "c", "w"]);
    expect(await names({ layer: "CONNECT" })).toEqual(["w"]);
    expect(await names(undefined)).toEqual(["other", "b", "a", "c", "w"]);
    // A position leads to the row as it stands in the file, not to its place in the order.
    expect((await loadText("p.csv", text, { rows: { project: "shop" } })).locate(["steps", 0, "value"])).toMatchObject({
      line: 3,
      column: 12,
    });
  });

  it("have columns in any order and case, and words in any case", async () => {
    const { spec } = await loadText(
      "p.csv",
      `VALUE,stepname,LAYER,Step_Type,Outputs\na.csv,read,Ingest,CONFIG_OP,${out("raw")}\n`,
    );
    expect(spec?.steps[0]).toMatchObject({ layer: "ingest", name: "read", type: "config_op", value: "a.csv" });
  });

  it("are refused with unknown and missing columns, and rows of another length", async () => {
    expect((await loadText("p.csv", `StepNam,Layer\na,ingest\n`)).issues).toMatchObject([
      { code: "DEFINITION_UNKNOWN_KEY", suggestion: "StepName", position: { line: 1, column: 1 }, length: 7 },
      { code: "DEFINITION_MISSING_KEY", expected: "StepName" },
    ]);
    expect(
      (await loadText("p.csv", `StepName,Layer,Value,Outputs\na,ingest,x,${out("y")},more\n`)).issues,
    ).toMatchObject([{ code: "DEFINITION_SYNTAX", position: { line: 2 } }]);
    expect((await loadText("p.csv", `StepName,StepName\n`)).issues).toMatchObject([{ code: "DEFINITION_EMPTY" }]);
  });

  it("say once that a cell is no JSON, at its character", async () => {
    const { issues } = await loadText("p.csv", `StepName,Layer,Value,Outputs\nread,ingest,a.csv,"{""data"": raw}"\n`);
    expect(issues).toMatchObject([
      { code: "DEFINITION_SYNTAX", path: ["steps", 0, "outputs"], position: { line: 2, column: 31 } },
    ]);
  });

  it("say where a quote is opened that is never closed", async () => {
    const { issues } = await loadText("p.csv", `StepName,Layer,Value\nread,ingest,"a.csv\nb,ingest,b.csv\n`);
    expect(issues).toMatchObject([{ code: "DEFINITION_SYNTAX", position: { line: 2, column: 13 } }]);
  });

  it("keep their places behind characters of several bytes", async () => {
    const pipeline = await loadText(
      "p.csv",
      `StepName,Layer,Params,Value,Outputs\nread,ingest,"{""é"": ""🚀""}",a.csv,${out("raw")}\n`,
    );
    expect(pipeline.spec?.steps[0]?.params).toEqual({ é: "🚀" });
    expect(pipeline.locate(["steps", 0, "value"])).toMatchObject({ line: 2, column: 31 });
  });
});

const table =
  "CREATE TABLE transformation_config (Layer, StepName, StepType, Engine, Value, Params, Inputs, Outputs, Metadata, project, enabled, execution_order)";

/** A database made of statements, loaded. */
async function loadDatabase(
  statements: readonly string[],
  options: PipelineLoaderOptions = {},
): Promise<LoadedPipeline & { readonly file: string }> {
  return withScratchFolder(async (folder) => {
    const file = join(folder, "p.db");
    {
      using database = new DatabaseSync(file);
      for (const statement of statements) database.exec(statement);
    }
    const loaded = await createPipelineLoader(options).load(file);
    // Reading leaves nothing beside the database.
    expect(readdirSync(folder)).toEqual(["p.db"]);
    return { ...loaded, file };
  });
}

describe("SQLite rows", () => {
  it("come from both tables of the seed", async () => {
    const { spec, issues } = await loadDatabase([
      table,
      `INSERT INTO transformation_config VALUES ('TRANSFORM', 'keep', NULL, NULL, 'select * from raw', NULL, '{"raw": "orders"}', '{"data": "kept"}', '', 'shop', 1, 1)`,
      "CREATE TABLE ingestion_source_config (source_id, source_path_or_query, target_id, source_type, project, enabled, created_at)",
      "INSERT INTO ingestion_source_config VALUES ('read_orders', 'orders.txt', 'orders', 'CSV', 'shop', 1, 'today'), ('off', 'x', 'y', 'csv', 'shop', 0, '')",
    ]);
    expect(issues).toEqual([]);
    // A row of the first table without a type is SQL; a source without an engine is read by DuckDB.
    expect(spec?.steps.find(({ name }) => name === "keep")).toMatchObject({
      layer: "transform",
      type: "sql",
      engine: "duckdb",
    });
    expect(spec?.steps.find(({ name }) => name === "read_orders")).toEqual({
      layer: "ingest",
      name: "read_orders",
      type: "config_op",
      engine: "duckdb",
      value: "orders.txt",
      params: { format: "csv" },
      inputs: {},
      outputs: { data: "orders" },
      metadata: { project: "shop", source_type: "CSV" },
    });
  });

  it("are chosen like those of CSV", async () => {
    const insert = (name: string, project: string, enabled: number): string =>
      `INSERT INTO transformation_config VALUES ('ingest', '${name}', 'config_op', 'pandas', 'a.csv', '{}', '{}', '{"data": "${name}"}', '{}', '${project}', ${enabled}, 1)`;
    const statements = [
      table,
      insert("b", "shop", 1),
      insert("a", "shop", 1),
      insert("c", "bank", 1),
      insert("d", "shop", 0),
    ];
    const { spec } = await loadDatabase(statements, { rows: { project: "shop" } });
    expect(spec?.steps.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("are shown by table, row id and column, with the text of the cell", async () => {
    const pipeline = await loadDatabase([
      table,
      `INSERT INTO transformation_config (rowid, Layer, StepName, StepType, Value, Inputs, Outputs, enabled) VALUES (7, 'transform', 'keep', 'sql', 'select *\nfrom raw', '{"raw": "raw"}', '{"data": "kept"}', 1)`,
    ]);
    expect(pipeline.issues).toMatchObject([
      {
        code: "DEFINITION_UNDEFINED_INPUT",
        position: { file: `${pipeline.file}#transformation_config[7].Inputs`, line: 1, column: 9 },
        length: 5,
      },
    ]);
    const place = pipeline.locate(["steps", 0, "value"], "select *\nf".length);
    expect(place).toEqual({ file: `${pipeline.file}#transformation_config[7].Value`, line: 2, column: 2 });
    expect(pipeline.text(place?.file ?? "")).toBe("select *\nfrom raw");
  });

  it("come from views too", async () => {
    const { spec } = await loadDatabase([
      "CREATE TABLE t (n)",
      "INSERT INTO t VALUES ('read')",
      `CREATE VIEW transformation_config AS SELECT 'ingest' AS Layer, n AS StepName, 'config_op' AS StepType, 'a.csv' AS Value, '{"data": "raw"}' AS Outputs FROM t`,
    ]);
    expect(spec?.steps.map(({ name }) => name)).toEqual(["read"]);
  });

  it("have columns of their own, and a slip is told from them", async () => {
    const { issues } = await loadDatabase([
      "CREATE TABLE transformation_config (Layer, StepNme, Value, Outputs, created_by)",
      `INSERT INTO transformation_config VALUES ('ingest', 'read', 'a.csv', '{"data": "raw"}', 'me')`,
    ]);
    expect(codesOf(issues)).toEqual(["DEFINITION_UNKNOWN_KEY ", "DEFINITION_MISSING_KEY steps.0.name"]);
    expect(issues[0]).toMatchObject({ suggestion: "StepName" });
  });

  it.each<readonly [string, readonly string[], string]>([
    ["without the tables", ["CREATE TABLE orders (id)"], "DEFINITION_EMPTY"],
    ["without rows", [table], "DEFINITION_EMPTY"],
    [
      "with a number as SQL",
      [
        table,
        "INSERT INTO transformation_config (StepName, StepType, Value, Inputs, Outputs, enabled) VALUES ('a', 'sql', 5, '{\"a\": \"b\"}', '{\"a\": \"b\"}', 1)",
      ],
      "DEFINITION_WRONG_TYPE",
    ],
    [
      "with bytes as a name",
      [
        table,
        "INSERT INTO transformation_config (Layer, StepName, Value, Outputs, enabled) VALUES ('ingest', x'00ff', 'a', '{\"a\": \"b\"}', 1)",
      ],
      "DEFINITION_WRONG_TYPE",
    ],
  ])("are refused %s", async (_what, statements, code) => {
    const { spec, issues } = await loadDatabase(statements);
    expect(spec).toBeUndefined();
    expect(issues.map((issue) => issue.code)).toContain(code);
  });

  it("are refused where the file is no database, or a damaged one", async () => {
    expect((await loadText("p.db", "name,layer\n")).issues).toMatchObject([{ code: "DEFINITION_SYNTAX" }]);
    const damaged = Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(4096, 7)]);
    expect((await loadText("p.sqlite", damaged)).issues).toMatchObject([{ code: "DEFINITION_SYNTAX" }]);
  });

  it("are read without a word on stderr", async () => {
    await withScratchFolder(async (folder) => {
      const program = join(folder, "load.mjs");
      const file = join(import.meta.dirname, "cases/odibi-core/linear3.db");
      await writeFile(
        program,
        `import { createPipelineLoader } from ${JSON.stringify(import.meta.resolve("@millrace/definitions"))};\nconsole.log((await createPipelineLoader().load(${JSON.stringify(file)})).spec.steps.length);\nprocess.emitWarning("still heard");\n`,
      );
      const { stdout, stderr } = run(program);
      expect(stdout).toBe("3\n");
      expect(stderr).not.toContain("SQLite");
      expect(stderr).toContain("still heard");
    });
  });
});

function run(program: string): { readonly stdout: string; readonly stderr: string } {
  const errors = join(program, "../stderr.txt");
  const stdout = execFileSync(
    "/bin/sh",
    ["-c", `"${process.execPath}" --conditions=@millrace/source "${program}" 2>"${errors}"`],
    { encoding: "utf8" },
  );
  return { stdout, stderr: execFileSync("cat", [errors], { encoding: "utf8" }) };
}
