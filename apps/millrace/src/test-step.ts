import { createTestStep } from "@millrace/sdk";
import type { TestStep } from "@millrace/sdk";
import { createRuntime } from "./create-runtime.ts";

/**
 * Runs one step of a pipeline over fixture rows, on DuckDB, and nothing else of its pipeline.
 *
 * @example
 * ```ts no-run
 * const { rows } = await testStep(orders, "clean_orders", { raw: [{ order_id: 1, amount: 5 }] });
 * ```
 */
export const testStep: TestStep = /* @__PURE__ */ createTestStep(() => createRuntime());
