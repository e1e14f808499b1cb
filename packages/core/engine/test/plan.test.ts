import { describe, expect, it } from "vitest";
import type {
  Adapter,
  BoundDag,
  BoundStep,
  ComputeEngine,
  Dag,
  DatasetSchema,
  PipelineSpec,
  Plan,
  SqlAnalysis,
  StepPolicy,
  StepSpec,
} from "@millrace/protocols";
import { createIdSource, noFaults, silentLogger, systemClock } from "@millrace/foundation";
import { buildDag } from "../src/dag.ts";
import type { EngineEnvironment } from "../src/environment.ts";
import { planRun } from "../src/plan.ts";
import type { PlanOptions, PlanResult } from "../src/plan.ts";
import { spec, step } from "./spec-fixture.ts";

const schema: DatasetSchema = { origin: "bound", columns: [{ name: "id", type: { type: "BIGINT" }, nullable: true }] };
const analysis: SqlAnalysis = {
  kind: "select",
  tables: [],
  functions: [],
  tableFunctions: [],
  volatile: [],
  orderDependence: [],
  ordered: false,
  repeatedTables: [],
};

/** A bound graph as binding would give it, without a compute. */
function bind(pipeline: PipelineSpec, analyses: Readonly<Record<string, Partial<SqlAnalysis>>> = {}): BoundDag {
  const dag = buildDag(pipeline).dag as Dag;
  const steps = new Map<string, BoundStep>();
  const schemas = new Map<string, DatasetSchema>();
  for (const name of dag.order) {
    const own = dag.nodes.get(name)?.step as StepSpec;
    const outputs = new Map(Object.values(own.outputs).map((dataset) => [dataset, schema]));
    for (const dataset of outputs.keys()) schemas.set(dataset, schema);
    steps.set(name, {
      name,
      inputs: new Map(),
      outputs,
      ...(own.type === "sql" ? { analysis: { ...analysis, ...analyses[name] }, sql: own.value } : {}),
    });
  }
  return { dag, steps, schemas, params: {}, issues: [] };
}

const files: Adapter = {
  name: "files",
  schemes: ["file"],
  openByteStore: () => {
    throw new Error("planning opens no store");
  },
  listFiles: async () => [],
  checkConnection: async () => undefined,
  createSink: (request) => ({
    guarantee: request.mode === "append" ? "at-least-once" : "atomic-replace",
    begin: () => Promise.reject(new Error("planning writes nothing")),
  }),
};
const compute = {
  name: "duckdb",
  version: "1.5.6",
  capabilities: {
    locations: ["file"],
    reads: ["csv"],
    writes: ["csv", "parquet", "json", "ndjson"],
    taps: true,
    deterministic: true,
    sandbox: true,
  },
} as unknown as ComputeEngine;
const environment: EngineEnvironment = {
  projectRoot: "/project",
  session: () => Promise.reject(new Error("planning opens no session")),
  compute,
  analyzer: {} as EngineEnvironment["analyzer"],
  adapters: [files],
  handlers: [],
  functions: { resolve: async () => undefined, names: () => [] },
  logger: silentLogger,
  clock: systemClock,
  ids: createIdSource(),
  faultPoints: noFaults,
};
const options: PlanOptions = {
  limits: { workers: 4, threads: 2, memoryBytes: 1e9 },
  observe: "taps",
  deterministic: false,
  logicalTime: new Date("2026-01-01T00:00:00Z"),
  stagingDirectory: "/project/.millrace/staging",
};

function plan(
  steps: readonly StepSpec[],
  more: {
    spec?: Partial<PipelineSpec>;
    analyses?: Readonly<Record<string, Partial<SqlAnalysis>>>;
    options?: Partial<PlanOptions>;
  } = {},
): PlanResult {
  return planRun(bind(spec(steps, more.spec), more.analyses), environment, { ...options, ...more.options });
}

/** Groups as `steps → end`, with the reasons of a boundary. */
function shape(made: Plan): string[] {
  return made.groups.map((group) => {
    const end = group.ends.map((one) =>
      one.kind === "boundary"
        ? `${one.dataset} (${one.reasons.join(", ")})`
        : one.kind === "sink"
          ? one.target.uri
          : "nothing",
    );
    return `${group.steps.join(" ")} → ${end.join(", ")}`;
  });
}

