import type { ComputeEngine } from "@millrace/protocols";
import { afterAll, beforeAll, describe } from "vitest";
import { withScratchFolder } from "../scratch-folder.ts";
import { arrowFacts } from "./compute-arrow.ts";
import { ComputeBench } from "./compute-bench.ts";
import { bindingFacts } from "./compute-binding.ts";
import { countFacts } from "./compute-counts.ts";
import { lifecycleFacts } from "./compute-lifecycle.ts";
import { sourceFacts } from "./compute-sources.ts";
import { statementFacts } from "./compute-statements.ts";
import { registerFacts } from "./gap.ts";
import type { SuiteOptions } from "./gap.ts";

/**
 * What every compute must do, as tests: binding, sources, statements, counts, Arrow, time, cancelling.
 *
 * @param factory - Makes the engine; it is closed at the end.
 * @example describeComputeEngineContract("duckdb", () => duckdb(), { gaps: {} })
 */
export function describeComputeEngineContract(
  name: string,
  factory: () => ComputeEngine | Promise<ComputeEngine>,
  options: SuiteOptions = {},
): void {
  describe(`${name} is a ComputeEngine`, () => {
    let engine: ComputeEngine | undefined;
    beforeAll(async () => {
      engine = await factory();
    });
    afterAll(async () => engine?.close());
    const facts = {
      ...bindingFacts,
      ...sourceFacts,
      ...statementFacts,
      ...countFacts,
      ...arrowFacts,
      ...lifecycleFacts,
    };
    registerFacts(
      facts,
      async (check) =>
        withScratchFolder(async (folder) => {
          if (engine === undefined) throw new Error("the factory made no engine");
          const bench = new ComputeBench(engine, folder);
          try {
            await check(bench);
          } finally {
            await bench.close();
          }
        }),
      options,
    );
  });
}
