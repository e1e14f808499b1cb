import { suggestName } from "@millrace/foundation";
import type { JsonObject, JsonValue } from "@millrace/protocols";
import { describeValue, isRecord, shorten } from "../finding.ts";
import type { Finding, Path, Report } from "../finding.ts";
import { nameProblem, usableName } from "./name.ts";
import { isJsonObject, toPlainJson } from "./plain-json.ts";

/** An object of a definition that is being read: where it is, and how messages call it. */
export interface Scope {
  readonly path: Path;
  /** `Step "daily"`, `The pipeline`. */
  readonly label: string;
  readonly step?: string;
  readonly report: Report;
  /** Whether enough was said of this step: whoever reads a long list stops then. */
  readonly isFull?: (path: Path) => boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** The scope of a value below another. */
export function below(scope: Scope, ...keys: Path): Scope {
  return { ...scope, path: [...scope.path, ...keys] };
}

/** Whether enough was said of the step that a scope belongs to. */
export function isFull(scope: Scope): boolean {
  return scope.isFull?.(scope.path) ?? false;
}

/** Reports a finding about the scope, or about a key of it. */
export function report(scope: Scope, finding: Omit<Finding, "path" | "step"> & { readonly path?: Path }): void {
  const { path = [], message, ...rest } = finding;
  scope.report({
    ...rest,
    message: `${scope.label}: ${message}`,
    path: path.length === 0 ? scope.path : [...scope.path, ...path],
    ...(scope.step === undefined ? {} : { step: scope.step }),
  });
}

/** How a message calls a value: `"metadata.policy.timeout"`. Parts of a step's path before its own keys are left out. */
export function nameOf(scope: Scope, key: string | number): string {
  const own = scope.path[0] === "steps" ? scope.path.slice(2) : scope.path;
  return shorten([...own, key].join("."), 120);
}

/** Words that people use for a key of ours. */
const otherWords: Readonly<Record<string, string>> = {
  kind: "layer",
  query: "value",
  sql: "value",
  depends_on: "inputs",
};

/** Reports keys that are not known. */
export function checkKeys(fields: Fields, known: readonly string[], scope: Scope): void {
  for (const key of Object.keys(fields)) {
    if (known.includes(key) || fields[key] === undefined) continue;
    if (isFull(scope)) return;
    const other = Object.hasOwn(otherWords, key) ? otherWords[key] : undefined;
    const suggestion = other !== undefined && known.includes(other) ? other : suggestName(key, known);
    report(scope, {
      code: "DEFINITION_UNKNOWN_KEY",
      message: `${nameOf(scope, key)} is not a known key.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
      path: [key],
      at: "key",
      expected: `one of ${known.join(", ")}`,
      received: key,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}

/** Reports a value of another type. */
export function wrongType(
  scope: Scope,
  key: string | number,
  expectation: { readonly value: unknown; readonly expected: string },
): undefined {
  const received = describeValue(expectation.value);
  const hint = expectation.expected === "text" && isScalar(expectation.value) ? "; put it in quotes" : "";
  report(scope, {
    code: "DEFINITION_WRONG_TYPE",
    message: `${nameOf(scope, key)} must be ${expectation.expected}, received ${received}${hint}.`,
    path: [key],
    expected: expectation.expected,
    received,
  });
}

/** Reports a value that is not one of those allowed. */
export function wrongValue(
  scope: Scope,
  key: string | number,
  expectation: { readonly value: unknown; readonly expected: string; readonly suggestion?: string | undefined },
): undefined {
  const { expected, suggestion } = expectation;
  const received =
    typeof expectation.value === "string" ? shorten(expectation.value) : describeValue(expectation.value);
  report(scope, {
    code: "DEFINITION_INVALID_VALUE",
    message: `${nameOf(scope, key)} must be ${expected}, received ${received}.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
    path: [key],
    expected,
    received,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "number" || typeof value === "boolean";
}

/** A text, or undefined where it is absent or of another type. */
export function readText(fields: Fields, key: string, scope: Scope): string | undefined {
  const value = fields[key];
  if (value === undefined || typeof value === "string") return value;
  return wrongType(scope, key, { value, expected: "text" });
}

/** One of some words. */
export function readWord<const W extends string>(
  fields: Fields,
  key: string,
  options: { readonly words: readonly W[]; readonly scope: Scope },
): W | undefined {
  const { words, scope } = options;
  const text = readText(fields, key, scope);
  if (text === undefined) return undefined;
  const word = words.find((candidate) => candidate === text);
  return (
    word ??
    wrongValue(scope, key, {
      value: text,
      expected: `one of ${words.join(", ")}`,
      suggestion: suggestName(text, words),
    })
  );
}

/** A whole number in a range. */
export function readInteger(
  fields: Fields,
  key: string,
  options: { readonly min: number; readonly max: number; readonly scope: Scope },
): number | undefined {
  const { min, max, scope } = options;
  const value = fields[key];
  if (value === undefined) return undefined;
  if (typeof value !== "number") return wrongType(scope, key, { value, expected: "a whole number" });
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  return wrongValue(scope, key, { value, expected: `a whole number from ${min} to ${max}` });
}

/** True or false. */
export function readBoolean(fields: Fields, key: string, scope: Scope): boolean | undefined {
  const value = fields[key];
  if (value === undefined || typeof value === "boolean") return value;
  return wrongType(scope, key, { value, expected: "true or false" });
}

/** A list of texts. */
export function readTexts(fields: Fields, key: string, scope: Scope): readonly string[] | undefined {
  const value = fields[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return wrongType(scope, key, { value, expected: "a list of texts" });
  const list: readonly unknown[] = value;
  const inside = below(scope, key);
  const texts = list.filter((item): item is string => typeof item === "string");
  for (const [index, item] of list.entries())
    if (typeof item !== "string" && !isFull(scope)) wrongType(inside, index, { value: item, expected: "text" });
  return texts.length === list.length ? texts : undefined;
}

/** An object, whose own fields the caller reads. */
export function readRecord(fields: Fields, key: string, scope: Scope): Fields | undefined {
  const value = fields[key];
  if (value === undefined || isRecord(value)) return value;
  return wrongType(scope, key, { value, expected: "an object" });
}

/** A JSON value. */
export function readJson(fields: Fields, key: string, scope: Scope): JsonValue | undefined {
  const value = fields[key];
  if (value === undefined) return undefined;
  const result = toPlainJson(value);
  if ("value" in result) return result.value;
  for (const { path, at, reason, tooDeep } of result.problems) {
    report(scope, {
      code: tooDeep === true ? "DEFINITION_TOO_DEEP" : "DEFINITION_INVALID_VALUE",
      message: `${nameOf(scope, [key, ...path].join("."))}: ${reason}.`,
      path: [key, ...path],
      at,
    });
  }
  return undefined;
}

/** A JSON object. */
export function readJsonObject(fields: Fields, key: string, scope: Scope): JsonObject | undefined {
  if (readRecord(fields, key, scope) === undefined) return undefined;
  const value = readJson(fields, key, scope);
  return value !== undefined && isJsonObject(value) ? value : undefined;
}

/** Reports a name that cannot be used. True where it can. */
export function checkName(
  name: string,
  scope: Scope,
  what: { readonly path: Path; readonly at?: "key"; readonly label: string },
): boolean {
  const reason = nameProblem(name);
  if (reason === undefined) return true;
  const suggestion = usableName(name);
  report(scope, {
    code: "DEFINITION_INVALID_NAME",
    message: `${what.label} ${shorten(name)} cannot be used: ${reason}.${suggestion === undefined ? "" : ` "${suggestion}" could be.`}`,
    path: what.path,
    ...(what.at === undefined ? {} : { at: what.at }),
    expected: "letters, digits, _, - and ., beginning with a letter or _",
    received: shorten(name),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  return false;
}

/** Reports a required key that is not there; one of another type was reported when it was read. */
export function missing(fields: Fields, key: string, scope: Scope): undefined {
  if (fields[key] !== undefined) return;
  report(scope, {
    code: "DEFINITION_MISSING_KEY",
    message: `${nameOf(scope, key)} is missing.`,
    path: [key],
    expected: key,
  });
}

/** Whether a text is a regular expression. */
export function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u").source !== "";
  } catch {
    // A SyntaxError is the answer.
    return false;
  }
}