const store = (name: string, dataset: string, value: string, params: StepSpec["params"] = {}): StepSpec =>
  step(name, { data: dataset }, { layer: "store", type: "config_op", value, params, outputs: {} });
const policy = (own: StepPolicy): Partial<StepSpec> => ({ metadata: { policy: own } });

describe("planRun", () => {
  it("runs a chain that ends in a file as one query", () => {
    const { plan: made } = plan([
      step("raw", {}),
      step("clean", { raw: "raw" }),
      step("daily", { clean: "clean" }),
      store("save", "daily", "out/daily.parquet"),
    ]);
    expect(shape(made)).toEqual(["raw clean daily save → /project/out/daily.parquet"]);
  });

  it("materialises a dataset with several consumers once", () => {
    const { plan: made } = plan([
      step("raw", {}),
      step("a", { raw: "raw" }),
      step("b", { raw: "raw" }),
      store("save_a", "a", "a.csv"),
      store("save_b", "b", "b.csv"),
    ]);
    expect(shape(made)).toEqual([
      "raw → raw (several consumers)",
      "a save_a → /project/a.csv",
      "b save_b → /project/b.csv",
    ]);
    expect(made.groups.map((group) => group.dependsOn)).toEqual([[], ["raw"], ["raw"]]);
  });

  it("joins two chains in one query", () => {
    const { plan: made } = plan([
      step("l", {}),
      step("r", {}),
      step("j", { l: "l", r: "r" }),
      store("save", "j", "j.parquet"),
    ]);
    expect(shape(made)).toEqual(["l r j save → /project/j.parquet"]);
  });

  it.each<[string, StepPolicy, string]>([
    ["retry", { retry: { attempts: 5 } }, "has a policy of its own"],
    ["timeout", { timeout_ms: 1000 }, "has a policy of its own"],
    ["onError", { on_error: "ignore" }, "has a policy of its own"],
    ["materialize", { materialize: "always" }, "asked for"],
  ])("ends a group at a step with %s", (_, own, reason) => {
    const { plan: made } = plan([
      step("raw", {}),
      step("clean", { raw: "raw" }, policy(own)),
      step("top", { clean: "clean" }),
      store("save", "top", "top.csv"),
    ]);
    expect(shape(made)).toEqual([`raw clean → clean (${reason})`, "top save → /project/top.csv"]);
  });

  it("keeps steps before a condition out of the group that may be skipped", () => {
    const own = policy({ condition: { field: "params.x", operator: "exists" } });
    const { plan: made } = plan([
      step("raw", {}),
      step("clean", { raw: "raw" }),
      step("maybe", { clean: "clean" }, own),
      store("save", "maybe", "m.csv"),
    ]);
    expect(shape(made)).toEqual([
      "raw clean → clean (has a policy of its own)",
      "maybe → maybe (has a policy of its own)",
      "save → /project/m.csv",
    ]);
  });

  it("materialises what feeds and what comes from code", () => {
    const code = step("score", { rows: "clean" }, { type: "function", value: "./score.ts#score" });
    const { plan: made } = plan([
      step("raw", {}),
      step("clean", { raw: "raw" }),
      code,
      step("top", { s: "score" }),
      store("save", "top", "t.csv"),
    ]);
    expect(shape(made)).toEqual([
      "raw clean → clean (feeds code)",
      "score → score (comes from code)",
      "top save → /project/t.csv",
    ]);
  });

  it("makes a boundary of what one text reads twice", () => {
    const { plan: made } = plan([step("raw", {}), step("pairs", { raw: "raw" }), store("save", "pairs", "p.csv")], {
      analyses: { pairs: { repeatedTables: ["RAW"] } },
    });
    expect(shape(made)[0]).toBe("raw → raw (read twice by one step)");
  });

  it("ends a group after 32 steps", () => {
    const chain = Array.from({ length: 70 }, (_, index) =>
      step(
        `s${String(index).padStart(2, "0")}`,
        index === 0 ? {} : { before: `s${String(index - 1).padStart(2, "0")}` },
      ),
    );
    const { plan: made } = plan([...chain, store("save", "s69", "out.csv")]);
    expect(made.groups.map((group) => group.steps.length)).toEqual([32, 32, 7]);
  });

  it("materialises returned datasets and those without a consumer", () => {
    const { plan: made } = plan(
      [step("raw", {}), step("kept", { raw: "raw" }), store("save", "kept", "k.csv"), step("loose", {})],
      { spec: { returns: ["kept"] } },
    );
    expect(shape(made)).toEqual(["loose → loose (no consumer)", "raw kept → kept (returned)", "save → /project/k.csv"]);
  });

  it("makes every step a boundary where every step is observed", () => {
    const { plan: made } = plan([step("raw", {}), step("clean", { raw: "raw" }), store("save", "clean", "c.csv")], {
      options: { observe: "steps" },
    });
    expect(made.groups.map((group) => group.steps)).toEqual([["raw"], ["clean"], ["save"]]);
  });

  it("leaves excluded steps out, and what only they read stays unread", () => {
    const { plan: made } = plan([step("raw", {}), step("a", { raw: "raw" }), step("b", { raw: "raw" })], {
      options: { selected: new Set(["raw", "a"]) },
    });
    expect(shape(made)).toEqual(["raw a → a (no consumer)"]);
    expect(made.excluded).toEqual(["b"]);
  });

  it("refuses two steps that write one target, however it is spelled", () => {
    const { issues } = plan([step("raw", {}), store("one", "raw", "out/x.csv"), store("two", "raw", "./out//x.csv")]);
    expect(issues).toMatchObject([{ code: "DEFINITION_DUPLICATE_TARGET", step: "two" }]);
  });

  it("refuses a sink that promises less than the policy requires", () => {
    const { issues } = plan([step("raw", {}), store("log", "raw", "out.csv", { mode: "append" })], {
      spec: { policy: { require_guarantee: "atomic-replace" } },
    });
    expect(issues).toMatchObject([
      { code: "GUARANTEE_TOO_WEAK", expected: "atomic-replace", received: "at-least-once" },
    ]);
  });

  it("refuses an unknown mode", () => {
    expect(plan([step("raw", {}), store("log", "raw", "out.csv", { mode: "replace" })]).issues).toMatchObject([
      { code: "DEFINITION_INVALID_VALUE", path: ["steps", 1, "params", "mode"] },
    ]);
  });

  it("takes a path without an extension, or with a slash, as a folder of Parquet files", () => {
    const { plan: made } = plan([
      step("raw", {}),
      store("a", "raw", "bronze/raw"),
      store("b", "raw", "silver/raw.v1/"),
    ]);
    const targets = made.groups
      .flatMap((group) => group.ends)
      .flatMap((end) => (end.kind === "sink" ? [end.target] : []));
    expect(targets.map((target) => [target.form, target.format, target.uri])).toEqual([
      ["folder", "parquet", "/project/bronze/raw"],
      ["folder", "parquet", "/project/silver/raw.v1"],
    ]);
  });

  it("gives equal digests for equal definitions, and others where SQL or params change", () => {
    const digest = (sql: string, params = {}): string => {
      const bound = bind(spec([step("raw", {}), step("clean", { raw: "raw" }, { value: sql })]));
      return planRun({ ...bound, params }, environment, options).plan.digest;
    };
    expect(digest("select 1")).toBe(digest("select 1"));
    expect(digest("select 1")).not.toBe(digest("select 2"));
    expect(digest("select 1", { a: 1 })).not.toBe(digest("select 1", { a: 2 }));
  });

  it("refuses materialize: never where the dataset must be materialised", () => {
    const { issues } = plan([step("raw", {}), step("a", { raw: "raw" }, policy({ materialize: "never" }))]);
    expect(issues).toMatchObject([
      { severity: "error", step: "a", path: ["steps", 1, "metadata", "policy", "materialize"] },
    ]);
  });
});
