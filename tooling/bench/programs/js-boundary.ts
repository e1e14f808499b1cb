// What crossing into JavaScript costs, 2 M rows, ours and the binding's own way in turns in one process.
// Prints one JSON line: millions of rows a second by way. js-boundary.ts FOLDER ROWS ROUNDS
import { DuckDBInstance } from "@duckdb/node-api";
import type { Column, RelationId } from "@millrace/protocols";
import { noFaults, silentLogger } from "@millrace/foundation";
import { createStepInput, encodeOutput } from "@millrace/engine";
import { duckdb } from "@millrace/duckdb";

const [folder = ".", rowsText = "2000000", roundsText = "7"] = process.argv.slice(2);
const rows = Number(rowsText);
const file = `${folder}/boundary.parquet`;
const raw = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
await raw.run(
  `COPY (SELECT i AS id, (i * 0.5)::DOUBLE AS price, 'name ' || i % 1000 AS name, TIMESTAMP '2025-01-01' + to_seconds(i) AS at FROM range(${rows}) t(i)) TO '${file}' (FORMAT parquet)`,
);
const columns: readonly Column[] = [
  { name: "id", type: { type: "BIGINT" }, nullable: true },
  { name: "price", type: { type: "DOUBLE" }, nullable: true },
  { name: "name", type: { type: "VARCHAR" }, nullable: true },
  { name: "at", type: { type: "TIMESTAMP" }, nullable: true },
];
const engine = duckdb();
const session = await engine.openSession({
  scratchDirectory: folder,
  threads: 2,
  memoryBytes: 4e9,
  logicalTime: new Date(0),
  deterministic: false,
  logger: silentLogger,
  faultPoints: noFaults,
});
const relation: RelationId = await session.scan({ uris: [file], format: "parquet", options: {}, columns }, "boundary");
const input = createStepInput({
  schema: { origin: "bound", columns },
  present: true,
  count: async () => rows,
  ipc: (names) => session.exportArrow(relation, names === undefined ? {} : { columns: names }),
});
const outRows = Array.from({ length: rows }, (_, index) => ({
  id: index,
  price: index * 0.5,
  name: `name ${index % 1000}`,
  at: new Date(1_735_689_600_000 + index * 1000),
}));

const ways: Readonly<Record<string, () => Promise<number>>> = {
  raw_rows: async () => {
    let sum = 0;
    for await (const batch of (await raw.stream(`FROM '${file}'`)).yieldRowObjectJs())
      for (const row of batch) sum += Number(row["price"]);
    return sum;
  },
  rows: async () => {
    let sum = 0;
    for await (const row of input.rows()) sum += row["price"] as number;
    return sum;
  },
  raw_chunks: async () => {
    let sum = 0;
    const result = await raw.stream(`SELECT price FROM '${file}'`);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      const vector = chunk.getColumnVector(0) as unknown as { readonly items: Float64Array };
      for (let at = 0; at < chunk.rowCount; at += 1) sum += vector.items[at] ?? 0;
    }
    return sum;
  },
  columns: async () => {
    let sum = 0;
    const { price } = await input.columns("price");
    const data = price?.data as Float64Array;
    for (let at = 0; at < data.length; at += 1) sum += data[at] ?? 0;
    return sum;
  },
  raw_append: async () => {
    await raw.run("CREATE OR REPLACE TABLE appended (id BIGINT, price DOUBLE, name VARCHAR, at TIMESTAMP)");
    const appender = await raw.createAppender("appended");
    const { timestampValue } = await import("@duckdb/node-api");
    for (const row of outRows) {
      appender.appendBigInt(BigInt(row.id));
      appender.appendDouble(row.price);
      appender.appendVarchar(row.name);
      appender.appendTimestamp(timestampValue(BigInt(row.at.getTime()) * 1000n));
      appender.endRow();
    }
    appender.closeSync();
    return rows;
  },
  append: async () => {
    const imported = await session.importArrow(encodeOutput(outRows, columns, { step: "append" }), {
      columns,
      label: "append",
    });
    const count = await session.count(imported);
    await session.release(imported);
    return count;
  },
};
const rates: Record<string, number[]> = {};
const results: Record<string, number> = {};
for (let round = 0; round < Number(roundsText); round += 1)
  for (const [name, way] of Object.entries(ways)) {
    const started = performance.now();
    results[name] = await way();
    (rates[name] ??= []).push(rows / (performance.now() - started) / 1000);
  }
await session[Symbol.asyncDispose]();
await engine.close();
for (const [ours, theirs] of [
  ["rows", "raw_rows"],
  ["columns", "raw_chunks"],
  ["append", "raw_append"],
] as const)
  if (results[ours] !== results[theirs])
    throw new Error(`${ours} gives ${results[ours] ?? "nothing"}, ${theirs} ${results[theirs] ?? "nothing"}`);
process.stdout.write(`${JSON.stringify(rates)}\n`);
