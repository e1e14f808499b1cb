import type { JsonObject, JsonValue } from "@millrace/protocols";
import { describeValue, isRecord } from "../finding.ts";
import type { Path } from "../finding.ts";

/** Deepest nesting of a definition. No pipeline comes near; parsers of others overflow at a few thousand. */
export const maxDepth = 64;

/** Why a value is not one that JSON can hold without loss. */
export interface JsonProblem {
  readonly path: Path;
  readonly at: "key" | "value";
  readonly reason: string;
  readonly tooDeep?: boolean;
}

const refused: unique symbol = Symbol("not JSON");

/** A copy of a value that JSON can hold, or every reason why it cannot. */
export function toPlainJson(
  value: unknown,
): { readonly value: JsonValue } | { readonly problems: readonly JsonProblem[] } {
  const copied = copy(value, 0);
  if (copied !== refused) return { value: copied };
  const problems: JsonProblem[] = [];
  explain(value, [], problems);
  return { problems };
}

/** Whether what `toPlainJson` gave is an object. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fast way: no paths, stops at the first problem. */
function copy(value: unknown, depth: number): JsonValue | typeof refused {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") return numberProblem(value) === undefined ? value : refused;
  if (depth >= maxDepth) return refused;
  if (Array.isArray(value)) {
    const list: JsonValue[] = [];
    for (const item of value as readonly unknown[]) {
      const copied = copy(item, depth + 1);
      if (copied === refused) return refused;
      list.push(copied);
    }
    return list;
  }
  if (!isRecord(value)) return refused;
  const result: Record<string, JsonValue> = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    if (keyProblem(key, item) !== undefined) return refused;
    const copied = copy(item, depth + 1);
    if (copied === refused) return refused;
    result[key] = copied;
  }
  return result;
}

/** Most problems of one value: a value that contains itself has no end of them. */
const maxProblems = 20;

function explain(value: unknown, path: Path, problems: JsonProblem[]): void {
  if (problems.length >= maxProblems) return;
  if (typeof value === "string" || typeof value === "boolean" || value === null) return;
  if (typeof value === "number") {
    const reason = numberProblem(value);
    if (reason !== undefined) problems.push({ path, at: "value", reason });
  } else if (path.length >= maxDepth) {
    problems.push({ path, at: "value", reason: `it nests deeper than ${maxDepth} levels`, tooDeep: true });
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) explain(item, [...path, index], problems);
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      const reason = item === undefined ? undefined : keyProblem(key, item);
      if (reason !== undefined) problems.push({ path: [...path, key], at: "key", reason });
      else if (item !== undefined) explain(item, [...path, key], problems);
    }
  } else {
    problems.push({ path, at: "value", reason: `${describeValue(value)} is not a JSON value` });
  }
}

function numberProblem(value: number): string | undefined {
  if (!Number.isFinite(value)) return `the number ${value} is not finite`;
  // Written with digits, and beyond 2^53: the last ones were lost when it was read.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21)
    return `the number ${value} is beyond 2^53 and loses digits; write it in quotes`;
  return undefined;
}

/** Keys by which careless code can be made to change all objects. */
function keyProblem(key: string, value: unknown): string | undefined {
  if (key === "__proto__") return 'the key "__proto__" is reserved by JavaScript';
  if (key === "constructor" && isRecord(value) && Object.hasOwn(value, "prototype"))
    return 'the key "constructor.prototype" is reserved by JavaScript';
  return undefined;
}
