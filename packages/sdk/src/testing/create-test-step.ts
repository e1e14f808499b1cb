import type { Pipeline } from "../builder/pipeline.ts";
import type { StepNames } from "../builder/register.ts";
import type { Runtime, StepTestOptions } from "../runtime/runtime.ts";
import type { Fixtures, TestedRow, StepTestResult } from "./test-step.ts";

/** Runs one step of a pipeline over fixture rows, in a runtime of its own. */
// Pipeline, step and fixtures are what a test is about; one object for all would hide them.
// oxlint-disable-next-line max-params
export type TestStep = <N extends string, In, O, const S extends StepNames<N>>(
  pipeline: Pipeline<N, In, O>,
  step: S,
  fixtures: Fixtures<N, S>,
  options?: StepTestOptions,
) => Promise<StepTestResult<TestedRow<N, S>>>;

/**
 * Makes a `testStep` over runtimes that `open` gives; each is disposed when its step is done.
 *
 * @example
 * ```ts no-run
 * const testStep = createTestStep(() => createRuntime({ compute: [duckdb()], adapters: [files()] }));
 * const { rows } = await testStep(orders, "clean_orders", { raw: [{ order_id: 1, amount: 5 }] });
 * ```
 */
export function createTestStep(open: () => Promise<Runtime>): TestStep {
  // oxlint-disable-next-line max-params
  return async (pipeline, step, fixtures, options) => {
    await using runtime = await open();
    return await runtime.testStep(pipeline, step, fixtures, options);
  };
}
