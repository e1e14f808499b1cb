// Tests of pipelines: one step over fixture rows, and rows compared in any order.
//
//   import { createTestStep, rowMatchers } from "@millrace/sdk/testing";
//   expect.extend(rowMatchers);
//   const testStep = createTestStep(() => createRuntime({ compute: [duckdb()], adapters: [files()] }));
//
//   const { rows } = await testStep(orders, "clean_orders", { raw: [{ order_id: 1, amount: 5 }] });
//   expect(rows).toMatchRows([{ order_id: 1 }]);
export { createTestStep } from "./testing/create-test-step.ts";
export type { TestStep } from "./testing/create-test-step.ts";
export { matchRows, rowMatchers, toMatchRows } from "./testing/row-matcher.ts";
export type { Equality, MatcherContext, MatchResult } from "./testing/row-matcher.ts";
export type { TestRow } from "./testing/row-difference.ts";
export type { FixtureRow } from "./testing/step-fixture.ts";
export type { FixtureRows, Fixtures, FixtureValue, TestedRow, StepTestResult } from "./testing/test-step.ts";
