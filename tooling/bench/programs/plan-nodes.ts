// Validates and plans N steps of a JSON file, without running them. plan-nodes.ts FILE
import { createIdSource, noFaults, silentLogger, systemClock } from "@millrace/foundation";
import type { StepHandler } from "@millrace/protocols";
import { createPipelineLoader } from "@millrace/definitions";
import { bindDag, buildDag, planRun } from "@millrace/engine";
import type { EngineEnvironment } from "@millrace/engine";
import { duckdb } from "@millrace/duckdb";

const loader = createPipelineLoader({ types: ["noop"] });
const loaded = await loader.load(process.argv[2] ?? "");
if (loaded.spec === undefined) throw new Error(JSON.stringify(loaded.issues.slice(0, 3)));
const noop = (layer: StepHandler["layer"]): StepHandler => ({
  layer,
  type: "noop",
  describe: async (step) =>
    new Map(Object.keys(step.outputs).map((output) => [output, { origin: "open", columns: [] }])),
  run: async () => new Map(),
});
const environment: EngineEnvironment = {
  projectRoot: process.cwd(),
  session: () => Promise.reject(new Error("planning needs no compute here")),
  compute: duckdb(),
  analyzer: {
    dialect: "duckdb",
    parse: async () => [],
    parameters: () => [],
    substitute: (text) => text,
    substitutionSpans: () => [],
  },
  adapters: [],
  handlers: [noop("ingest"), noop("transform")],
  functions: { resolve: async () => undefined, names: () => [] },
  logger: silentLogger,
  clock: systemClock,
  ids: createIdSource(),
  faultPoints: noFaults,
};
const { dag, issues } = buildDag(loaded.spec);
if (dag === undefined) throw new Error(JSON.stringify(issues.slice(0, 3)));
const bound = await bindDag(dag, environment, { params: {}, sources: "live" });
const { plan } = planRun(bound, environment, {
  limits: { workers: 4, threads: 1, memoryBytes: 1e9 },
  observe: "taps",
  deterministic: false,
  logicalTime: systemClock.now(),
  stagingDirectory: process.cwd(),
});
process.stdout.write(`${plan.groups.length}\n`);
