// The snippets of the API page, as an author writes them. Only checked by the compiler, never run.
import { folder, fromSteps, optional, pipeline, sql } from "@millrace/sdk";
import type { Builder, Dataset, Target } from "@millrace/sdk";
import { z } from "zod";
import { same } from "./equal.ts";

declare const onlyEu: boolean;
declare function post(url: string, rows: number, headers: Record<string, string>): Promise<void>;
declare function slack(message: string): void;

interface RawOrders {
  readonly order_id: "BIGINT!";
  readonly amount: "DOUBLE";
}

/** Steps can be added by a function of one's own. */
export const addCleaning = (p: Builder<"shop", unknown>, { raw }: { readonly raw: Dataset<RawOrders> }): Dataset =>
  p.sql("clean_orders", { raw }, `select order_id from raw`);

export const shop = pipeline(
  "shop",
  {
    params: z.object({ since: z.iso.date(), minAmount: z.number().default(0), limit: z.int().optional() }),
    timeout: "1h",
  },
  (p) => {
    const raw = p.ingest("raw_orders", "data/orders/*.csv", { delim: ";", unionByName: true });
    const t = p.ingest("t", "t.csv", { columns: { id: "BIGINT!", at: "TIMESTAMP" } });
    const lake = p.connect("lake", folder("data/lake"));
    p.ingest("users", lake.file("users.parquet"));
    p.sql("recent", { raw }, `select * from raw where ordered_at >= $since`);
    p.sqlFile("big", { raw }, "./big.sql");
    p.sql(
      "dyn",
      { raw },
      sql`select * from ${raw} where ${onlyEu ? sql`region = 'EU'` : sql`true`} and at < ${new Date(0)}`,
    );
    const clean = p.sql("clean_orders", { raw }, /* sql */ `select 1`, {
      retry: { attempts: 5, base: "2s" },
      timeout: "10m",
      onError: "fail_later",
      explain: { purpose: "drops bad rows" },
      medallion: "silver",
      tags: ["nightly"],
      materialize: "always",
      condition: { field: "params.minAmount", operator: "gt", value: 0 },
    });
    p.sql("some", { rows: clean }, `select 1`, { condition: { field: "inputs.rows.rows", operator: "gt", value: 0 } });
    const scored = p.map("scored", t, { order_id: "BIGINT!", score: "DOUBLE!" }, (r, ctx) => {
      same<typeof ctx.params, { readonly since: string; readonly minAmount: number; readonly limit: number | null }>();
      return r.id === 0 ? undefined : { order_id: r.id, score: r.at?.getTime() ?? 0 };
    });
    p.map("many", t, { id: "BIGINT!" }, (r) => [{ id: r.id }, { id: r.id }]);
    p.map("later", t, { id: "BIGINT!" }, async (r) => Promise.resolve({ id: r.id }));
    p.transform(
      "enrich",
      { orders: scored, fx: optional(t) },
      { total: "DOUBLE!" },
      async function* ({ orders, fx }, { signal }) {
        const { score } = await orders.columns("score");
        same<typeof score.data, Float64Array>();
        for await (const batch of orders.batches()) batch.getChild("score");
        if (fx.present && !signal.aborted)
          for await (const r of orders.rows({ int64: "bigint" })) yield { total: r.score };
      },
    );
    p.transform("columns", { scored }, { total: "DOUBLE!", note: "VARCHAR" }, () => ({ total: new Float64Array(3) }));
    p.effect("notify", { scored }, async ({ scored: rows }, ctx) =>
      post("u", await rows.count(), { "Idempotency-Key": ctx.idempotencyKey }),
    );
    const daily = p.sql("daily", { orders: clean }, `select day from orders group by day`);
    p.store("save_daily", daily, "gold/daily.parquet");
    p.store("by_day", daily, lake.file("daily/"), { partitionBy: ["day"], mode: "append" });
    p.publish("out", daily, "out/daily.csv", { mode: "overwrite", delim: ";" });
    return { daily, scored };
  },
);

shop.on("nodeError", (event) => slack(`${event.stepName}: ${event.error.message}`));
shop.on("pipelineComplete", (event) => slack(`${event.failedCount} failed in ${event.durationMs} ms`));
same<typeof shop.name, "shop">();

export const legacy = fromSteps("legacy", [
  {
    layer: "ingest",
    name: "read_csv",
    type: "config_op",
    engine: "pandas",
    value: "data/in.csv",
    outputs: { data: "raw_data" },
  },
]);

/** What an adapter gives: a target with the modes that it can. */
export const crm: Target<"upsert" | "append"> = { value: "contacts", type: "crm", modes: ["upsert", "append"] };
