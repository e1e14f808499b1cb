import type { Column, ColumnType } from "@millrace/protocols";
import { formatColumnType } from "@millrace/foundation";

/** A column's type as TypeScript source: `"BIGINT!"`, `{ list: "VARCHAR" }`. */
export function toColumnLiteral(column: Column): string {
  const type = toTypeLiteral(column.type);
  if (column.nullable) return type;
  return type.startsWith('"') ? `${type.slice(0, -1)}!"` : `${type.slice(0, -2)}; notNull: true }`;
}

function toTypeLiteral(type: ColumnType): string {
  if (type.type === "LIST") return `{ list: ${toTypeLiteral(type.element)} }`;
  if (type.type === "ARRAY") return `{ list: ${toTypeLiteral(type.element)}; length: ${type.length} }`;
  if (type.type === "MAP") return `{ map: { key: ${toTypeLiteral(type.key)}; value: ${toTypeLiteral(type.value)} } }`;
  if (type.type === "ENUM")
    return `{ enum: readonly [${type.values.map((value) => JSON.stringify(value)).join(", ")}] }`;
  // Without the space that SQL text may have: the type of the builder has none.
  if (type.type === "DECIMAL") return `"DECIMAL(${type.precision},${type.scale})"`;
  if (type.type !== "STRUCT") return JSON.stringify(formatColumnType(type));
  const fields = type.fields.map((field) => `${toKey(field.name)}: ${toTypeLiteral(field.type)}`);
  return `{ struct: { ${fields.join("; ")} } }`;
}

/** A property name, quoted where it must be. */
export function toKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== "__proto__" ? name : JSON.stringify(name);
}
