import { z } from "zod";
import { describe, expect, it } from "vitest";
import { errorCodes, runStateMappings, stepStateMappings } from "@millrace/protocols";
import type { ErrorJson, Issue, Manifest, RunEvent, RunRecord, SourceLock, StepRow } from "@millrace/protocols";
import {
  cliEnvelopeSchema,
  manifestSchema,
  pipelineFileSchema,
  planJsonSchema,
  runEventSchema,
  runRecordSchema,
  sourceLockSchema,
  stepRowSchema,
  wireSchemas,
} from "@millrace/protocols/schemas";

const time = "2026-01-01T00:00:00.000Z";

const issue: Issue = {
  severity: "error",
  code: "SQL_COLUMN_NOT_FOUND",
  message: "no column",
  path: ["steps", 1, "value"],
  step: "keep",
  position: { file: "/orders.ts", line: 6, column: 32 },
  length: 6,
  suggestion: "amount",
  notes: ["a"],
};

const error: ErrorJson = {
  code: "ENGINE_STEP_FAILED",
  failure_class: "retryable",
  fault: "upstream",
  message: "failed",
  context: { step: "keep", attempts: 3, last: null },
  retry_after_ms: 1000,
  fingerprint: "0123456789abcdef",
  cause: { code: "INTERNAL", failure_class: "terminal", fault: "internal", message: "cause", context: {} },
  issues: [issue],
};

const run: RunRecord = {
  schema: "millrace.run",
  version: 1,
  run_id: "r",
  pipeline: "orders",
  state: "warning",
  correlation_id: "c",
  started_at: time,
  ended_at: time,
  duration_ms: 12.5,
  logical_time: time,
  params: { since: "2026-01-01" },
  plan_digest: "d",
  executions: [{ execution_id: "e", state: "success", started_at: time, versions: { millrace: "0.1.0" } }],
  steps: [
    {
      name: "keep",
      layer: "transform",
      type: "sql",
      group: "g1",
      state: "success",
      origin: "run",
      attempts: 1,
      rows: { rows: 3, at_least: false },
      rows_in: { raw: { rows: 5, at_least: true } },
      columns: { id: "BIGINT!" },
    },
  ],
  attempts: [{ group: "g1", steps: ["keep"], attempt: 1, state: "failed", started_at: time, error }],
  datasets: [{ dataset: "kept", step: "keep", version: 1, rows: 3, columns: { id: "BIGINT!" }, durable: true }],
  warnings: [issue],
};

const manifest: Manifest = {
  schema: "millrace.manifest",
  version: 1,
  pipeline: "orders",
  dataset: "kept",
  dataset_version: 2,
  format: "parquet",
  files: [{ path: "v2/part-0.parquet", size_bytes: 10, rows: 3, checksum: `sha256:${"0".repeat(64)}` }],
  rows: 3,
  columns: { id: "BIGINT!" },
  committed_at: time,
  produced_by: { run_id: "r", step: "keep", attempt: 1, digest: "d" },
};

const lock: SourceLock = {
  schema: "millrace.lock",
  version: 1,
  sources: {
    "orders.raw": {
      location: "orders.csv",
      format: "csv",
      options: { header: true },
      columns: { id: "BIGINT" },
      read_at: time,
    },
  },
};

const base = { run_id: "r", execution_id: "e", correlation_id: "c", pipeline_name: "orders", time, sequence: 1 };
const node = { ...base, step_name: "keep", layer: "transform", group: "g1" } as const;
const events: readonly RunEvent[] = [
  { ...base, event: "pipeline_start", start_time: time, step_count: 2, group_count: 1 },
  {
    ...base,
    event: "pipeline_complete",
    state: "success",
    success_count: 2,
    failed_count: 0,
    skipped_count: 0,
    duration_ms: 5,
  },
  { ...base, event: "pipeline_error", error_message: "failed", error },
  { ...node, event: "node_start", attempt: 1 },
  {
    ...node,
    event: "node_complete",
    duration_ms: 1,
    state: "cached",
    origin: "cached",
    rows: { rows: 1, at_least: false },
  },
  { ...node, event: "node_error", error_message: "failed", error },
  { ...node, event: "node_retry", attempt: 2, delay_ms: 100, error },
  { ...base, event: "node_skipped", step_name: "keep", layer: "transform", reason: "condition" },
  { ...node, event: "node_progress", ratio: 0.5 },
  { ...base, event: "log", level: "info", message: "hello" },
];

const plan = {
  schema: "millrace.plan",
  version: 1,
  pipeline: "orders",
  digest: "d",
  logical_time: time,
  params: {},
  observe: "taps",
  deterministic: false,
  level_barrier: false,
  limits: { workers: 4, threads: 2, memory_bytes: 1e9 },
  groups: [
    {
      id: "g1",
      kind: "sql",
      engine: "duckdb",
      steps: ["read", "keep"],
      level: 0,
      depends_on: [],
      digest: "d",
      ends: [],
    },
  ],
  steps: [{ name: "keep", layer: "transform", columns: {} }],
  sources: [{ step: "read", dataset: "raw", location: "orders.csv", format: "csv", files: [] }],
  warnings: [issue],
  excluded: [],
};

