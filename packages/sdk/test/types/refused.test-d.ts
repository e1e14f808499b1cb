// What must not compile. Each line below a "@ts-expect-error" fails; where one stops failing, the compiler says so.
import { folder, pipeline, sql } from "@millrace/sdk";
import type { Columns, Dataset, Runtime, Target } from "@millrace/sdk";
import { z } from "zod";
import { same } from "./equal.ts";

declare const crm: Target<"upsert" | "append">;
declare const table: string;

export const orders = pipeline(
  "typed_orders",
  { params: z.object({ since: z.iso.date(), minAmount: z.number().default(0) }) },
  (p) => {
    const raw = p.ingest("raw_orders", "data/orders/*.csv");
    const clean = p.sql(
      "clean_orders",
      { raw },
      `
    select order_id, customer, amount::double as amount, ordered_at::date as day
    from raw where amount > $minAmount and ordered_at >= $since`,
    );
    const daily = p.sql(
      "daily",
      { orders: clean },
      `select day, customer, count(*) as orders, sum(amount) as total from orders group by all`,
    );

    // SQL is one literal with known parameters.
    // @ts-expect-error $minAmout is no parameter
    p.sql("clean_orders", { raw }, `select * from raw where amount > $minAmout`);
    // @ts-expect-error text that is put together may carry anything
    p.sql("clean_orders", { raw }, `select * from ${table}`);
    // @ts-expect-error an object is no value of SQL
    p.sql("clean_orders", { raw }, sql`select ${{ secret: true }}`);
    // @ts-expect-error inputs are datasets, not names
    p.sql("clean_orders", { raw: "raw_orders" }, `select 1`);
    p.sql("clean_orders", { raw }, sql`select * from ${raw} where amount > ${3}`);
    p.sql(
      "clean_orders",
      { raw },
      `select '$USD' || amount as x, "$y", regexp_matches(customer, '^a$') from raw -- it's $z
    where /* don't $q */ amount > $minAmount`,
    );

    // Options.
    // @ts-expect-error there is no such option
    p.sql("daily", { orders: clean }, `select 1`, { retires: 3 });
    // @ts-expect-error a condition names a parameter or an input
    p.sql("daily", { orders: clean }, `select 1`, { condition: { field: "params.sinse", operator: "exists" } });
    // @ts-expect-error a duration has a unit
    p.sql("daily", { orders: clean }, `select 1`, { timeout: "10" });
    // @ts-expect-error FLOATY is no type
    p.ingest("t", "t.csv", { columns: { a: "FLOATY" } });
    // @ts-expect-error no compute enforces that elements are never null
    p.ingest("t", "t.csv", { columns: { a: { list: "VARCHAR!" } } });
    // @ts-expect-error no such reading option
    p.ingest("t", "t.csv", { delimiter: ";" });

    // Code steps.
    const scored = p.transform(
      "scored",
      { orders: clean },
      { order_id: "BIGINT!", score: "DOUBLE!", why: "VARCHAR" },
      async function* ({ orders: rows }, ctx) {
        same<typeof ctx.params, { readonly since: string; readonly minAmount: number }>();
        for await (const r of rows.rows()) {
          same<typeof r.order_id, number>();
          same<typeof r.amount, number>();
          // @ts-expect-error the column is "amount"
          void r.ammount;
          yield { order_id: r.order_id, score: r.amount * 2 };
        }
        for await (const r of rows.rows({ int64: "bigint" })) same<typeof r.order_id, bigint>();
        // @ts-expect-error there is no such input
        void rows.clean;
      },
    );
    // @ts-expect-error score is never null and is missing
    p.transform("scored2", { clean }, { order_id: "BIGINT!", score: "DOUBLE!" }, async function* () {
      yield { order_id: 1 };
    });
    // @ts-expect-error order_id is a number
    p.transform("scored3", { clean }, { order_id: "BIGINT!" }, () => [{ order_id: "1" }]);
    // @ts-expect-error order_id is missing
    p.map("scored4", clean, { order_id: "BIGINT!" }, (r) => ({ id: r.order_id }));
    // @ts-expect-error the column is "amount"
    p.map("scored5", clean, { order_id: "BIGINT!" }, (r) => ({ order_id: r.ammount }));
    p.transform("fast", { orders: clean, raw }, { total: "DOUBLE!" }, async ({ orders: clean_, raw: raw_ }) => {
      const { amount } = await clean_.columns("amount");
      same<typeof amount.data, Float64Array>();
      same<typeof amount.nulls, null>();
      const { tags } = await raw_.columns("amount", "tags");
      same<ReturnType<typeof tags.at>, readonly (string | null)[] | null>();
      // @ts-expect-error there is no column "amout"
      await clean_.columns("amout");
      let total = 0;
      for (const value of amount.data) total += value;
      return [{ total }];
    });
    p.transform("nulls", { raw }, { x: "DOUBLE!" }, async function* ({ raw: rows }) {
      for await (const r of rows.rows()) {
        // @ts-expect-error amount may be null
        r.amount.toNumber();
        same<typeof r.status, "open" | "paid">();
        same<typeof r.ordered_at, Date>();
        same<typeof r.place, { readonly lat: number | null; readonly lon: number | null }>();
        yield { x: r.amount?.toNumber() ?? 0 };
      }
    });

    // Targets.
    p.store("gold", daily, "gold/", { partitionBy: ["day"] });
    // @ts-expect-error there is no column "dy"
    p.store("gold", daily, "gold/", { partitionBy: ["dy"] });
    p.publish("crm", daily, crm, { mode: "upsert", key: ["day", "customer"] });
    // @ts-expect-error there is no column "cust"
    p.publish("crm", daily, crm, { mode: "upsert", key: ["cust"] });
    // @ts-expect-error upsert matches rows by a key
    p.publish("crm", daily, crm, { mode: "upsert" });
    // @ts-expect-error the target cannot overwrite
    p.publish("crm", daily, crm, { mode: "overwrite" });
    // @ts-expect-error a file cannot match rows by a key
    p.publish("file", daily, "out.csv", { mode: "upsert", key: ["day"] });
    // @ts-expect-error a URL does not carry its password
    p.connect("pg", folder("postgres://u:p@h/db"));

    // A step that the generated file does not know yet: the type says what to run.
    const fresh = p.sql("brand_new", { daily }, `select 1 as a`);
    p.transform("t", { fresh }, { x: "DOUBLE!" }, async function* ({ fresh: rows }) {
      for await (const r of rows.rows()) {
        // @ts-expect-error Property 'a' does not exist on type 'RunMillraceTypes<"brand_new">'
        yield { x: r.a };
      }
    });
    return { daily, scored };
  },
);

