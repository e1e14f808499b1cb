import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { renderErrors, renderSchemas, syncFiles } from "../src/generated-files.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "generated-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const schemas = renderSchemas({ pipelineSpec: z.object({ name: z.string(), size: z.number().default(1) }) });
const errors = renderErrors({ DATA_BAD: { exit: 30, summary: "a | b", fix: "Mend it." } });
const files = new Map([...schemas, ...errors]);

test("a wire schema becomes a kebab-case JSON Schema in which defaults are optional", () => {
  const text = schemas.get("packages/protocols/schemas/pipeline-spec.json") ?? "";
  expect(JSON.parse(text)).toMatchObject({ type: "object", required: ["name"] });
});

test("an error code becomes a row", () => {
  expect(errors.get("docs/errors.md")).toContain("| `DATA_BAD` | 30 | a \\| b | Mend it. |");
});

test("missing files are reported, and written files are not", () => {
  expect(syncFiles(root, files, false)).toHaveLength(2);
  expect(syncFiles(root, files, true)).toEqual([]);
  expect(syncFiles(root, files, false)).toEqual([]);
});

test("a file edited by hand is stale", () => {
  syncFiles(root, files, true);
  writeFileSync(join(root, "docs/errors.md"), "changed");
  expect(syncFiles(root, files, false)).toEqual(['docs/errors.md is stale: run "pnpm generated --write"']);
});

test("a schema of a removed record is reported, and removed by writing", () => {
  syncFiles(root, files, true);
  const remaining = renderErrors({});
  expect(syncFiles(root, errors, false)).toEqual([
    'packages/protocols/schemas/pipeline-spec.json is made from nothing: run "pnpm generated --write"',
  ]);
  syncFiles(root, remaining, true);
  expect(syncFiles(root, remaining, false)).toEqual([]);
});
