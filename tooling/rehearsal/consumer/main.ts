// What a user of the published packages writes; it sees nothing of this workspace.
import { readFile, writeFile } from "node:fs/promises";
import { duckdb } from "@millrace/duckdb";
import { files } from "@millrace/files";
import { createRuntime, pipeline } from "@millrace/sdk";

const cities = pipeline("cities", (p) => {
  const raw = p.ingest("visits", "visits.csv", { columns: { city: "VARCHAR", visitors: "BIGINT" } });
  const busy = p.sql("busy", { raw }, `select city, sum(visitors)::bigint as visitors from raw group by city`);
  const labels = p.map("labels", raw, { label: "VARCHAR!" }, (row) => ({ label: `${row.city}: ${row.visitors}` }));
  p.store("save", busy, "busy.csv");
  return { busy, labels };
});

await writeFile("visits.csv", "city,visitors\nBasel,3\nBergen,5\nBasel,4\n");
await using rt = await createRuntime({ compute: [duckdb()], adapters: [files()], projectRoot: process.cwd() });
const run = await rt.run(cities);
run.orThrow();
const labels: string[] = [];
for await (const row of run.outputs.labels.rows()) labels.push(row.label);
const stored = (await readFile("busy.csv", "utf8")).trim().split("\n").length - 1;
if (stored !== 2 || labels.length !== 3)
  throw new Error(`expected 2 cities and 3 labels, not ${stored} and ${labels.length}`);
process.stdout.write(`ran ${run.id}: ${stored} cities, ${labels.join(", ")}\n`);
