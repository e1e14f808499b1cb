// Runs N independent steps that do nothing, through the public runtime, without a journal. noop-wide.ts N
import type { PipelineSpec, StepHandler } from "@millrace/protocols";
import { createIdSource, noFaults, silentLogger, systemClock } from "@millrace/foundation";
import { bindDag, buildDag, executePlan, planRun } from "@millrace/engine";
import type { EngineEnvironment } from "@millrace/engine";
import { duckdb } from "@millrace/duckdb";

const count = Number(process.argv[2]);
const spec: PipelineSpec = {
  name: "wide",
  steps: Array.from({ length: count }, (_, index) => ({
    layer: "transform",
    name: `s${index}`,
    type: "noop",
    engine: "duckdb",
    value: "",
    params: {},
    inputs: {},
    outputs: {},
    metadata: {},
  })),
  params: {},
  policy: {},
  returns: [],
};
const noop: StepHandler = {
  layer: "transform",
  type: "noop",
  describe: async () => new Map(),
  run: async () => new Map(),
};
const environment: EngineEnvironment = {
  projectRoot: process.cwd(),
  session: () => Promise.reject(new Error("a step that does nothing needs no compute")),
  compute: duckdb(),
  analyzer: {
    dialect: "duckdb",
    parse: async () => [],
    parameters: () => [],
    substitute: (text) => text,
    substitutionSpans: () => [],
  },
  adapters: [],
  handlers: [noop],
  functions: { resolve: async () => undefined, names: () => [] },
  logger: silentLogger,
  clock: systemClock,
  ids: createIdSource(),
  faultPoints: noFaults,
};
const { dag } = buildDag(spec);
if (dag === undefined) throw new Error("the pipeline is not valid");
const bound = await bindDag(dag, environment, { params: {}, sources: "live" });
const logicalTime = systemClock.now();
const { plan } = planRun(bound, environment, {
  limits: { workers: 256, threads: 1, memoryBytes: 1e9 },
  observe: "taps",
  deterministic: false,
  logicalTime,
  stagingDirectory: process.cwd(),
});
const refuse = (): never => {
  throw new Error("a step that does nothing commits nothing");
};
const never = new AbortController().signal;
const record = await executePlan(plan, environment, {
  runId: environment.ids.uuid(),
  executionId: environment.ids.uuid(),
  correlationId: environment.ids.uuid(),
  datasets: { stage: refuse, commit: refuse, discard: refuse, read: refuse, uris: refuse, list: refuse },
  stagingDirectory: process.cwd(),
  events: { emit: () => undefined },
  stop: { graceful: never, immediate: never },
  versions: {},
});
if (record.state !== "success" || record.steps.length !== count) throw new Error(`ended as ${record.state}`);
process.stdout.write(`${record.steps.length}\n`);
