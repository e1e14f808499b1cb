// Opens DuckDB and binds the 20 SQL steps of a pipeline file, nothing else. bind-node-api.mjs PIPELINE.json CSV
import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";

const [file, csv] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(":memory:")).connect();
await connection.run(`CREATE TABLE raw AS SELECT * FROM read_csv('${csv}') LIMIT 0`);
for (const step of JSON.parse(readFileSync(file, "utf8"))) {
  if (step.type !== "sql") continue;
  const [input, dataset] = Object.entries(step.inputs)[0];
  const sql = `WITH ${input} AS (SELECT * FROM ${dataset}) ${step.value}`;
  await connection.run(`DESCRIBE ${sql}`);
  await connection.run(`CREATE TABLE ${Object.values(step.outputs)[0]} AS ${sql} LIMIT 0`);
}
