import type { ConditionOperator, JsonValue, StepCondition } from "@millrace/protocols";

/** What a condition may ask about. */
export interface ConditionFacts {
  readonly params: Readonly<Record<string, JsonValue>>;
  /** Rows of an input that is a committed dataset; undefined where it is not. */
  readonly rowsOf: (input: string) => number | undefined;
}

/** Whether the condition of a step holds. A field that is not there compares as null. */
export function holdsCondition(condition: StepCondition, facts: ConditionFacts): boolean {
  const value = readField(condition.field, facts);
  const wanted = condition.value ?? null;
  return comparisons[condition.operator](value, wanted);
}

type Comparison = (value: JsonValue, wanted: JsonValue) => boolean;

const comparisons: Readonly<Record<ConditionOperator, Comparison>> = {
  exists: (value) => value !== null,
  not_exists: (value) => value === null,
  eq: isEqual,
  ne: (value, wanted) => !isEqual(value, wanted),
  in: isOneOf,
  not_in: (value, wanted) => Array.isArray(wanted) && !isOneOf(value, wanted),
  matches: (value, wanted) => typeof value === "string" && typeof wanted === "string" && new RegExp(wanted).test(value),
  lt: (value, wanted) => compare(value, wanted) < 0,
  le: (value, wanted) => compare(value, wanted) <= 0,
  gt: (value, wanted) => compare(value, wanted) > 0,
  ge: (value, wanted) => compare(value, wanted) >= 0,
};

function isOneOf(value: JsonValue, wanted: JsonValue): boolean {
  return Array.isArray(wanted) && wanted.some((one: JsonValue) => isEqual(value, one));
}

function readField(field: string, facts: ConditionFacts): JsonValue {
  const [, input] = /^inputs\.(.+)\.rows$/.exec(field) ?? [];
  if (input !== undefined) return facts.rowsOf(input) ?? null;
  const name = field.replace(/^params\./, "");
  return Object.hasOwn(facts.params, name) ? (facts.params[name] ?? null) : null;
}

function isEqual(a: JsonValue, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Numbers by size, texts by code unit; NaN, which no comparison accepts, where they cannot be compared. */
function compare(a: JsonValue, b: JsonValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return Number.NaN;
}
