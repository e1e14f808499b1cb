import { join } from "node:path";
import { duckdb } from "@millrace/duckdb";
import { files } from "@millrace/files";
import { fromSteps, loadPipeline } from "@millrace/sdk";
import type { StepRow } from "@millrace/sdk";
import { expect, test } from "vitest";
import { resolveRuntimeOptions } from "../src/runtime/runtime-options.ts";
import { sandboxPaths } from "../src/runtime/sandbox-paths.ts";
import { createScratchProject } from "./scratch-project.ts";

const rows: readonly StepRow[] = [
  { layer: "connect", name: "lake", value: "lake/" },
  { layer: "ingest", name: "a", value: "in/*.csv", outputs: { data: "a" } },
  { layer: "ingest", name: "b", value: "b.csv", params: { connection: "lake" }, outputs: { data: "b" } },
  { layer: "ingest", name: "c", value: "s3://bucket/c.csv", outputs: { data: "c" } },
  { layer: "store", name: "d", value: "out/d.parquet", inputs: { data: "a" } },
  { layer: "publish", name: "e", value: "file:///tmp/millrace-e.csv", inputs: { data: "b" } },
];

test("a sandbox opens what the definition names and the state folder, and no folder around them", async () => {
  await using project = createScratchProject({ "in/1.csv": "x\n1\n", "in/2.csv": "x\n1\n", "in/note.txt": "" });
  const { spec } = await loadPipeline(fromSteps("rows", rows));
  const options = resolveRuntimeOptions({ compute: [duckdb()], adapters: [files()], projectRoot: project.root });
  const at = (path: string): string => join(project.root, path);
  if (spec === undefined) throw new Error("the rows are valid");
  expect(await sandboxPaths(spec, options)).toEqual({
    read: [at("in/1.csv"), at("in/2.csv"), at("lake/b.csv"), at(".millrace")],
    // The scratch project and /tmp are one file system.
    write: [at("out/d.parquet"), "/tmp/millrace-e.csv", at(".millrace")],
  });
});
