import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { Issue, JsonObject, JsonValue, ParamSpec } from "@millrace/protocols";
import { suggestName } from "@millrace/foundation";

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly default?: JsonValue;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
}

/**
 * Names, types and defaults of the parameters that a schema describes.
 *
 * Read from the schema's own JSON Schema (Standard JSON Schema 1.1: zod 4.2, arktype, valibot's converter). A library
 * without it says nothing about names, so they are those that the SQL uses.
 *
 * @param texts - Values of the steps, for schemas that do not describe themselves.
 */
export function paramsOfSchema(
  schema: StandardSchemaV1,
  texts: readonly unknown[],
): Readonly<Record<string, ParamSpec>> {
  const described = describe(schema);
  if (described?.properties === undefined) {
    const names = texts.flatMap((text) => (typeof text === "string" ? [...text.matchAll(/\$([A-Za-z_]\w*)/g)] : []));
    return Object.fromEntries(names.map(([, name = ""]) => [name, {}]));
  }
  const required = new Set(described.required);
  return Object.fromEntries(
    Object.entries(described.properties).map(([name, property]) => {
      const type = sqlTypeOf(property);
      const fallback = property.default ?? (required.has(name) ? undefined : null);
      return [
        name,
        {
          ...(type === undefined ? {} : { type }),
          ...(fallback === undefined ? {} : { default: fallback }),
          ...(property.description === undefined ? {} : { description: property.description }),
        },
      ];
    }),
  );
}

function describe(schema: StandardSchemaV1): JsonSchema | undefined {
  const standard = schema["~standard"] as Partial<StandardJSONSchemaV1["~standard"]>;
  try {
    return standard.jsonSchema?.output({ target: "draft-2020-12" });
  } catch {
    // Some schemas (a Date, a transform) have no JSON form; their names come from the SQL.
    return undefined;
  }
}

const formats: Readonly<Record<string, string>> = {
  date: "DATE",
  "date-time": "TIMESTAMPTZ",
  time: "TIME",
  uuid: "UUID",
};
const int32 = 2 ** 31;

/** SQL type of what a property holds. Undefined: it follows from the value. */
function sqlTypeOf(property: JsonSchema): string | undefined {
  const variants = property.anyOf?.filter((variant) => variant.type !== "null");
  if (variants !== undefined)
    return variants.length === 1 && variants[0] !== undefined ? sqlTypeOf(variants[0]) : undefined;
  if (property.type === "string") return formats[property.format ?? ""] ?? "VARCHAR";
  if (property.type === "number") return "DOUBLE";
  if (property.type === "boolean") return "BOOLEAN";
  if (property.type === "integer") {
    const { minimum = -Infinity, maximum = Infinity } = property;
    return minimum >= -int32 && maximum < int32 ? "INTEGER" : "BIGINT";
  }
  const element = property.type === "array" && property.items !== undefined ? sqlTypeOf(property.items) : undefined;
  return element === undefined ? undefined : `${element}[]`;
}

/** What a schema made of the parameters of a run, or why it refused them. */
export interface CheckedParams {
  readonly params: JsonObject;
  readonly issues: readonly Issue[];
}

/** Validates the parameters of a run by their schema. Values are what the schema gives, as JSON. */
export async function validateParams(
  schema: StandardSchemaV1,
  given: JsonObject,
  names: Readonly<Record<string, ParamSpec>>,
): Promise<CheckedParams> {
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(names, name))
    .map((name) => unknownParam(name, names));
  const result = await schema["~standard"].validate(given);
  if (result.issues !== undefined) return { params: {}, issues: [...unknown, ...result.issues.map(toIssue)] };
  const issues: Issue[] = [...unknown];
  const values = typeof result.value === "object" && result.value !== null ? Object.entries(result.value) : [];
  const params = values.flatMap(([name, value]): readonly (readonly [string, JsonValue])[] => {
    if (!Object.hasOwn(names, name) || value === undefined) return [];
    const json = toJson(value);
    if (json !== undefined) return [[name, json]];
    issues.push({
      severity: "error",
      code: "PARAMETER_INVALID",
      message: `parameter "${name}": its schema gives a ${typeof value} that SQL has no literal for`,
      path: ["params", name],
    });
    return [];
  });
  return { params: Object.fromEntries(params), issues };
}

function unknownParam(name: string, names: Readonly<Record<string, ParamSpec>>): Issue {
  const suggestion = suggestName(name, Object.keys(names));
  return {
    severity: "error",
    code: "PARAMETER_INVALID",
    message: `there is no parameter "${name}"; there are ${Object.keys(names).join(", ")}`,
    path: ["params", name],
    received: name,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function toIssue({ message, path = [] }: StandardSchemaV1.Issue): Issue {
  const keys = path.map((part) => (typeof part === "object" ? part.key : part));
  const name = keys.map(String).join(".");
  return {
    severity: "error",
    code: "PARAMETER_INVALID",
    message: name === "" ? message : `parameter "${name}": ${message}`,
    path: ["params", ...keys.map((key) => (typeof key === "number" ? key : String(key)))],
  };
}

/** Undefined for what JSON cannot hold. */
function toJson(value: unknown): JsonValue | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (Array.isArray(value)) {
    const items = value.map(toJson);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => [key, toJson(item)] as const);
  return entries.every(([, item]) => item !== undefined) ? (Object.fromEntries(entries) as JsonObject) : undefined;
}
