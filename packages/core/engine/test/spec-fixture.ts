import type { PipelineSpec, StepSpec } from "@millrace/protocols";

/** A step with the seed's defaults; `sql` where it has inputs. */
export function step(name: string, inputs: Readonly<Record<string, string>>, more: Partial<StepSpec> = {}): StepSpec {
  const reads = Object.keys(inputs).length > 0;
  return {
    layer: reads ? "transform" : "ingest",
    name,
    type: reads ? "sql" : "config_op",
    engine: "duckdb",
    value: reads ? `select * from ${Object.keys(inputs)[0] ?? ""}` : `${name}.csv`,
    params: {},
    inputs,
    outputs: { data: name },
    metadata: {},
    ...more,
  };
}

/** A pipeline of steps. */
export function spec(steps: readonly StepSpec[], more: Partial<PipelineSpec> = {}): PipelineSpec {
  return { name: "test", steps, params: {}, policy: {}, returns: [], ...more };
}
