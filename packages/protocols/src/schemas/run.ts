import { z } from "zod";
import type { DatasetRecord, Execution, Attempt, RowCount, RunRecord, StepRecord } from "../run.ts";
import { errorJsonSchema, issueSchema } from "./issue.ts";
import { columnsTextSchema, jsonSchema, layerSchema, nameSchema, timeSchema } from "./names.ts";

const duration = z.number().min(0).describe("Milliseconds.");
const runState = z.enum([
  "pending",
  "running",
  "success",
  "warning",
  "partial",
  "failed",
  "cancelled",
  "timed_out",
  "crashed",
]);

/** Rows of a step, and whether the count may be cut short. */
export const rowCountSchema: z.ZodType<RowCount> = z.object({ rows: z.int().min(0), at_least: z.boolean() });

/** States of a run. */
export const runStateSchema: z.ZodType<RunRecord["state"]> = runState;

const attempt: z.ZodType<Attempt> = z.object({
  group: z.string(),
  steps: z.array(nameSchema),
  attempt: z.int().min(1),
  state: z.enum(["running", "success", "failed", "cancelled", "timed_out"]),
  started_at: timeSchema,
  ended_at: timeSchema.exactOptional(),
  duration_ms: duration.exactOptional(),
  error: errorJsonSchema.exactOptional(),
});

const step: z.ZodType<StepRecord> = z.object({
  name: nameSchema,
  layer: layerSchema,
  type: z.string(),
  group: z.string(),
  state: z.enum(["pending", "running", "success", "failed", "quarantined", "cancelled", "timed_out", "skipped"]),
  origin: z.enum(["run", "cached", "restored"]),
  started_at: timeSchema.exactOptional(),
  ended_at: timeSchema.exactOptional(),
  duration_ms: duration.exactOptional(),
  attempts: z.int().min(0),
  rows: rowCountSchema.exactOptional(),
  rows_in: z.record(z.string(), rowCountSchema).exactOptional(),
  rows_rejected: z.int().min(0).exactOptional(),
  columns: columnsTextSchema.exactOptional(),
  outputs: z.array(z.string()).exactOptional(),
  target: z.string().exactOptional(),
  bytes_written: z.int().min(0).exactOptional(),
  error: errorJsonSchema.exactOptional(),
  skipped_because: z.string().exactOptional(),
});

const dataset: z.ZodType<DatasetRecord> = z.object({
  dataset: nameSchema,
  step: nameSchema,
  version: z.int().min(1),
  rows: z.int().min(0),
  columns: columnsTextSchema,
  durable: z.boolean(),
});

const execution: z.ZodType<Execution> = z.object({
  execution_id: z.string(),
  state: runState,
  started_at: timeSchema,
  ended_at: timeSchema.exactOptional(),
  versions: z.record(z.string(), z.string()),
});

/** `run.json` of a run folder. */
export const runRecordSchema: z.ZodType<RunRecord> = z
  .object({
    schema: z.literal("millrace.run"),
    version: z.literal(1),
    run_id: z.string(),
    pipeline: nameSchema,
    state: runState,
    correlation_id: z.string(),
    started_at: timeSchema,
    ended_at: timeSchema.exactOptional(),
    duration_ms: duration.exactOptional(),
    logical_time: timeSchema.describe("What now() gave in every step."),
    params: z.record(z.string(), jsonSchema),
    plan_digest: z.string(),
    executions: z.array(execution),
    steps: z.array(step),
    attempts: z.array(attempt),
    datasets: z.array(dataset),
    warnings: z.array(issueSchema),
    error: errorJsonSchema.exactOptional(),
  })
  .meta({ title: "Millrace run", description: "What a person asked for once, and what came of it." });
