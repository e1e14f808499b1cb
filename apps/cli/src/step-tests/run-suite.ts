import type { CollectedTest, Suite, TestFunction } from "./collector.ts";

/** How a test ended. */
export interface TestResult {
  readonly file: string;
  /** Names of the blocks around it and its own. */
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly durationMs: number;
  readonly error?: unknown;
}

/** How tests are run. */
export interface RunSuiteOptions {
  readonly file: string;
  /** Only tests whose name has this text. */
  readonly nameFilter?: string | undefined;
  readonly monotonicMs: () => number;
  readonly onResult: (result: TestResult) => void;
}

/** Runs a collected file, test by test in the order in which they were written. */
export async function runSuite(suite: Suite, options: RunSuiteOptions): Promise<void> {
  await runBlock(suite, { ...options, names: [], around: [], hasOnly: containsOnly(suite) });
}

interface Block extends RunSuiteOptions {
  readonly names: readonly string[];
  /** Suites around, outermost first: their beforeEach and afterEach hold here too. */
  readonly around: readonly Suite[];
  readonly hasOnly: boolean;
}

async function runBlock(suite: Suite, block: Block): Promise<void> {
  const around = [...block.around, suite];
  const before = suite.skipped ? undefined : await attempt(suite.hooks.beforeAll);
  for (const test of suite.tests) await runTest(test, { block: { ...block, around }, suite, failedBefore: before });
  for (const inner of suite.suites) await runBlock(inner, { ...block, around, names: [...block.names, inner.name] });
  const after = suite.skipped ? undefined : await attempt(suite.hooks.afterAll);
  if (after !== undefined)
    block.onResult({
      file: block.file,
      name: [...block.names, "afterAll"].join(" > "),
      state: "failed",
      durationMs: 0,
      error: after.thrown,
    });
}

async function runTest(
  test: CollectedTest,
  {
    block,
    suite,
    failedBefore,
  }: { readonly block: Block; readonly suite: Suite; readonly failedBefore: Thrown | undefined },
): Promise<void> {
  const name = [...block.names, test.name].join(" > ");
  const isLeftOut = suite.skipped || test.mode === "skip" || (block.hasOnly && test.mode !== "only");
  const isFiltered = block.nameFilter !== undefined && !name.includes(block.nameFilter);
  if (isFiltered) return;
  if (isLeftOut) {
    block.onResult({ file: block.file, name, state: "skipped", durationMs: 0 });
    return;
  }
  const startedMs = block.monotonicMs();
  const beforeEach = block.around.flatMap((one) => one.hooks.beforeEach);
  const afterEach = block.around.toReversed().flatMap((one) => one.hooks.afterEach);
  const thrown = failedBefore ?? (await attempt([...beforeEach, test.fn]));
  const cleanup = await attempt(afterEach);
  const failure = thrown ?? cleanup;
  const durationMs = block.monotonicMs() - startedMs;
  block.onResult({
    file: block.file,
    name,
    state: failure === undefined ? "passed" : "failed",
    durationMs,
    ...(failure === undefined ? {} : { error: failure.thrown }),
  });
}

/** What was thrown, in a box: `undefined` can be thrown too. */
interface Thrown {
  readonly thrown: unknown;
}

async function attempt(functions: readonly TestFunction[]): Promise<Thrown | undefined> {
  try {
    for (const fn of functions) await fn();
    return undefined;
  } catch (error) {
    return { thrown: error };
  }
}

function containsOnly(suite: Suite): boolean {
  return suite.tests.some((test) => test.mode === "only") || suite.suites.some(containsOnly);
}
