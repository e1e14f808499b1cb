// Seed 000 (NovaFlow), usage example 2: build runtime context; and its state sharing pattern.
import assert from "node:assert/strict";
import { ExecutionContext } from "millrace/seed";

const context = new ExecutionContext({
  processQueueId: 12345,
  dataContractName: "data.sales.daily_orders",
  sourceRef: "landing_api",
  env: "dev",
});

assert.equal(context.catalog, "cluk_dev_nova");
assert.equal(context.targetTable, "cluk_dev_nova.sales.daily_orders");
assert.equal(context.dataFilePath, "/Volumes/cluk_dev_nova/sales/raw/landing_api/daily_orders/");

context.setState("dedupe_keys", ["id", "event_ts"]);
const keys = context.getState<readonly string[]>("dedupe_keys", []);
assert.deepEqual(keys, ["id", "event_ts"]);
