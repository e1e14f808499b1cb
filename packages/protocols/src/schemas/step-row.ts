import { z } from "zod";
import type { PipelineFile, StepRow, StepRowMetadata } from "../step-row.ts";
import { datasetMapSchema, jsonSchema, layerSchema, nameSchema, paramNameSchema } from "./names.ts";
import { paramSchema, pipelinePolicySchema, returnsSchema, stepPolicySchema } from "./policy.ts";

const explanation = z.looseObject({
  purpose: z.string().exactOptional().describe("Why the step exists, in one sentence."),
  details: z.array(z.string()).exactOptional().describe("What it does, point by point."),
  formulas: z.record(z.string(), z.string()).exactOptional().describe("Column to formula."),
  result: z.string().exactOptional().describe("What comes out."),
  notes: z.array(z.string()).exactOptional().describe("What a reader should know."),
});

const metadata: z.ZodType<StepRowMetadata> = z.looseObject({
  policy: stepPolicySchema.exactOptional().describe("How the step runs: retry, timeout, condition, columns."),
  explain: explanation.exactOptional().describe("Words for people, shown by docs and the story."),
  tags: z.array(z.string()).exactOptional().describe("For `--select tag:x`."),
  medallion: z.enum(["bronze", "silver", "gold"]).exactOptional().describe("Stage of the dataset."),
  description: z.string().exactOptional().describe("What the step is for."),
});

/** One step of a pipeline file. */
export const stepRowSchema: z.ZodType<StepRow> = z
  .strictObject({
    layer: layerSchema.exactOptional().describe("What the step is. Default `transform`."),
    name: nameSchema.describe("Name of the step, once in a pipeline."),
    type: z
      .union([z.enum(["sql", "function", "config_op", "api"]), z.string().min(1)])
      .exactOptional()
      .describe("How the step works. Default `config_op`; registered handlers add types."),
    engine: z
      .enum(["duckdb", "spark", "pandas"])
      .exactOptional()
      .describe("What computes. Default `duckdb`, of which `pandas` is an alias."),
    value: z
      .string()
      .exactOptional()
      .describe(
        "By layer: connection URI, source path or URI, SQL text or function name, target path, target endpoint.",
      ),
    params: z
      .record(z.string(), jsonSchema)
      .exactOptional()
      .describe("Options of the step, such as `format` or `mode`."),
    inputs: datasetMapSchema.exactOptional().describe("Logical name to the dataset that the step reads."),
    outputs: datasetMapSchema.exactOptional().describe("Logical name to the dataset that the step produces."),
    metadata: metadata.exactOptional().describe("`policy`, `explain`, `tags`, `medallion`, and keys of your own."),
  })
  .meta({ id: "StepRow", description: "One step of a pipeline." });

const steps = z.array(stepRowSchema).min(1).describe("The steps; their order does not matter.");

const pipelineObject: z.ZodType<PipelineFile> = z.strictObject({
  $schema: z.string().exactOptional().describe("Where an editor finds this schema. Ignored."),
  name: nameSchema.exactOptional().describe("Name of the pipeline. Default: the name of the file."),
  description: z.string().exactOptional().describe("What the pipeline is for."),
  params: z.record(paramNameSchema, paramSchema).exactOptional().describe("Parameters; SQL reads them as `$name`."),
  policy: pipelinePolicySchema.exactOptional().describe("Defaults of all steps, and the limits of a run."),
  returns: returnsSchema.exactOptional().describe("Datasets that `run` returns and other pipelines may use."),
  steps,
});

/** A pipeline file: an array of steps, named by its file, or an object. */
export const pipelineFileSchema: z.ZodType<PipelineFile | readonly StepRow[]> = z
  .union([pipelineObject, steps])
  .meta({ title: "Millrace pipeline", description: "A pipeline of Millrace, in JSON or YAML." });
