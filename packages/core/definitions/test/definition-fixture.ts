import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPipelineLoader } from "@millrace/definitions";
import type { PipelineLoaderOptions } from "@millrace/definitions";
import type { Issue, LoadedPipeline, StepRow } from "@millrace/protocols";
import { withScratchFolder } from "@millrace/testing";

/** Writes a file of a pipeline and loads it. */
export async function loadText(
  name: string,
  text: string | Uint8Array,
  options: PipelineLoaderOptions = {},
): Promise<LoadedPipeline & { readonly file: string }> {
  return withScratchFolder(async (folder) => {
    const file = join(folder, name);
    await writeFile(file, text);
    return { ...(await createPipelineLoader(options).load(file)), file };
  });
}

/** Errors without their places: code and path. */
export function codesOf(issues: readonly Issue[]): readonly string[] {
  return issues.filter(({ severity }) => severity === "error").map(({ code, path }) => `${code} ${path.join(".")}`);
}

/** Two steps that are right: read orders, keep those above zero. */
export const goodSteps: readonly StepRow[] = [
  { layer: "ingest", name: "read", type: "config_op", value: "orders.csv", outputs: { data: "raw" } },
  {
    layer: "transform",
    name: "keep",
    type: "sql",
    value: "select * from raw where amount > 0",
    inputs: { raw: "raw" },
    outputs: { data: "kept" },
  },
];

/** `goodSteps` with fields of the second one replaced. */
export function withKeep(fields: Readonly<Record<string, unknown>>): readonly unknown[] {
  return [goodSteps[0], { ...goodSteps[1], ...fields }];
}

/** `goodSteps` with a policy on the second one. */
export function withPolicy(policy: unknown): readonly unknown[] {
  return withKeep({ metadata: { policy } });
}