// Columns inline, or nothing known: no generated file is needed.
export const inline = pipeline("inline", (p) => {
  const t = p.ingest("t", "t.csv", { columns: { id: "BIGINT!", at: "TIMESTAMP" } });
  p.transform("x", { t }, { id: "BIGINT!" }, async function* ({ t: rows }) {
    for await (const r of rows.rows()) {
      same<typeof r.at, Date | null>();
      yield { id: r.id };
    }
  });
  const u = p.sql("u", { t }, `select * from t`);
  p.transform("y", { u }, { id: "BIGINT!" }, async function* ({ u: rows }) {
    for await (const r of rows.rows()) yield { id: r["whatever"] };
  });
  // @ts-expect-error a pipeline without parameters knows no $since
  p.sql("v", { t }, `select $since`);
});

// Hooks.
orders.on("nodeError", (event) => same<typeof event.error.code, string>());
// @ts-expect-error the event is "nodeError"
orders.on("node_error", () => undefined);

// Datasets carry their columns out of the pipeline.
export const daily: Dataset<{
  readonly day: "DATE!";
  readonly customer: "VARCHAR!";
  readonly orders: "BIGINT!";
  readonly total: "DOUBLE";
}> = orders.outputs.daily;
// @ts-expect-error the columns differ
export const other: Dataset<{ readonly day: "VARCHAR!" }> = orders.outputs.daily;
// @ts-expect-error it returns no "clean"
export const missing: Dataset = orders.outputs.clean;
export const columns: Columns = { a: "DECIMAL(18,2)!", b: { struct: { c: { list: "DATE" } }, notNull: true } };

// A run: parameters that have no default are required, outputs are those that were returned.
export async function check(rt: Runtime): Promise<void> {
  // @ts-expect-error since is required
  await rt.run(orders);
  // @ts-expect-error since is a text
  await rt.run(orders, { params: { since: 1 } });
  // @ts-expect-error there is no such parameter
  await rt.run(orders, { params: { since: "2026-01-01", minAmuont: 1 } });
  const run = await rt.run(orders, { params: { since: "2026-01-01" } });
  for await (const row of run.outputs.daily.rows()) {
    same<typeof row.total, number | null>();
    same<typeof row.day, string>();
  }
  const { orders: count } = await run.outputs.daily.columns();
  same<typeof count.data, BigInt64Array>();
  // @ts-expect-error it returns no "clean"
  void run.outputs.clean;
  await rt.run(inline);

  // A step test: fixtures have the columns of the step's inputs, rows those of the step.
  const tested = await rt.testStep(orders, "clean_orders", { raw: [{ order_id: 1, status: "paid", amount: "1.50" }] });
  same<(typeof tested.rows)[number]["day"], string>();
  // @ts-expect-error the column is "order_id"
  await rt.testStep(orders, "clean_orders", { raw: [{ order_idd: 1 }] });
  // @ts-expect-error "lost" is no status
  await rt.testStep(orders, "clean_orders", { raw: [{ status: "lost" }] });
  // @ts-expect-error there is no such step
  await rt.testStep(orders, "clean_order", { raw: [] });
  // @ts-expect-error the input "raw" has no fixture
  await rt.testStep(orders, "clean_orders", {});
}
