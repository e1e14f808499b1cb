import { bareFunctions, volatileFunctions } from "./function-catalog.ts";
import type { Scope } from "./scope.ts";
import { expressionsBelow, foldName, functionName, isExpression, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** Fields that say how an expression was written, not what it is. */
const spelling: ReadonlySet<string> = new Set(["alias", "query_location", "is_operator", "schema", "catalog"]);

/**
 * A number for what an expression means in a scope: equal for `t.a`, `A` and an alias of it.
 *
 * Expressions whose value may differ from one place to the next (subqueries, lambdas, `random()`) equal nothing.
 */
export function idOf(node: SyntaxNode, scope: Scope): number {
  const known = scope.ids.get(node);
  if (known !== undefined) return known;
  // Innermost first, so that a deep expression needs no deep stack.
  for (const part of [...expressionsBelow(node)].toReversed()) {
    if (!scope.ids.has(part)) scope.ids.set(part, computeId(part, scope));
  }
  return scope.ids.get(node) ?? scope.analysis.nextUniqueId();
}

function computeId(node: SyntaxNode, scope: Scope): number {
  const { analysis } = scope;
  switch (textAt(node, "class")) {
    case "COLUMN_REF":
      return referenceId(node, scope);
    case "SUBQUERY":
    case "LAMBDA":
    case "STAR":
      return analysis.nextUniqueId();
    case "FUNCTION":
      if (volatileFunctions.has(functionName(node))) return analysis.nextUniqueId();
      break;
    default:
  }
  return analysis.intern(describe(node, scope));
}

function referenceId(node: SyntaxNode, scope: Scope): number {
  const { analysis } = scope;
  const resolution = scope.resolve(node);
  const names = textsAt(node, "column_names").map(foldName);
  switch (resolution.kind) {
    case "column":
      return resolution.column.id;
    case "alias":
      return scope.throughAlias(
        resolution.expression,
        (expression) => idOf(expression, scope),
        analysis.nextUniqueId(),
      );
    case "field":
      return analysis.intern(`field ${resolution.column.id} ${JSON.stringify(names)}`);
    case "absent":
      if (volatileFunctions.has(names[0] ?? "") && bareFunctions.has(names[0] ?? "")) return analysis.nextUniqueId();
      return analysis.intern(`name ${JSON.stringify(names)}`);
    case "unknown":
    default:
      return analysis.intern(`name ${JSON.stringify(names)}`);
  }
}

/** Text of one level; what is below stands for itself by its id, so that the work is linear. */
function describe(value: unknown, scope: Scope): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: unknown) => describePart(item, scope)).join()}]`;
  const fields = Object.entries(value).filter(([field, item]) => !spelling.has(field) && !isDefault(item));
  const parts = fields.map(([field, item]: [string, unknown]) => {
    const isName = field === "function_name" && typeof item === "string";
    return `${field}:${isName ? foldName(item) : describePart(item, scope)}`;
  });
  return `{${parts.toSorted().join()}}`;
}

function describePart(value: unknown, scope: Scope): string {
  const isNode = typeof value === "object" && value !== null && isExpression(value as SyntaxNode);
  return isNode ? `#${idOf(value as SyntaxNode, scope)}` : describe(value, scope);
}

/** The tree may leave defaults out, so that they must not tell two expressions apart. */
function isDefault(value: unknown): boolean {
  return value === null || value === "" || value === false || (Array.isArray(value) && value.length === 0);
}
