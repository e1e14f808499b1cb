import { aggregateKinds, aggregates, otherFunctions, totalFunctions } from "./function-catalog.ts";
import type { Scope } from "./scope.ts";
import { expressionsBelow, foldName, functionName, nodeAt, nodesAt, partsAt, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { combineKinds, kindOfTypeNode } from "./value-kind.ts";
import type { ValueKind } from "./value-kind.ts";

/** Kind of an expression's values; undefined where the text does not tell. */
export function kindOf(node: SyntaxNode, scope: Scope): ValueKind | undefined {
  if (!scope.kinds.has(node)) {
    // Innermost first, so that a deep expression needs no deep stack.
    for (const part of [...expressionsBelow(node)].toReversed()) {
      if (!scope.kinds.has(part)) scope.kinds.set(part, computeKind(part, scope));
    }
  }
  return scope.kinds.get(node);
}

function computeKind(node: SyntaxNode, scope: Scope): ValueKind | undefined {
  const kindAt = (field: string): ValueKind | undefined => {
    const child = nodeAt(node, field);
    return child === undefined ? undefined : kindOf(child, scope);
  };
  switch (textAt(node, "class")) {
    case "CONSTANT": {
      const value = nodeAt(node, "value");
      return value === undefined ? undefined : kindOfTypeNode(nodeAt(value, "type"));
    }
    case "PARAMETER":
      return "untyped";
    case "COLUMN_REF":
      return referenceKind(node, scope);
    case "CAST":
      return kindOfTypeNode(nodeAt(node, "cast_type"));
    case "COLLATE":
      return kindAt("child");
    case "COMPARISON":
    case "BETWEEN":
    case "CONJUNCTION":
      return "boolean";
    case "CASE": {
      const results = nodesAt(node, "case_checks").flatMap((check) => partsAt(check, "then_expr"));
      return combineKinds([...results.map((result) => kindOf(result, scope)), kindAt("else_expr") ?? "untyped"]);
    }
    case "OPERATOR":
      return operatorKind(node, scope);
    case "FUNCTION":
    case "WINDOW":
      return functionKind(node, scope);
    case "SUBQUERY": {
      if (textAt(node, "subquery_type") !== "SCALAR") return "boolean";
      return scope.analysis.subquery(node)?.columns[0]?.kind;
    }
    default:
      return undefined;
  }
}

function referenceKind(node: SyntaxNode, scope: Scope): ValueKind | undefined {
  const resolution = scope.resolve(node);
  switch (resolution.kind) {
    case "column":
      return resolution.column.kind;
    case "alias":
      return scope.throughAlias(resolution.expression, (expression) => kindOf(expression, scope), undefined);
    case "absent":
      return foldName(textsAt(node, "column_names")[0] ?? "").startsWith("current_") ? "other" : undefined;
    case "field":
    case "unknown":
    default:
      return undefined;
  }
}

function operatorKind(node: SyntaxNode, scope: Scope): ValueKind | undefined {
  const children = nodesAt(node, "children");
  switch (textAt(node, "type")) {
    case "OPERATOR_COALESCE":
    case "OPERATOR_TRY":
      return combineKinds(children.map((child) => kindOf(child, scope)));
    case "OPERATOR_NOT":
    case "OPERATOR_IS_NULL":
    case "OPERATOR_IS_NOT_NULL":
    case "COMPARE_IN":
    case "COMPARE_NOT_IN":
      return "boolean";
    case "GROUPING_FUNCTION":
      return "integer";
    case "ARRAY_CONSTRUCTOR":
      return "other";
    default:
      return undefined;
  }
}

function functionKind(node: SyntaxNode, scope: Scope): ValueKind | undefined {
  const name = functionName(node);
  const children = nodesAt(node, "children");
  const kinds = children.map((child) => kindOf(child, scope));
  const isAggregate = textAt(node, "class") === "WINDOW" || aggregates.has(name);
  if (isAggregate) return aggregateKind(name, kinds);
  const [first] = kinds;
  switch (name) {
    case "||":
      return kinds.every((kind) => kind === "text" || kind === "untyped") ? "text" : undefined;
    case "/":
      return first === "other" ? "other" : "float";
    case "date_part":
    case "datepart": {
      const part = nodeAt(children[0] ?? {}, "value")?.["value"];
      return typeof part === "string" ? (/^(epoch|julian)$/i.test(part) ? "float" : "integer") : undefined;
    }
    case "round":
    case "trunc":
    case "nullif":
      return first;
    case "ceil":
    case "ceiling":
    case "floor":
      return first === "decimal" || first === undefined ? first : "float";
    case "//":
      return combineKinds(kinds) === "integer" ? "integer" : "float";
    case "%":
    case "mod": {
      // HUGEINT and DECIMAL together are taken for doubles.
      const kind = combineKinds(kinds);
      return kind === "decimal" && new Set(kinds).size > 1 ? "float" : kind;
    }
    default:
  }
  const kind = totalFunctions.get(name) ?? otherFunctions.get(name);
  return kind === "same" ? combineKinds(kinds) : kind;
}

function aggregateKind(name: string, kinds: readonly (ValueKind | undefined)[]): ValueKind | undefined {
  const [first] = kinds;
  // `max(x, 3)` and `arg_max(x, y, 3)` give lists.
  const isList = /^(min|max)$/.test(name) ? kinds.length > 1 : name.startsWith("arg_") && kinds.length > 2;
  if (isList) return "other";
  if (name.startsWith("sum") && first === "boolean") return "integer";
  if (/^(avg|mean|median|quantile_cont)$/.test(name) && first === "other") return "other";
  const kind = aggregateKinds.get(name);
  return kind === "same" ? first : kind;
}
