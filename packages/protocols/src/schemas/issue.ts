import { z } from "zod";
import type { ErrorJson } from "../error.ts";
import type { Issue } from "../issue.ts";
import { jsonSchema } from "./names.ts";

const position = z.object({
  file: z.string(),
  line: z.int().min(1).exactOptional().describe("Counts from 1."),
  column: z.int().min(1).exactOptional().describe("Counts from 1, in UTF-16 code units."),
});

/** One finding of load, bind or plan. */
export const issueSchema: z.ZodType<Issue> = z
  .object({
    severity: z.enum(["error", "warning", "info"]),
    code: z.string().describe("Stable code, listed in docs/errors.md."),
    message: z.string(),
    path: z.array(z.union([z.string(), z.int()])).describe("Where in the definition."),
    step: z.string().exactOptional(),
    position: position.exactOptional(),
    length: z.int().min(0).exactOptional().describe("Length of the text that is meant, in UTF-16 code units."),
    expected: z.string().exactOptional(),
    received: z.string().exactOptional(),
    suggestion: z.string().exactOptional(),
    notes: z.array(z.string()).exactOptional(),
  })
  .meta({ id: "Issue", description: "One finding, with its place in the author's file." });

/** JSON form of an error. */
export const errorJsonSchema: z.ZodType<ErrorJson> = z
  .object({
    code: z.string(),
    failure_class: z.enum(["retryable", "terminal", "quarantine"]),
    fault: z.enum(["caller", "config", "data", "upstream", "internal"]),
    message: z.string(),
    context: z.record(z.string(), jsonSchema),
    retry_after_ms: z.number().min(0).exactOptional(),
    fingerprint: z.string().exactOptional().describe("The same for the same failure in other runs."),
    get cause(): z.ZodExactOptional<z.ZodType<ErrorJson>> {
      return errorJsonSchema.exactOptional();
    },
    issues: z.array(issueSchema).exactOptional(),
  })
  .meta({ id: "Error", description: "An error, small and without secrets." });
