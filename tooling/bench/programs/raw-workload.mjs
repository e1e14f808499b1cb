// Workload W without a framework: raw-workload.mjs MODE FOLDER OUT
//   onesql   all steps as CTEs of one COPY        tables   one CREATE TABLE a step, then COPY
import { DuckDBInstance } from "@duckdb/node-api";

const [mode, folder, out] = process.argv.slice(2);
const steps = {
  raw_orders: `SELECT * FROM read_csv('${folder}/orders.csv', header=true, columns={'order_id':'BIGINT','customer_id':'INTEGER','order_ts':'TIMESTAMP','amount':'VARCHAR','currency':'VARCHAR','status':'VARCHAR','country':'VARCHAR','note':'VARCHAR'})`,
  filtered: "SELECT * FROM raw_orders WHERE status IN ('paid', 'refunded')",
  cleaned:
    "SELECT order_id, customer_id, CAST(order_ts AS DATE) AS order_day, amt AS amount, upper(trim(currency)) AS currency, status, country, note FROM (SELECT *, TRY_CAST(amount AS DECIMAL(12,2)) AS amt FROM filtered) WHERE amt IS NOT NULL",
  joined: `SELECT c.*, k.segment FROM cleaned c JOIN read_csv('${folder}/customers.csv', header=true, columns={'customer_id':'INTEGER','segment':'VARCHAR'}) k ON c.customer_id = k.customer_id`,
  daily:
    "SELECT order_day, country, currency, segment, status, count(*) AS orders, sum(amount) AS revenue, min(amount) AS lowest, max(amount) AS highest FROM joined GROUP BY ALL",
};
const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
const copy = (from) => `COPY (${from} SELECT * FROM daily ORDER BY ALL) TO '${out}/daily.parquet' (FORMAT parquet)`;
if (mode === "onesql")
  await connection.run(
    copy(
      `WITH ${Object.entries(steps)
        .map(([name, sql]) => `${name} AS (${sql})`)
        .join(", ")}`,
    ),
  );
else {
  for (const [name, sql] of Object.entries(steps)) await connection.run(`CREATE TABLE ${name} AS ${sql}`);
  await connection.run(copy(""));
}
