import { z } from "zod";
import { issueSchema } from "./issue.ts";
import { jsonSchema, layerSchema, nameSchema, timeSchema } from "./names.ts";

/** `plan.json` and `millrace plan --json`: the plan in snake_case. What analysis adds to it is not fixed here. */
export interface PlanJson {
  readonly schema: "millrace.plan";
  readonly version: 1;
  readonly pipeline: string;
  readonly digest: string;
  readonly logical_time: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly observe: "boundaries" | "taps" | "steps";
  readonly deterministic: boolean;
  readonly level_barrier: boolean;
  readonly limits: {
    readonly workers: number;
    readonly threads: number;
    readonly memory_bytes: number;
    readonly timeout_ms?: number;
    readonly [key: string]: unknown;
  };
  readonly groups: readonly {
    readonly id: string;
    readonly kind: "sql" | "code" | "sink" | "handler";
    readonly engine: string;
    readonly steps: readonly string[];
    readonly level: number;
    readonly depends_on: readonly string[];
    readonly digest: string;
    readonly [key: string]: unknown;
  }[];
  readonly steps?: readonly { readonly name: string; readonly layer: string; readonly [key: string]: unknown }[];
  readonly sources: readonly {
    readonly step: string;
    readonly dataset: string;
    readonly location: string;
    readonly format: string;
    readonly [key: string]: unknown;
  }[];
  readonly warnings: z.infer<typeof issueSchema>[];
  readonly excluded: readonly string[];
  readonly [key: string]: unknown;
}

/** Every decision of a run, taken before any effect. */
export const planJsonSchema: z.ZodType<PlanJson> = z
  .looseObject({
    schema: z.literal("millrace.plan"),
    version: z.literal(1),
    pipeline: nameSchema,
    digest: z.string(),
    logical_time: timeSchema,
    params: z.record(z.string(), jsonSchema),
    observe: z.enum(["boundaries", "taps", "steps"]),
    deterministic: z.boolean(),
    level_barrier: z.boolean(),
    limits: z.looseObject({
      workers: z.int().min(1),
      threads: z.int().min(1),
      memory_bytes: z.int().min(1),
      timeout_ms: z.int().min(1).exactOptional(),
    }),
    groups: z.array(
      z.looseObject({
        id: z.string(),
        kind: z.enum(["sql", "code", "sink", "handler"]),
        engine: z.string(),
        steps: z.array(nameSchema).min(1),
        level: z.int().min(0),
        depends_on: z.array(z.string()),
        digest: z.string(),
      }),
    ),
    steps: z.array(z.looseObject({ name: nameSchema, layer: layerSchema })).exactOptional(),
    sources: z.array(
      z.looseObject({ step: nameSchema, dataset: nameSchema, location: z.string(), format: z.string() }),
    ),
    warnings: z.array(issueSchema),
    excluded: z.array(nameSchema),
  })
  .meta({ title: "Millrace plan", description: "Every decision of a run, taken before any effect." });
