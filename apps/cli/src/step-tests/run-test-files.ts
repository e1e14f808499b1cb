import { pathToFileURL } from "node:url";
import { registerOwnPackages, registerTestModule } from "../project/module-resolution.ts";
import type { TestResult } from "./run-suite.ts";

/** How test files are run. */
export interface TestFileOptions {
  readonly files: readonly string[];
  readonly nameFilter: string | undefined;
  readonly onResult: (result: TestResult) => void;
}

/** Runs test files with the built-in runner, one after another in this process. */
export async function runTestFiles(options: TestFileOptions): Promise<readonly TestResult[]> {
  registerOwnPackages();
  registerTestModule();
  // The copy that `import … from "vitest"` gives: in a bundle, the same chunk.
  const { collectSuite } = await import("./collector.ts");
  const { runSuite } = await import("./run-suite.ts");
  const results: TestResult[] = [];
  const onResult = (result: TestResult): void => {
    results.push(result);
    options.onResult(result);
  };
  for (const file of options.files) {
    try {
      const suite = await collectSuite(file, () => import(pathToFileURL(file).href));
      await runSuite(suite, { file, nameFilter: options.nameFilter, monotonicMs: () => performance.now(), onResult });
    } catch (error) {
      onResult({ file, name: "(file)", state: "failed", durationMs: 0, error: explainMissing(error) });
    }
  }
  return results;
}

/** The built-in module has fewer names than vitest: say what to do rather than which name an ES module lacks. */
function explainMissing(error: unknown): unknown {
  const name = /The requested module 'vitest' does not provide an export named '(\w+)'/.exec(
    error instanceof Error ? error.message : "",
  )?.[1];
  return name === undefined
    ? error
    : new Error(`"${name}" of vitest is used, and vitest is not installed here: npm install --save-dev vitest`, {
        cause: error,
      });
}
