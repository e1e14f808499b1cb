import type { Issue, JsonObject, JsonValue, PipelineSpec } from "@millrace/protocols";
import { sqlLiteral, suggestName } from "@millrace/foundation";

/** Parameters of a run, complete, with what was wrong with them. */
export interface BoundParams {
  readonly values: JsonObject;
  /** SQL literal of each parameter. */
  readonly literals: ReadonlyMap<string, string>;
  readonly issues: readonly Issue[];
}

/** Merges given values over the defaults; unknown and missing parameters are issues. */
export function bindParams(spec: PipelineSpec, given: JsonObject): BoundParams {
  const issues: Issue[] = [];
  const values: Record<string, JsonValue> = {};
  const literals = new Map<string, string>();
  for (const name of Object.keys(given))
    if (!Object.hasOwn(spec.params, name)) {
      const suggestion = suggestName(name, Object.keys(spec.params));
      issues.push({
        severity: "error",
        code: "PARAMETER_INVALID",
        message: `"${spec.name}" has no parameter "${name}"; it has ${listOf(Object.keys(spec.params))}`,
        path: ["params", name],
        received: name,
        ...(suggestion === undefined ? {} : { suggestion }),
      });
    }
  for (const [name, declared] of Object.entries(spec.params)) {
    const value = Object.hasOwn(given, name) ? given[name] : declared.default;
    if (value === undefined) {
      issues.push({
        severity: "error",
        code: "PARAMETER_INVALID",
        message: `parameter "${name}" has no value and no default; pass --param ${name}=…`,
        path: ["params", name],
        expected: declared.type ?? "a value",
      });
      continue;
    }
    values[name] = value;
    try {
      literals.set(name, sqlLiteral(value, declared.type));
    } catch (error) {
      issues.push({
        severity: "error",
        code: "PARAMETER_INVALID",
        message: `parameter "${name}": ${error instanceof Error ? error.message : String(error)}`,
        path: ["params", name],
        received: JSON.stringify(value),
        ...(declared.type === undefined ? {} : { expected: declared.type }),
      });
    }
  }
  return { values, literals, issues };
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");
}
