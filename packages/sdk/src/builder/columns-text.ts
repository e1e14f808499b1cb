import type { ColumnsText } from "@millrace/protocols";
import { quoteIdentifier, quoteLiteral } from "@millrace/foundation";
import type { ColumnDefinition, Columns, ElementType } from "./columns.ts";

/**
 * Columns of the builder in the wire's text form: `{ tags: { list: "VARCHAR" } }` becomes `{ tags: "VARCHAR[]" }`.
 *
 * What is not a column type passes as it is; the loader says so with its place.
 */
export function toColumnsText(columns: Columns): ColumnsText {
  return Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, toText(type)]));
}

function toText(type: ColumnDefinition): string {
  if (typeof type !== "object" || type === null) return type;
  return `${toElement(type)}${type.notNull === true ? "!" : ""}`;
}

function toElement(type: ElementType): string {
  if (typeof type !== "object") return type;
  if ("list" in type) return `${toElement(type.list)}[${type.length ?? ""}]`;
  if ("enum" in type) return `ENUM(${type.enum.map(quoteLiteral).join(", ")})`;
  if ("map" in type) return `MAP(${toElement(type.map.key)}, ${toElement(type.map.value)})`;
  if (!("struct" in type)) return JSON.stringify(type);
  const fields = Object.entries(type.struct).map(([name, field]) => `${quoteIdentifier(name)} ${toElement(field)}`);
  return `STRUCT(${fields.join(", ")})`;
}
