import { z } from "zod";
import type { PipelinePolicyRow, RetryRow, StepPolicyRow } from "../step-row.ts";
import type { ParamSpec, StepCondition } from "../pipeline-spec.ts";
import { columnsTextSchema, durationSchema, jsonSchema, nameSchema } from "./names.ts";

const milliseconds = z.int().min(1).max(2_147_483_647);

const retryFields: z.ZodType<RetryRow> = z
  .strictObject({
    attempts: z.int().min(1).max(100).exactOptional().describe("Attempts in all. Default 3."),
    base_ms: milliseconds.exactOptional().describe("Pause before the second attempt, milliseconds. Default 1000."),
    base: durationSchema.exactOptional().describe('Pause before the second attempt, such as "1s".'),
    factor: z.number().min(1).max(100).exactOptional().describe("Growth of the pause. Default 2."),
    cap_ms: milliseconds.exactOptional().describe("Longest pause, milliseconds. Default 60000."),
    cap: durationSchema.exactOptional().describe('Longest pause, such as "60s".'),
    jitter: z
      .enum(["full", "none"])
      .exactOptional()
      .describe("`full`: each pause is uniform between 0 and the computed one."),
  })
  .meta({ id: "Retry" });

const retry = z.union([z.int().min(1).max(100).describe("Attempts in all."), retryFields]);

const onError = z
  .enum(["fail_fast", "fail_later", "ignore"])
  .describe("What happens to the rest of the run when a step fails. Default `fail_later`.");

const condition: z.ZodType<StepCondition> = z.strictObject({
  field: z.string().describe("`params.<name>`, or `inputs.<logical>.rows`."),
  operator: z.enum(["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "matches", "exists", "not_exists"]),
  value: jsonSchema.exactOptional().describe("What the field is compared with; a list for `in` and `not_in`."),
});

/** `metadata.policy` of a step: how it runs. */
export const stepPolicySchema: z.ZodType<StepPolicyRow> = z
  .strictObject({
    retry: retry.exactOptional().describe("Retry of errors that another attempt can mend."),
    timeout_ms: milliseconds.exactOptional().describe("Longest time of one attempt, milliseconds."),
    timeout: durationSchema.exactOptional().describe('Longest time of one attempt, such as "10m".'),
    on_error: onError.exactOptional(),
    condition: condition.exactOptional().describe("Decides before the step starts whether it runs."),
    materialize: z
      .enum(["auto", "always", "never"])
      .exactOptional()
      .describe("Whether its dataset becomes a boundary."),
    optional_inputs: z.array(z.string()).exactOptional().describe("Logical names of inputs that may be missing."),
    columns: columnsTextSchema.exactOptional().describe("Declared columns: name to SQL type, `!` for never null."),
  })
  .meta({ id: "StepPolicy", description: "How a step runs." });

/** `policy` of a pipeline: defaults of all steps, and the limits of a run. */
export const pipelinePolicySchema: z.ZodType<PipelinePolicyRow> = z
  .strictObject({
    retry: retry.exactOptional().describe("Retry of every step that has none of its own."),
    timeout_ms: milliseconds.exactOptional().describe("Longest time of a run, milliseconds."),
    timeout: durationSchema.exactOptional().describe('Longest time of a run, such as "2h".'),
    step_timeout_ms: milliseconds.exactOptional().describe("Longest time of one attempt of a step, milliseconds."),
    step_timeout: durationSchema.exactOptional().describe('Longest time of one attempt of a step, such as "10m".'),
    on_error: onError.exactOptional(),
    workers: z.int().min(1).max(1024).exactOptional().describe("Groups that run at the same time. Default 4."),
    level_barrier: z.boolean().exactOptional().describe("Levels start only when the level before is done."),
    require_guarantee: z
      .enum(["transactional", "atomic-replace", "idempotent-key", "at-least-once"])
      .exactOptional()
      .describe("A sink with a weaker guarantee is an error."),
  })
  .meta({ id: "PipelinePolicy", description: "Defaults of all steps, and the limits of a run." });

/** A parameter of a pipeline. SQL reads it as `$name`. */
export const paramSchema: z.ZodType<ParamSpec> = z
  .strictObject({
    type: z.string().exactOptional().describe("SQL type that a value is cast to, such as `DATE`."),
    default: jsonSchema.exactOptional().describe("Without it the parameter must be given."),
    description: z.string().exactOptional().describe("What it is for."),
  })
  .meta({ id: "Param", description: "A parameter of the pipeline." });

/** Dataset keys that a pipeline returns. */
export const returnsSchema: z.ZodType<readonly string[]> = z.array(nameSchema);
