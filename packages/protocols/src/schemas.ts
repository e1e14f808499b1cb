// Wire schemas (zod 4): what people write, and what runs leave behind. `wireSchemas` becomes the JSON Schemas of this package.
//
//   import { runRecordSchema } from "@millrace/protocols/schemas";
//   const record = runRecordSchema.parse(JSON.parse(text));
import type { ZodType } from "zod";
import { manifestSchema, sourceLockSchema, targetManifestSchema } from "./schemas/dataset.ts";
import { cliEnvelopeSchema } from "./schemas/envelope.ts";
import { runEventSchema } from "./schemas/event.ts";
import { errorJsonSchema, issueSchema } from "./schemas/issue.ts";
import { planJsonSchema } from "./schemas/plan.ts";
import { runRecordSchema } from "./schemas/run.ts";
import { pipelineFileSchema, stepRowSchema } from "./schemas/step-row.ts";

/** Every wire schema by name. */
export const wireSchemas: Readonly<Record<string, ZodType>> = {
  stepRow: stepRowSchema,
  pipelineFile: pipelineFileSchema,
  plan: planJsonSchema,
  run: runRecordSchema,
  runEvent: runEventSchema,
  manifest: manifestSchema,
  targetManifest: targetManifestSchema,
  sourceLock: sourceLockSchema,
  error: errorJsonSchema,
  issue: issueSchema,
  cliEnvelope: cliEnvelopeSchema,
};

export { manifestSchema, sourceLockSchema, targetManifestSchema } from "./schemas/dataset.ts";
export { cliEnvelopeSchema } from "./schemas/envelope.ts";
export type { CliEnvelope } from "./schemas/envelope.ts";
export { runEventSchema } from "./schemas/event.ts";
export { errorJsonSchema, issueSchema } from "./schemas/issue.ts";
export { planJsonSchema } from "./schemas/plan.ts";
export type { PlanJson } from "./schemas/plan.ts";
export { runRecordSchema } from "./schemas/run.ts";
export { pipelineFileSchema, stepRowSchema } from "./schemas/step-row.ts";
