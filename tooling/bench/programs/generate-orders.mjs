// Writes orders.csv and customers.csv of workload W: generate-orders.mjs ROWS FOLDER
import { DuckDBInstance } from "@duckdb/node-api";

const [rows, folder] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const pick = (names, salt) =>
  `[${names.map((name) => `'${name}'`).join(", ")}][(1 + hash(i * ${salt}) % ${names.length})::BIGINT]`;
await connection.run(`COPY (
  SELECT i AS order_id, hash(i) % 500000 AS customer_id,
    TIMESTAMP '2025-01-01' + to_seconds((hash(i * 3) % 31536000)::BIGINT) AS order_ts,
    CASE WHEN i % 97 = 0 THEN '' WHEN i % 89 = 0 THEN 'n/a' ELSE ((hash(i * 5) % 1000000)::DECIMAL(18, 2) / 100)::DECIMAL(12, 2)::VARCHAR END AS amount,
    ${pick(["EUR", "USD", "eur ", " usd", "GBP"], 7)} AS currency, ${pick(["paid", "open", "void", "refunded"], 11)} AS status,
    ${pick(["DE", "FR", "US", "GB", "IN", "BR"], 13)} AS country, 'note ' || hash(i * 17) % 1000000 AS note
  FROM range(${rows}) t(i)) TO '${folder}/orders.csv' (HEADER)`);
await connection.run(
  `COPY (SELECT i AS customer_id, 'seg' || hash(i * 19) % 7 AS segment FROM range(450000) t(i)) TO '${folder}/customers.csv' (HEADER)`,
);
