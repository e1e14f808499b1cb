// The smallest useful program on the binding: reads a CSV, aggregates, writes Parquet. hello-node-api.mjs CSV OUT
import { DuckDBInstance } from "@duckdb/node-api";

const [csv, out] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(":memory:")).connect();
await connection.run(
  `COPY (SELECT city, count(*) AS n FROM read_csv('${csv}') GROUP BY city ORDER BY city) TO '${out}' (FORMAT parquet)`,
);
