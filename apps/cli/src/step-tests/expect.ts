// `expect` of vitest's form over node:assert, whose differences it shows. `extend` takes vitest's matchers, so that
// `toMatchRows` is one function for both.
import assert from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";

/** The answer of a matcher, in vitest's form. */
interface MatcherAnswer {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What a matcher gets as `this`. */
interface MatcherContext {
  readonly isNot: boolean;
  readonly equals: (received: unknown, expected: unknown) => boolean;
}

/** A matcher in vitest's form. */
export type Matcher = (
  this: MatcherContext,
  received: unknown,
  ...expected: never[]
) => MatcherAnswer | Promise<MatcherAnswer>;

/** Assertions about one value, by the matcher's name. */
type Assertions = Readonly<Record<string, (...expected: unknown[]) => unknown>>;

/** What `expect(value)` gives. */
interface Expectation extends Readonly<Record<string, unknown>> {
  readonly not: Assertions;
  readonly resolves: Assertions;
  readonly rejects: Assertions;
}

const matchers = new Map<string, Matcher>(Object.entries(createMatchers()));

function expectValue(received: unknown): Expectation {
  const direct = (isNot: boolean): Assertions =>
    bindMatchers((matcher, expected) => judge(call(matcher, { received, expected, isNot }), isNot));
  const settled = (kind: "resolves" | "rejects"): Assertions =>
    bindMatchers(async (matcher, expected) =>
      judge(await call(matcher, { received: await settle(received, kind), expected, isNot: false }), false),
    );
  return { ...direct(false), not: direct(true), resolves: settled("resolves"), rejects: settled("rejects") };
}

/** Asserts about a value. `extend` adds matchers; `any` and `anything` stand for values. */
export const expect: typeof expectValue & {
  readonly extend: (added: Readonly<Record<string, Matcher>>) => void;
  readonly any: (type: unknown) => unknown;
  readonly anything: () => unknown;
} = Object.assign(expectValue, {
  extend: (added: Readonly<Record<string, Matcher>>) => {
    for (const [name, matcher] of Object.entries(added)) matchers.set(name, matcher);
  },
  any: (type: unknown) =>
    standIn(`any ${(type as { readonly name?: string }).name ?? "value"}`, (value) => isOfType(value, type)),
  anything: () => standIn("anything", (value) => value !== undefined && value !== null),
});

/** A value that matches others, in the form that vitest and jest share. */
function standIn(words: string, asymmetricMatch: (value: unknown) => boolean): unknown {
  return { asymmetricMatch, toAsymmetricMatcher: () => words, [inspect.custom]: () => words };
}

function isOfType(value: unknown, type: unknown): boolean {
  const primitives: readonly (readonly [unknown, string])[] = [
    [String, "string"],
    [Number, "number"],
    [Boolean, "boolean"],
    [BigInt, "bigint"],
    [Function, "function"],
    [Symbol, "symbol"],
  ];
  const primitive = primitives.find(([constructor]) => constructor === type)?.[1];
  return primitive === undefined ? value instanceof (type as new () => unknown) : typeof value === primitive;
}

/** Deep equality in which a stand-in matches its values. */
function equals(received: unknown, expected: unknown): boolean {
  const matches = (expected as { readonly asymmetricMatch?: (value: unknown) => boolean } | null | undefined)
    ?.asymmetricMatch;
  if (typeof matches === "function") return matches(received);
  if (isDeepStrictEqual(received, expected)) return true;
  if (!isPlain(received) || !isPlain(expected) || Array.isArray(received) !== Array.isArray(expected)) return false;
  const keys = new Set([...Object.keys(received), ...Object.keys(expected)]);
  return [...keys].every((key) => equals(received[key], expected[key]));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    Array.isArray(value) ||
    (typeof value === "object" &&
      value !== null &&
      [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null))
  );
}

function call(
  matcher: Matcher,
  {
    received,
    expected,
    isNot,
  }: { readonly received: unknown; readonly expected: readonly unknown[]; readonly isNot: boolean },
): MatcherAnswer | Promise<MatcherAnswer> {
  return matcher.call({ isNot, equals }, received, ...(expected as readonly never[]));
}

function bindMatchers(apply: (matcher: Matcher, expected: readonly unknown[]) => unknown): Assertions {
  return Object.fromEntries(
    [...matchers].map(([name, matcher]) => [name, (...expected: unknown[]) => apply(matcher, expected)]),
  );
}

