import type { ColumnType } from "@millrace/protocols";
import { parseColumnType } from "@millrace/foundation";
import { nodeAt, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/**
 * What the analysis needs to know of a type: whether sums of it are exact, and whether casting it can lose a value.
 * `untyped` is NULL or a parameter, which takes the type of what stands beside it.
 */
export type ValueKind = "integer" | "decimal" | "float" | "boolean" | "text" | "json" | "other" | "untyped";

const kinds: Partial<Record<ColumnType["type"], ValueKind>> = {
  BOOLEAN: "boolean",
  TINYINT: "integer",
  SMALLINT: "integer",
  INTEGER: "integer",
  BIGINT: "integer",
  HUGEINT: "integer",
  UTINYINT: "integer",
  USMALLINT: "integer",
  UINTEGER: "integer",
  UBIGINT: "integer",
  // Beyond HUGEINT there is no integer to add it up in: DuckDB takes a double.
  UHUGEINT: "float",
  FLOAT: "float",
  DOUBLE: "float",
  DECIMAL: "decimal",
  VARCHAR: "text",
  ENUM: "text",
  JSON: "json",
  NULL: "untyped",
};

export function kindOfColumnType({ type }: ColumnType): ValueKind {
  return kinds[type] ?? "other";
}

/** Kind of a type in the tree (`cast_type`, or `type` of a constant); undefined for types that DuckDB alone knows. */
export function kindOfTypeNode(node: SyntaxNode | undefined): ValueKind | undefined {
  if (node === undefined) return undefined;
  const id = textAt(node, "id");
  if (id === "UNBOUND") {
    const info = nodeAt(node, "type_info");
    const name = info === undefined ? "" : textAt(info, "name");
    return /^enum$/i.test(name) ? "text" : kindOfTypeText(name);
  }
  // These hold further types that the text form would have to spell out.
  if (["DECIMAL", "ENUM"].includes(id)) return id === "DECIMAL" ? "decimal" : "text";
  if (["LIST", "ARRAY", "STRUCT", "MAP"].includes(id)) return "other";
  if (id === "BIGNUM") return "integer";
  return kinds[id as ColumnType["type"]] ?? kindOfTypeText(id);
}

function kindOfTypeText(text: string): ValueKind | undefined {
  try {
    return kindOfColumnType(parseColumnType(text));
  } catch {
    // A type outside the closed union, such as VARIANT or one that a user made: nothing is known of it.
    return undefined;
  }
}

/** Kind of what brings values of several kinds together: CASE, COALESCE, arithmetic, UNION. */
export function combineKinds(parts: readonly (ValueKind | undefined)[]): ValueKind | undefined {
  const typed = parts.filter((kind) => kind !== "untyped");
  if (typed.length === 0) return "untyped";
  if (typed.includes("float")) return "float";
  if (typed.includes(undefined)) return undefined;
  for (const kind of ["json", "other", "text", "decimal", "integer", "boolean"] as const) {
    if (typed.includes(kind)) return kind;
  }
  return undefined;
}

/**
 * Whether values of these kinds keep from being NULL when DuckDB casts them to one type.
 *
 * **Source** every pair of types tried on DuckDB 1.5.6 (`test/non-null-cast.test.ts`): JSON `null` becomes NULL in every
 * type but JSON and VARCHAR.
 */
export function mixSafely(parts: readonly (ValueKind | undefined)[]): boolean {
  if (!parts.includes("json") && !parts.includes(undefined)) return true;
  return parts.every((kind) => kind === "json" || kind === "text" || kind === "untyped");
}
