import { describe, expect, test } from "vitest";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  collectSuite,
  describe as block,
  test as collected,
} from "../src/step-tests/collector.ts";
import { expect as ownExpect } from "../src/step-tests/expect.ts";
import { runSuite, type TestResult } from "../src/step-tests/run-suite.ts";

type Check = (...expected: unknown[]) => unknown;

/** The matcher of the built-in `expect`, for one value. */
function own(received: unknown, name: string): Check {
  return ownExpect(received)[name] as Check;
}

async function run(load: () => void, nameFilter?: string): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  const suite = await collectSuite("a.test.ts", async () => load());
  await runSuite(suite, {
    file: "a.test.ts",
    nameFilter,
    monotonicMs: () => 0,
    onResult: (result) => results.push(result),
  });
  return results;
}

describe("the built-in runner", () => {
  test("runs tests in order with the hooks of all blocks around them", async () => {
    const log: string[] = [];
    const note = (word: string) => () => void log.push(word);
    await run(() => {
      beforeAll(note("all"));
      beforeEach(note("each"));
      collected("one", note("one"));
      block("inner", () => {
        beforeEach(note("inner each"));
        afterEach(note("inner after"));
        collected("two", note("two"));
      });
      afterAll(note("end"));
    });
    expect(log).toEqual(["all", "each", "one", "each", "inner each", "two", "inner after", "end"]);
  });

  test("reports passed, failed and skipped with the names of blocks", async () => {
    const failure = new Error("no");
    const results = await run(() => {
      block("rows", () => {
        collected("good", () => {});
        collected("bad", () => Promise.reject(failure));
        collected.skip("later", () => {});
      });
    });
    expect(results).toEqual([
      { file: "a.test.ts", name: "rows > good", state: "passed", durationMs: 0 },
      { file: "a.test.ts", name: "rows > bad", state: "failed", durationMs: 0, error: failure },
      { file: "a.test.ts", name: "rows > later", state: "skipped", durationMs: 0 },
    ]);
  });

  test("runs only what says only, what the filter names, and each case of each", async () => {
    const only = await run(() => {
      collected("a", () => {});
      collected.only("b", () => {});
    });
    expect(only.map(({ name, state }) => [name, state])).toEqual([
      ["a", "skipped"],
      ["b", "passed"],
    ]);
    const filtered = await run(() => {
      collected("daily rows", () => {});
      collected("other", () => {});
    }, "daily");
    expect(filtered.map(({ name }) => name)).toEqual(["daily rows"]);
    const sums: unknown[] = [];
    const each = await run(() =>
      collected.each([
        [1, 2],
        [3, 4],
      ])("adds %d and %d", (a, b) => sums.push([a, b])),
    );
    expect(each.map(({ name }) => name)).toEqual(["adds 1 and 2", "adds 3 and 4"]);
    expect(sums).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("fails the tests of a block whose beforeAll throws, and says so when afterAll does", async () => {
    const results = await run(() => {
      block("broken", () => {
        beforeAll(() => {
          throw new Error("no database");
        });
        collected("never runs", () => {});
        afterAll(() => {
          throw new Error("no cleanup");
        });
      });
    });
    expect(results.map(({ name, state }) => [name, state])).toEqual([
      ["broken > never runs", "failed"],
      ["broken > afterAll", "failed"],
    ]);
  });
});

describe("the built-in expect", () => {
  // Each row: matcher, received, expected; once where it holds, once where it does not.
  test.each([
    ["toBe", 1, [1], 2],
    ["toEqual", { a: [1, undefined], b: undefined }, [{ a: [1, undefined] }], { a: [2] }],
    ["toStrictEqual", [{ a: 1 }], [[{ a: 1 }]], [{ a: 1, b: undefined }]],
    ["toMatchObject", { a: 1, b: 2 }, [{ a: 1 }], { b: 2 }],
    ["toHaveLength", [1, 2], [2], [1]],
    ["toContain", [1, 2], [2], [1]],
    ["toContain", "abc", ["bc"], "a"],
    ["toMatch", "row 7", [/\d/], "row"],
    ["toBeDefined", 0, [], undefined],
    ["toBeUndefined", undefined, [], 0],
    ["toBeNull", null, [], undefined],
    ["toBeTruthy", "x", [], ""],
    ["toBeFalsy", 0, [], 1],
    ["toBeGreaterThan", 2, [1], 1],
    ["toBeGreaterThanOrEqual", 1, [1], 0],
    ["toBeLessThan", 0, [1], 1],
    ["toBeLessThanOrEqual", 1, [1], 2],
    ["toBeCloseTo", 0.1 + 0.2, [0.3], 0.4],
    [
      "toThrow",
      () => {
        throw new RangeError("too far");
      },
      [/far/],
      () => {},
    ],
  ])("%s holds and fails", (name, holds, expected, fails) => {
    expect(() => own(holds, name)(...expected)).not.toThrow();
    expect(() => own(fails, name)(...expected)).toThrow(Error);
    expect(() => ownExpect(holds).not[name]?.(...expected)).toThrow(Error);
  });

  test("waits for rejects and resolves", async () => {
    await ownExpect(Promise.reject(new Error("gone"))).rejects["toThrow"]?.("gone");
    await ownExpect(Promise.resolve(3)).resolves["toBe"]?.(3);
    await expect(ownExpect(Promise.resolve(3)).rejects["toThrow"]?.()).rejects.toThrow("resolved to 3");
  });

  test("takes matchers of vitest's form, with this.equals and stand-ins", () => {
    ownExpect.extend({
      toBeOrder(received, expected: never) {
        return {
          pass: this.equals(received, expected) !== this.isNot ? !this.isNot : this.isNot,
          message: () => "no order",
        };
      },
    });
    expect(() =>
      own({ id: 1, at: "x" }, "toBeOrder")({ id: ownExpect.any(Number), at: ownExpect.anything() }),
    ).not.toThrow();
    expect(() =>
      own({ id: "1", at: "x" }, "toBeOrder")({ id: ownExpect.any(Number), at: ownExpect.anything() }),
    ).toThrow("no order");
  });

  test("shows what differs", () => {
    expect(() => own([{ id: 1, total: 5 }], "toEqual")([{ id: 1, total: 6 }])).toThrow(/total: 5[\s\S]*total: 6/);
  });
});
