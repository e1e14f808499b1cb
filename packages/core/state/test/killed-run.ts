// A process that commits one version of a dataset and finishes one run, and dies where its first argument says.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFaultPoints, createIdSource, systemClock } from "@millrace/foundation";
import type { RunRecord } from "@millrace/protocols";
import { createDatasetStore, createLocalAppender, createRunStore, ensureStateFolder } from "../src/index.ts";
import { openFolderByteStore } from "./folder-byte-store.ts";

const [fault = "", stateDir = "", runId = "", rows = ""] = process.argv.slice(2);
const faultPoints = createFaultPoints(fault, { onKill: () => process.kill(process.pid, "SIGKILL") });
await ensureStateFolder(stateDir);
const store = openFolderByteStore(stateDir, faultPoints);
const run = await createRunStore({ store, faultPoints, appender: createLocalAppender(stateDir) }).create(runId);
const time = "2026-01-02T03:04:05.000Z";
const base = { run_id: runId, execution_id: "e", correlation_id: "c", pipeline_name: "orders", time };
run.event({ ...base, sequence: 1, event: "pipeline_start", start_time: time, step_count: 1, group_count: 1 });

const datasets = createDatasetStore({ store, clock: systemClock, ids: createIdSource(), faultPoints });
const staging = await datasets.stage({ pipeline: "orders", dataset: "daily", runId, step: "daily", attempt: 1 });
const files = ["a", "b"].map((name) => {
  const uri = join(staging.uri, `${name}.parquet`);
  writeFileSync(uri, `${name} ${rows}`);
  return { uri, sizeBytes: `${name} ${rows}`.length, rows: 1 };
});
await datasets.commit(staging, {
  format: "parquet",
  files,
  rows: 2,
  columns: { day: "DATE" },
  produced_by: { run_id: runId, step: "daily", attempt: 1, digest: "d" },
});

const record: RunRecord = {
  schema: "millrace.run",
  version: 1,
  run_id: runId,
  pipeline: "orders",
  state: "success",
  correlation_id: "c",
  started_at: time,
  logical_time: time,
  params: {},
  plan_digest: "d",
  executions: [],
  steps: [],
  attempts: [],
  datasets: [],
  warnings: [],
};
await run.finish({ plan: { groups: [] }, record });
