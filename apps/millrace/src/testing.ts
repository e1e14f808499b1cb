// Tests of pipelines: one step over fixture rows, and rows compared in any order.
//
//   import { rowMatchers, testStep } from "millrace/testing";
//   expect.extend(rowMatchers);
//
//   const { rows } = await testStep(orders, "clean_orders", { raw: [{ order_id: 1, amount: 5 }] });
//   expect(rows).toMatchRows([{ order_id: 1 }]);
export { testStep } from "./test-step.ts";
export { createTestStep, matchRows, rowMatchers, toMatchRows } from "@millrace/sdk/testing";
export type {
  Equality,
  FixtureRow,
  FixtureRows,
  Fixtures,
  FixtureValue,
  MatcherContext,
  MatchResult,
  StepTestResult,
  TestedRow,
  TestRow,
  TestStep,
} from "@millrace/sdk/testing";
