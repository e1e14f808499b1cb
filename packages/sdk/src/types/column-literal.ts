import type { Column, ColumnType } from "@millrace/protocols";
import { formatColumnType } from "@millrace/foundation";

/** A column's type as TypeScript source: `"BIGINT!"`, `{ list: "VARCHAR" }`. */
export function toColumnLiteral(column: Column): string {
  const type = toTypeLiteral(column.type);
  if (column.nullable) return type;
  return type.startsWith('"') ? `${type.slice(0, -1)}!"` : `${type.slice(0, -2)}; notNull: true }`;
}

function toTypeLiteral(type: ColumnType): string {
  switch (type.type) {
    case "LIST":
      return `{ list: ${toTypeLiteral(type.element)} }`;
    case "ARRAY":
      return `{ list: ${toTypeLiteral(type.element)}; length: ${type.length} }`;
    case "STRUCT":
      return `{ struct: { ${type.fields.map((field) => `${toKey(field.name)}: ${toTypeLiteral(field.type)}`).join("; ")} } }`;
    case "MAP":
      return `{ map: { key: ${toTypeLiteral(type.key)}; value: ${toTypeLiteral(type.value)} } }`;
    case "ENUM":
      return `{ enum: readonly [${type.values.map((value) => JSON.stringify(value)).join(", ")}] }`;
    case "DECIMAL":
      return `"DECIMAL(${type.precision},${type.scale})"`;
    default:
      return JSON.stringify(formatColumnType(type));
  }
}

/** A property name, quoted where it must be. */
export function toKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== "__proto__" ? name : JSON.stringify(name);
}