describe("wire schemas take what the types say", () => {
  it.each([
    ["run", runRecordSchema, run],
    ["manifest", manifestSchema, manifest],
    ["lock", sourceLockSchema, lock],
    ["plan", planJsonSchema, plan],
    [
      "envelope",
      cliEnvelopeSchema,
      { schema: "millrace.cli.validate", version: 1, ok: false, data: null, errors: [error] },
    ],
  ] as const)("%s", (_name, schema, value) => {
    expect(schema.parse(value)).toEqual(value);
  });

  it.each(events.map((event) => [event.event, event] as const))("event %s", (_name, event) => {
    expect(runEventSchema.parse(event)).toEqual(event);
  });

  it("a step in each of its spellings", () => {
    const row: StepRow = {
      name: "keep",
      layer: "transform",
      type: "sql",
      engine: "pandas",
      value: "select 1",
      inputs: { raw: "raw" },
      outputs: { data: "kept" },
      params: { a: [1, { b: null }] },
      metadata: {
        policy: { retry: { base: "1s", cap_ms: 5 }, timeout: "10m" },
        tags: ["x"],
        own: 1,
      },
    };
    expect(stepRowSchema.parse(row)).toEqual(row);
    expect(pipelineFileSchema.parse([row])).toEqual([row]);
    expect(pipelineFileSchema.parse({ name: "p", policy: { retry: 3, step_timeout: 5 }, steps: [row] })).toBeDefined();
  });
});

describe("wire schemas refuse", () => {
  it.each<readonly [string, z.ZodType, unknown]>([
    ["a run of another version", runRecordSchema, { ...run, version: 2 }],
    ["a run without a state", runRecordSchema, { ...run, state: "done" }],
    ["an event that does not exist", runEventSchema, { ...base, event: "step_start" }],
    [
      "a checksum of another kind",
      manifestSchema,
      { ...manifest, files: [{ path: "a", size_bytes: 1, checksum: "md5:0" }] },
    ],
    [
      "a local time",
      sourceLockSchema,
      { ...lock, sources: { a: { ...lock.sources["orders.raw"], read_at: "yesterday" } } },
    ],
    ["a group without steps", planJsonSchema, { ...plan, groups: [{ ...plan.groups[0], steps: [] }] }],
    ["a row with an unknown key", stepRowSchema, { name: "a", input: {} }],
    ["a row with a device as its name", stepRowSchema, { name: "nul.txt" }],
    ["a pipeline without steps", pipelineFileSchema, { name: "p", steps: [] }],
    [
      "an envelope with a stray key",
      cliEnvelopeSchema,
      { schema: "millrace.cli.x", version: 1, ok: true, data: 1, errors: [], log: "" },
    ],
  ])("%s", (_name, schema, value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });

  it("but records may gain fields: an older reader takes them", () => {
    expect(runRecordSchema.safeParse({ ...run, later: 1 }).success).toBe(true);
  });
});

describe("JSON Schemas for editors", () => {
  const options = { io: "input", target: "draft-2020-12" } as const;

  it("can be made of every wire schema", () => {
    for (const [name, schema] of Object.entries(wireSchemas))
      expect(() => z.toJSONSchema(schema, options), name).not.toThrow();
  });

  it("describe every field of a step and of a pipeline", () => {
    const { $defs = {} } = z.toJSONSchema(pipelineFileSchema, options);
    for (const name of ["StepRow", "StepPolicy", "PipelinePolicy", "Param"]) {
      const fields = Object.entries($defs[name]?.properties ?? {});
      expect(fields.length, name).toBeGreaterThan(2);
      const silent = fields.filter(([, field]) => typeof field !== "object" || field.description === undefined);
      expect(silent.map(([field]) => `${name}.${field}`)).toEqual([]);
    }
  });

  it("keep the kinds of steps together with their words", () => {
    const { $defs = {} } = z.toJSONSchema(stepRowSchema, options);
    expect($defs["StepRow"]?.properties?.["layer"]).toMatchObject({
      enum: ["connect", "ingest", "transform", "store", "publish"],
    });
    expect($defs["StepRow"]).toMatchObject({ additionalProperties: false, required: ["name"] });
  });
});

describe("tables", () => {
  it("every state of a run and of a step has its names elsewhere", () => {
    const states = runRecordSchema.safeParse({ ...run, state: "?" }).error?.issues[0];
    expect(states).toMatchObject({ values: Object.keys(runStateMappings) });
    expect(Object.keys(stepStateMappings)).toHaveLength(8);
  });

  it("every error code is upper case, has an exit code of the product, and sentences that end", () => {
    for (const [code, { exit, summary, fix }] of Object.entries(errorCodes)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect([20, 30, 40, 50], code).toContain(exit);
      expect(summary, code).toMatch(/\.$/);
      expect(fix, code).toMatch(/\.$/);
    }
  });
});
