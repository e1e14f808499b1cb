import { z } from "zod";
import type { RunEvent } from "../event.ts";
import { errorJsonSchema } from "./issue.ts";
import { layerSchema, nameSchema, timeSchema } from "./names.ts";
import { rowCountSchema, runStateSchema } from "./run.ts";

const base = {
  run_id: z.string(),
  execution_id: z.string(),
  correlation_id: z.string(),
  pipeline_name: nameSchema,
  time: timeSchema,
  sequence: z.int().min(1).describe("Counts from 1 in a run."),
};

const node = { ...base, step_name: nameSchema, layer: layerSchema };
const inGroup = { ...node, group: z.string() };
const count = z.int().min(0);
const duration = z.number().min(0).describe("Milliseconds.");

/** One line of `events.ndjson`. */
export const runEventSchema: z.ZodType<RunEvent> = z
  .discriminatedUnion("event", [
    z.object({
      ...base,
      event: z.literal("pipeline_start"),
      start_time: timeSchema,
      step_count: count,
      group_count: count,
    }),
    z.object({
      ...base,
      event: z.literal("pipeline_complete"),
      state: runStateSchema,
      success_count: count,
      failed_count: count,
      skipped_count: count,
      duration_ms: duration,
    }),
    z.object({ ...base, event: z.literal("pipeline_error"), error_message: z.string(), error: errorJsonSchema }),
    z.object({ ...inGroup, event: z.literal("node_start"), attempt: z.int().min(1) }),
    z.object({
      ...inGroup,
      event: z.literal("node_complete"),
      duration_ms: duration,
      state: z.enum(["success", "cached", "restored"]),
      origin: z.enum(["run", "cached", "restored"]),
      rows: rowCountSchema.exactOptional(),
      rows_rejected: count.exactOptional(),
    }),
    z.object({ ...inGroup, event: z.literal("node_error"), error_message: z.string(), error: errorJsonSchema }),
    z.object({
      ...inGroup,
      event: z.literal("node_retry"),
      attempt: z.int().min(1),
      delay_ms: duration,
      error: errorJsonSchema,
    }),
    z.object({ ...node, event: z.literal("node_skipped"), reason: z.string() }),
    z.object({
      ...inGroup,
      event: z.literal("node_progress"),
      ratio: z.number().min(0).max(1).exactOptional(),
      rows: count.exactOptional(),
      total_rows: count.exactOptional(),
    }),
    z.object({
      ...base,
      event: z.literal("log"),
      level: z.enum(["debug", "info", "warn", "error"]),
      step_name: nameSchema.exactOptional(),
      message: z.string(),
    }),
  ])
  .meta({ title: "Millrace event", description: "One thing that happened in a run." });
