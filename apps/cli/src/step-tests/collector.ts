// What `test`, `describe` and the hooks of a test file put down, before anything runs.

/** The function of a test or hook. */
export type TestFunction = () => unknown;

/** A test as it was written. */
export interface CollectedTest {
  readonly name: string;
  readonly fn: TestFunction;
  readonly mode: "run" | "skip" | "only";
}

/** A `describe` block, or a whole file. */
export interface Suite {
  readonly name: string;
  readonly tests: CollectedTest[];
  readonly suites: Suite[];
  readonly hooks: Record<"beforeAll" | "beforeEach" | "afterEach" | "afterAll", TestFunction[]>;
  readonly skipped: boolean;
}

let current: Suite | undefined;

function createSuite(name: string, skipped: boolean): Suite {
  return {
    name,
    tests: [],
    suites: [],
    skipped,
    hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] },
  };
}

/** Collects what `load` puts down: one suite for a file. */
export async function collectSuite(name: string, load: () => Promise<unknown>): Promise<Suite> {
  const suite = createSuite(name, false);
  current = suite;
  try {
    await load();
  } finally {
    current = undefined;
  }
  return suite;
}

function currentSuite(what: string): Suite {
  if (current === undefined) throw new Error(`${what} is called outside a test file that "millrace test" runs`);
  return current;
}

function addTest(mode: CollectedTest["mode"]): (name: string, fn: TestFunction) => void {
  return (name, fn) => {
    currentSuite("test").tests.push({ name, fn, mode });
  };
}

function addSuite(skipped: boolean): (name: string, fn: () => void) => void {
  return (name, fn) => {
    const outer = currentSuite("describe");
    const suite = createSuite(name, skipped || outer.skipped);
    outer.suites.push(suite);
    current = suite;
    try {
      fn();
    } finally {
      current = outer;
    }
  };
}

/** One test for each case; `%s` and `$0` in the name stand for its arguments. */
function addEach(cases: readonly unknown[]): (name: string, fn: (...args: unknown[]) => unknown) => void {
  return (name, fn) => {
    for (const one of cases) {
      const args: readonly unknown[] = Array.isArray(one) ? one : [one];
      let next = 0;
      const shown = name.replaceAll(/%[sdijo]/g, () => String(args[next++]));
      currentSuite("test.each").tests.push({ name: shown, mode: "run", fn: () => fn(...args) });
    }
  };
}

/** A test of vitest's form. */
export const test: ((name: string, fn: TestFunction) => void) & {
  readonly skip: (name: string, fn: TestFunction) => void;
  readonly only: (name: string, fn: TestFunction) => void;
  readonly each: typeof addEach;
} = Object.assign(addTest("run"), { skip: addTest("skip"), only: addTest("only"), each: addEach });

/** A block of tests of vitest's form. */
export const describe: ((name: string, fn: () => void) => void) & {
  readonly skip: (name: string, fn: () => void) => void;
} = Object.assign(addSuite(false), { skip: addSuite(true) });

/** Before the first test of the block. */
export function beforeAll(fn: TestFunction): void {
  currentSuite("beforeAll").hooks.beforeAll.push(fn);
}

/** Before each test of the block. */
export function beforeEach(fn: TestFunction): void {
  currentSuite("beforeEach").hooks.beforeEach.push(fn);
}

/** After each test of the block. */
export function afterEach(fn: TestFunction): void {
  currentSuite("afterEach").hooks.afterEach.push(fn);
}

/** After the last test of the block. */
export function afterAll(fn: TestFunction): void {
  currentSuite("afterAll").hooks.afterAll.push(fn);
}
