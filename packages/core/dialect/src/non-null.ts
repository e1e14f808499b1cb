import { idOf } from "./expression-id.ts";
import { kindOf } from "./expression-kind.ts";
import {
  aggregates,
  anyArgumentFunctions,
  logicalClock,
  neverNullAggregates,
  neverNullFunctions,
  rowAggregates,
  totalAggregates,
  totalFunctions,
} from "./function-catalog.ts";
import { nonNullWhen } from "./null-rejection.ts";
import type { Level, SelectContext } from "./select-context.ts";
import { foldName, functionName, integerOf, nodeAt, nodesAt, partsAt, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { kindOfTypeNode, mixSafely } from "./value-kind.ts";

interface View {
  readonly context: SelectContext;
  readonly level: Level;
  /** What the branch of a CASE has made sure of. */
  readonly branch: ReadonlySet<number>;
}

/** Whether an expression cannot be NULL. `false` means that nothing shows it. */
export function isNonNull(node: SyntaxNode, context: SelectContext, level: Level): boolean {
  return holds(node, { context, level, branch: new Set<number>() });
}

function holds(node: SyntaxNode, view: View): boolean {
  const { context, level } = view;
  const id = idOf(node, context.scope);
  if (view.branch.has(id)) return true;
  if (level === "final" && context.qualify.has(id)) return true;
  if (level !== "row" && context.having.has(id)) return true;
  if (level !== "row" && context.grouping.partial.has(id)) return false;
  return context.where.has(id) || holdsByForm(node, view);
}

function holdsByForm(node: SyntaxNode, view: View): boolean {
  const { scope } = view.context;
  const holdsAt = (field: string): boolean => {
    const child = nodeAt(node, field);
    return child !== undefined && holds(child, view);
  };
  switch (textAt(node, "class")) {
    case "CONSTANT":
      return nodeAt(node, "value")?.["is_null"] === false;
    case "COLUMN_REF":
      return holdsForReference(node, view);
    case "CAST":
      return node["try_cast"] !== true && holdsAt("child") && castKeepsValues(node, view);
    case "COLLATE":
      return holdsAt("child");
    case "COMPARISON": {
      if (textAt(node, "type").endsWith("DISTINCT_FROM")) return true;
      const sides = partsAt(node, "left", "right");
      return allHold(sides, view) && mixSafely(sides.map((side) => kindOf(side, scope)));
    }
    case "BETWEEN": {
      const parts = partsAt(node, "input", "lower", "upper");
      return allHold(parts, view) && mixSafely(parts.map((part) => kindOf(part, scope)));
    }
    case "CONJUNCTION":
      return allHold(nodesAt(node, "children"), view);
    case "CASE":
      return holdsForCase(node, view);
    case "OPERATOR":
      return holdsForOperator(node, view);
    case "FUNCTION":
      return aggregates.has(functionName(node)) ? holdsForAggregate(node, view) : holdsForFunction(node, view);
    case "WINDOW":
      return holdsForWindow(node, view);
    case "SUBQUERY":
      return holdsForSubquery(node, view);
    default:
      return false;
  }
}

function allHold(nodes: readonly SyntaxNode[], view: View): boolean {
  return nodes.every((node) => holds(node, view));
}

function holdsForReference(node: SyntaxNode, view: View): boolean {
  const { scope } = view.context;
  const resolution = scope.resolve(node);
  switch (resolution.kind) {
    case "column":
      return resolution.column.nonNull;
    case "alias":
      return scope.throughAlias(resolution.expression, (expression) => holds(expression, view), false);
    case "absent": {
      const names = textsAt(node, "column_names");
      return names.length === 1 && logicalClock.has(foldName(names[0] ?? ""));
    }
    case "field":
    case "unknown":
    default:
      return false;
  }
}

/** **Source** every pair of types tried on DuckDB 1.5.6: NULL comes of JSON `null`, and of infinite instants as TIMETZ. */
function castKeepsValues(node: SyntaxNode, view: View): boolean {
  const child = nodeAt(node, "child");
  const type = nodeAt(node, "cast_type");
  if (child === undefined || type === undefined || /^TIME WITH TIME ZONE$/.test(textAt(type, "id"))) return false;
  return mixSafely([kindOf(child, view.context.scope), kindOfTypeNode(type) ?? "other"]);
}

/** Each branch is looked at with what its conditions have made sure of. */
function holdsForCase(node: SyntaxNode, view: View): boolean {
  const { scope } = view.context;
  const passed = new Set(view.branch);
  const results: SyntaxNode[] = [];
  for (const check of nodesAt(node, "case_checks")) {
    const condition = nodeAt(check, "when_expr");
    const result = nodeAt(check, "then_expr");
    if (condition === undefined || result === undefined) return false;
    const branch = new Set([...passed, ...nonNullWhen(condition, "true", scope)]);
    if (!holds(result, { ...view, branch })) return false;
    for (const id of nonNullWhen(condition, "not_true", scope)) passed.add(id);
    results.push(result);
  }
  const otherwise = nodeAt(node, "else_expr");
  if (otherwise === undefined || !holds(otherwise, { ...view, branch: passed })) return false;
  return mixSafely([...results, otherwise].map((result) => kindOf(result, scope)));
}

function holdsForOperator(node: SyntaxNode, view: View): boolean {
  const children = nodesAt(node, "children");
  const mixes = (): boolean => mixSafely(children.map((child) => kindOf(child, view.context.scope)));
  switch (textAt(node, "type")) {
    case "OPERATOR_IS_NULL":
    case "OPERATOR_IS_NOT_NULL":
    case "GROUPING_FUNCTION":
      return true;
    case "OPERATOR_NOT":
      return allHold(children, view);
    case "OPERATOR_COALESCE":
      return children.some((child) => holds(child, view)) && mixes();
    case "COMPARE_IN":
    case "COMPARE_NOT_IN":
      return allHold(children, view) && mixes();
    default:
      return false;
  }
}

function holdsForFunction(node: SyntaxNode, view: View): boolean {
  const { scope } = view.context;
  const name = functionName(node);
  const children = nodesAt(node, "children");
  if (neverNullFunctions.has(name)) return true;
  const kinds = children.map((child) => kindOf(child, scope));
  if (kinds.includes(undefined)) return false;
  if (name === "||") return allHold(children, view) && mixSafely(kinds);
  const gives = totalFunctions.get(name);
  if (gives === undefined) return false;
  // Text functions read JSON as text; any other would cast it, and JSON null is NULL then.
  if (kinds.includes("json") && !(gives === "text" && kinds.every((kind) => kind !== "other"))) return false;
  return anyArgumentFunctions.has(name) ? children.some((child) => holds(child, view)) : allHold(children, view);
}

function holdsForAggregate(node: SyntaxNode, view: View): boolean {
  const { grouping } = view.context;
  const name = functionName(node);
  if (neverNullAggregates.has(name)) return true;
  if (!grouping.hasRows || nodeAt(node, "filter") !== undefined) return false;
  if (rowAggregates.has(name)) return true;
  return (
    totalAggregates.has(name) &&
    allHold(nodesAt(node, "children"), { ...view, level: "row", branch: new Set<number>() })
  );
}

function holdsForWindow(node: SyntaxNode, view: View): boolean {
  const name = functionName(node);
  // Rows that QUALIFY takes away are still seen by a window function.
  const inside: View = { ...view, level: "group", branch: new Set<number>() };
  const children = nodesAt(node, "children");
  switch (textAt(node, "type")) {
    case "WINDOW_ROW_NUMBER":
    case "WINDOW_RANK":
    case "WINDOW_RANK_DENSE":
    case "WINDOW_PERCENT_RANK":
    case "WINDOW_CUME_DIST":
      return true;
    case "WINDOW_NTILE":
      return (integerOf(children[0]) ?? 0) > 0;
    case "WINDOW_LAG":
    case "WINDOW_LEAD": {
      const offset = nodeAt(node, "offset_expr");
      const standIn = nodeAt(node, "default_expr");
      const isFixed = offset === undefined || integerOf(offset) !== undefined;
      const parts = standIn === undefined ? [] : [...children, standIn];
      if (!isFixed || parts.length === 0 || !allHold(parts, inside)) return false;
      return mixSafely(parts.map((part) => kindOf(part, view.context.scope)));
    }
    case "WINDOW_FIRST_VALUE":
    case "WINDOW_LAST_VALUE":
      return frameHasOwnRow(node) && allHold(children, inside);
    case "WINDOW_AGGREGATE":
      if (neverNullAggregates.has(name)) return true;
      if (!frameHasOwnRow(node)) return false;
      return rowAggregates.has(name) || (totalAggregates.has(name) && allHold(children, inside));
    default:
      return false;
  }
}

/** Whether the frame of each row has that row, so that it is never empty. */
function frameHasOwnRow(node: SyntaxNode): boolean {
  const start = textAt(node, "start");
  const end = textAt(node, "end");
  const exclude = textAt(node, "exclude_clause");
  if (nodeAt(node, "filter_expr") !== undefined || (exclude !== "" && exclude !== "NO_OTHER")) return false;
  const isPast = (bound: SyntaxNode | undefined): boolean => (integerOf(bound) ?? -1) >= 0;
  const startsBefore =
    /^(UNBOUNDED_PRECEDING|CURRENT_ROW)/.test(start) ||
    (start.startsWith("EXPR_PRECEDING") && isPast(nodeAt(node, "start_expr")));
  const endsAfter =
    /^(UNBOUNDED_FOLLOWING|CURRENT_ROW)/.test(end) ||
    (end.startsWith("EXPR_FOLLOWING") && isPast(nodeAt(node, "end_expr")));
  return startsBefore && endsAfter;
}

function holdsForSubquery(node: SyntaxNode, view: View): boolean {
  const type = textAt(node, "subquery_type");
  if (type === "EXISTS" || type === "NOT_EXISTS") return true;
  if (type !== "SCALAR") return false;
  const shape = view.context.scope.analysis.subquery(node);
  return shape?.isOneRow === true && shape.columns[0]?.nonNull === true && shape.gap === undefined;
}