function judge(answer: MatcherAnswer | Promise<MatcherAnswer>, isNegated: boolean): unknown {
  if (answer instanceof Promise) return answer.then((known) => judge(known, isNegated));
  if (answer.pass === isNegated) throw new assert.AssertionError({ message: answer.message(), stackStartFn: judge });
  return undefined;
}

async function settle(received: unknown, kind: "resolves" | "rejects"): Promise<unknown> {
  const promise = Promise.resolve(typeof received === "function" ? received() : received);
  if (kind === "resolves") return promise;
  const outcome = await promise.then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error;
  throw new assert.AssertionError({ message: `expected a rejection; the promise resolved to ${show(outcome.value)}` });
}

type LooseMatcher = (received: unknown, expected: unknown, more?: unknown) => MatcherAnswer;

function createMatchers(): Readonly<Record<string, LooseMatcher>> {
  const compare = (run: () => void, negated: string): MatcherAnswer => {
    try {
      run();
      return { pass: true, message: () => negated };
    } catch (error) {
      return { pass: false, message: () => (error as Error).message };
    }
  };
  const simple = (words: string, holds: (received: unknown, expected: unknown) => boolean): LooseMatcher => {
    return (received, expected) => ({
      pass: holds(received, expected),
      message: () => `expected ${show(received)} ${words}${expected === undefined ? "" : ` ${show(expected)}`}`,
    });
  };
  const equal: LooseMatcher = (received, expected) =>
    equals(received, expected)
      ? { pass: true, message: () => `expected ${show(received)} not to equal it` }
      : compare(
          () => assert.deepStrictEqual(withoutUndefined(received), withoutUndefined(expected)),
          `expected ${show(received)} not to equal it`,
        );
  return {
    toBe: (received, expected) =>
      compare(() => assert.strictEqual(received, expected), `expected ${show(received)} not to be it`),
    toEqual: equal,
    toStrictEqual: (received, expected) =>
      compare(() => assert.deepStrictEqual(received, expected), `expected ${show(received)} not to equal it`),
    toMatchObject: (received, expected) =>
      compare(() => assert.partialDeepStrictEqual(received, expected), `expected ${show(received)} not to match`),
    toHaveLength: simple(
      "to have the length",
      (received, expected) => (received as { readonly length?: unknown }).length === expected,
    ),
    toContain: simple("to contain", contains),
    toMatch: simple("to match", (received, expected) =>
      expected instanceof RegExp ? expected.test(String(received)) : String(received).includes(String(expected)),
    ),
    toBeDefined: simple("to be defined", (received) => received !== undefined),
    toBeUndefined: simple("to be undefined", (received) => received === undefined),
    toBeNull: simple("to be null", (received) => received === null),
    toBeTruthy: simple("to be truthy", Boolean),
    toBeFalsy: simple("to be falsy", (received) => !received),
    toBeGreaterThan: simple("to be greater than", (received, expected) => (received as number) > (expected as number)),
    toBeGreaterThanOrEqual: simple(
      "to be at least",
      (received, expected) => (received as number) >= (expected as number),
    ),
    toBeLessThan: simple("to be less than", (received, expected) => (received as number) < (expected as number)),
    toBeLessThanOrEqual: simple("to be at most", (received, expected) => (received as number) <= (expected as number)),
    toBeCloseTo: (received, expected, digits = 2) => ({
      pass: Math.abs((received as number) - (expected as number)) < 10 ** -(digits as number) / 2,
      message: () => `expected ${show(received)} to be ${show(expected)} to ${show(digits)} digits`,
    }),
    toThrow: (received, expected) => throws(received, expected),
    toThrowError: (received, expected) => throws(received, expected),
  };
}

/** `received` is a function to call, or what `rejects` caught. */
function throws(received: unknown, expected: unknown): MatcherAnswer {
  let thrown: unknown = received;
  if (typeof received === "function") {
    try {
      received();
      return { pass: false, message: () => "expected the function to throw" };
    } catch (error) {
      thrown = error;
    }
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const pass =
    expected === undefined ||
    (expected instanceof RegExp
      ? expected.test(text)
      : typeof expected === "string"
        ? text.includes(expected)
        : thrown instanceof (expected as new () => unknown));
  return { pass, message: () => `expected what was thrown to match ${show(expected)}; it says ${show(text)}` };
}

function contains(received: unknown, expected: unknown): boolean {
  return typeof received === "string"
    ? received.includes(String(expected))
    : [...(received as Iterable<unknown>)].includes(expected);
}

/** `toEqual` treats a key that is undefined as one that is not there. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, withoutUndefined(inner)]])),
  );
}

function show(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: 100 });
}
