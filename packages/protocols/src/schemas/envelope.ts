import { z } from "zod";
import type { ErrorJson } from "../error.ts";
import { errorJsonSchema } from "./issue.ts";
import { jsonSchema } from "./names.ts";

/** The one document that a command prints on stdout with `--json`. */
export interface CliEnvelope {
  /** What `data` is, such as `millrace.cli.validate`. */
  readonly schema: string;
  /** Version of the form of `data`. */
  readonly version: number;
  readonly ok: boolean;
  readonly data: unknown;
  readonly errors: readonly ErrorJson[];
}

/** The one document that a command prints on stdout with `--json`. */
export const cliEnvelopeSchema: z.ZodType<CliEnvelope> = z
  .strictObject({
    schema: z
      .string()
      .regex(/^millrace\.[a-z_.]+$/)
      .describe("What `data` is."),
    version: z.int().min(1).describe("Version of the form of `data`."),
    ok: z.boolean().describe("False where the exit code is 20 or more."),
    data: jsonSchema,
    errors: z.array(errorJsonSchema),
  })
  .meta({ title: "Millrace command output", description: "What a command prints with --json." });
