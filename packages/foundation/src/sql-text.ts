import type { ColumnType, JsonValue } from "@millrace/protocols";
import { formatColumnType, parseColumnType } from "./column-type.ts";
import { TerminalError } from "./error.ts";

/** A name as SQL: always quoted, so that no name is a keyword or ends its quotes. @throws `DEFINITION_INVALID_NAME` for NUL or an empty name. */
export function quoteIdentifier(name: string): string {
  if (name === "" || name.includes("\0")) {
    throw new TerminalError({
      code: "DEFINITION_INVALID_NAME",
      fault: "config",
      message: `A name in SQL must have a character and no NUL; received ${JSON.stringify(name)}.`,
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL. A NUL, which ends statements in C interfaces, is spelled `chr(0)`. */
export function quoteLiteral(text: string): string {
  if (!text.includes("\0")) return `'${text.replaceAll("'", "''")}'`;
  return `(${text.split("\0").map(quoteLiteral).join(" || chr(0) || ")})`;
}

/**
 * A JSON value as a typed constant of DuckDB's SQL; nothing of it can become SQL text.
 *
 * Without a type: whole numbers BIGINT or smaller, other numbers DOUBLE (never DECIMAL), lists `[…]`, objects STRUCT.
 *
 * @param type - SQL type that the value is cast to, such as `DATE`; parsed, so that it is safe too.
 */
export function sqlLiteral(value: JsonValue, type?: string): string {
  if (type === undefined) return plainLiteral(value);
  const target = parseColumnType(type);
  return `CAST(${castable(value, target)} AS ${formatColumnType(target)})`;
}

function plainLiteral(value: JsonValue): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return quoteLiteral(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  // A literal with a point is DECIMAL in DuckDB, and dividing its digits may miss the double by one unit in the last place.
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : `CAST('${value}' AS DOUBLE)`;
  if (isList(value)) return `[${value.map(plainLiteral).join(", ")}]`;
  const fields = Object.entries(value);
  if (fields.length === 0) return "CAST('{}' AS JSON)";
  return `{${fields.map(([key, item]) => `${quoteLiteral(key)}: ${plainLiteral(item)}`).join(", ")}}`;
}

/** What stands inside CAST. Numbers as text, so that a DECIMAL keeps every digit that was written. */
function castable(value: JsonValue, target: ColumnType): string {
  if (value === null) return "NULL";
  if (target.type === "JSON") return quoteLiteral(JSON.stringify(value));
  if (typeof value === "number") return `'${value}'`;
  if (typeof value !== "object") return plainLiteral(value);
  if (isList(value)) {
    if (target.type !== "LIST" && target.type !== "ARRAY") return plainLiteral(value);
    return `[${value.map((item) => castable(item, target.element)).join(", ")}]`;
  }
  const fields = Object.entries(value);
  if (target.type === "MAP") {
    const keys = fields.map(([key]) => castable(key, target.key));
    const values = fields.map(([, item]) => castable(item, target.value));
    return `MAP([${keys.join(", ")}], [${values.join(", ")}])`;
  }
  if (target.type !== "STRUCT") return plainLiteral(value);
  const typeOf = new Map(target.fields.map((field) => [field.name, field.type]));
  const parts = fields.map(([key, item]) => {
    const fieldType = typeOf.get(key);
    return `${quoteLiteral(key)}: ${fieldType === undefined ? plainLiteral(item) : castable(item, fieldType)}`;
  });
  return parts.length === 0 ? "NULL" : `{${parts.join(", ")}}`;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
