import { z } from "zod";
import type { JsonValue } from "../json.ts";

/** Longest name of a pipeline, step or dataset: it becomes part of a file name, which has at most 255 bytes. */
const maxNameLength = 128;

/** Device names of Windows, alone or before a `.`, and the one name that plain objects treat as their own. JSON Schema has no flags. */
const reserved =
  "(?!__proto__$)(?!(?:[cC][oO][nN]|[pP][rR][nN]|[aA][uU][xX]|[nN][uU][lL]|(?:[cC][oO][mM]|[lL][pP][tT])[0-9])(?:\\.|$))";

/** A name that is safe in paths, SQL and terminals: ASCII letters, digits, `_`, `-`, `.`, not ending in `.`. */
export const nameSchema: z.ZodType<string> = z
  .string()
  .min(1)
  .max(maxNameLength)
  .regex(new RegExp(`^${reserved}[A-Za-z_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?$`))
  .meta({
    id: "Name",
    description: "Letters, digits, `_`, `-` and `.`, at most 128 characters, beginning with a letter or `_`.",
  });

/** A name that SQL can use as `$name`. */
export const paramNameSchema: z.ZodType<string> = z
  .string()
  .max(maxNameLength)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

/** Logical name to dataset key. */
export const datasetMapSchema: z.ZodType<Readonly<Record<string, string>>> = z.record(nameSchema, nameSchema);

/** Name to SQL type, `!` at the end for never null. */
export const columnsTextSchema: z.ZodType<Readonly<Record<string, string>>> = z.record(z.string(), z.string());

/** `"10m"`, `"1h 30m"`, `"2 days"`, or milliseconds. */
export const durationSchema: z.ZodType<string | number> = z
  .union([
    z
      .string()
      .regex(/^\s*\d/)
      .meta({ description: 'A duration such as "30s", "10m", "1h 30m" or "2 days".' }),
    z.int().min(1).max(2_147_483_647).meta({ description: "Milliseconds." }),
  ])
  .meta({ id: "Duration" });

/** An instant, ISO 8601. */
export const timeSchema: z.ZodType<string> = z.iso.datetime({ offset: true });

/** Words of `Layer`, in the order of the data. */
export const layerSchema: z.ZodType<"connect" | "ingest" | "transform" | "store" | "publish"> = z.enum([
  "connect",
  "ingest",
  "transform",
  "store",
  "publish",
]);

/** Any JSON value. */
export const jsonSchema: z.ZodType<JsonValue> = z
  .union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.lazy(() => z.array(jsonSchema)),
    z.lazy(() => z.record(z.string(), jsonSchema)),
  ])
  .meta({ id: "JsonValue" });
