// Seed 001 (factflow-foundation), public API, path resolution: storage keys from execution, route, stage and message.
import assert from "node:assert/strict";
import { ExecutionPathResolver, PipelineStage } from "millrace/seed";
import type { StorageContext } from "millrace/seed";

const resolver = new ExecutionPathResolver();
const context: StorageContext = {
  execution: "exec-42",
  route: "orders",
  stage: PipelineStage.INGEST,
  message: "2026-02-01",
  extension: "parquet",
};

assert.equal(resolver.resolve(context), "executions/exec-42/orders/ingest/2026-02-01.parquet");
assert.equal(resolver.resolveSidecar(context), "executions/exec-42/orders/ingest/2026-02-01.parquet.meta.json");
assert.equal(resolver.prefix({ execution: "exec-42", route: "orders" }), "executions/exec-42/orders/");

// Nothing joins unchecked text into a path.
assert.throws(() => resolver.resolve({ ...context, message: "../../etc/passwd" }), { code: "STORE_KEY_INVALID" });
