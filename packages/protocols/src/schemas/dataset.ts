import { z } from "zod";
import type { Manifest } from "../dataset.ts";
import type { SourceLock } from "../source-lock.ts";
import type { TargetManifest } from "../target-manifest.ts";
import { columnsTextSchema, jsonSchema, nameSchema, timeSchema } from "./names.ts";

const manifestFileSchema = z.object({
  path: z.string().describe("Relative to the folder of the dataset or target, with `/`."),
  size_bytes: z.int().min(0),
  rows: z.int().min(0).exactOptional(),
  checksum: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .exactOptional(),
});

/** The record that makes a set of files one committed version of a dataset. */
export const manifestSchema: z.ZodType<Manifest> = z
  .object({
    schema: z.literal("millrace.manifest"),
    version: z.literal(1),
    pipeline: nameSchema,
    dataset: nameSchema,
    dataset_version: z.int().min(1).describe("The highest is current."),
    format: z.enum(["parquet", "csv", "json", "ndjson"]),
    files: z.array(manifestFileSchema),
    rows: z.int().min(0),
    columns: columnsTextSchema,
    committed_at: timeSchema,
    produced_by: z.object({
      run_id: z.string(),
      step: nameSchema,
      attempt: z.int().min(1),
      digest: z.string().describe("Digest of the definition of the steps that produced it."),
    }),
  })
  .meta({ title: "Millrace manifest", description: "One committed version of a dataset." });

/** The record that makes a set of files the content of a folder target. */
export const targetManifestSchema: z.ZodType<TargetManifest> = z
  .object({
    schema: z.literal("millrace.target"),
    version: z.literal(1),
    target_version: z.int().min(1).describe("The highest is current."),
    format: z.enum(["parquet", "csv", "json", "ndjson"]),
    mode: z.enum(["overwrite", "append", "error_if_exists"]),
    files: z.array(manifestFileSchema.extend({ commit_key: z.string().describe("The effect that wrote the file.") })),
    rows: z.int().min(0).exactOptional(),
    committed_at: timeSchema,
    commit_key: z.string().describe("Identifies the effect over attempts: it is committed once."),
    produced_by: z.object({ run_id: z.string(), step: nameSchema, attempt: z.int().min(1) }),
  })
  .meta({ title: "Millrace target manifest", description: "The files that are the content of a folder target." });

/** `millrace.lock.json`. */
export const sourceLockSchema: z.ZodType<SourceLock> = z
  .object({
    schema: z.literal("millrace.lock"),
    version: z.literal(1),
    sources: z.record(
      z.string().describe("`<pipeline>.<dataset>`"),
      z.object({
        location: z.string(),
        format: z.string(),
        options: z.record(z.string(), jsonSchema),
        columns: columnsTextSchema,
        read_at: timeSchema,
      }),
    ),
  })
  .meta({ title: "Millrace source lock", description: "Columns and dialects of all sources." });
