import { Cover } from "./determined.ts";
import { kindOf } from "./expression-kind.ts";
import {
  aggregates,
  argumentAggregates,
  doubleSums,
  inexactAggregates,
  orderedAggregates,
  orderErasing,
  sums,
} from "./function-catalog.ts";
import type { SelectContext } from "./select-context.ts";
import { aggregateOrders, expressionsBelow, functionName, nodesAt, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import type { ValueKind } from "./value-kind.ts";

/** Whether adding values up in another order gives another result. */
export type Exactness = "exact" | "floating" | "unknown";

/** Reports aggregates in these expressions whose result depends on the order of the rows of a group. */
export function reportAggregates(roots: readonly SyntaxNode[], context: SelectContext): void {
  for (const root of roots) {
    const inOrder = new Set<SyntaxNode | undefined>();
    for (const node of expressionsBelow(root)) {
      const name = functionName(node);
      // `list(x ORDER BY x)` comes from the parser as list_sort(list(x)).
      if (orderErasing.has(name)) inOrder.add(nodesAt(node, "children")[0]);
      const isList = name === "list" || name === "array_agg";
      if (textAt(node, "class") !== "FUNCTION" || !aggregates.has(name) || (isList && inOrder.has(node))) continue;
      reportAggregate(node, context);
    }
  }
}

function reportAggregate(node: SyntaxNode, context: SelectContext): void {
  const name = functionName(node);
  const exactness = exactnessOf(node, context);
  const isOrdered = orderedAggregates.has(name) || argumentAggregates.has(name);
  if (!isOrdered && exactness === "exact") return;
  const groups = new Cover(context, [], context.grouping.keys);
  // One row a group: nothing to order.
  if (context.grouping.isComplete && groups.coversKey(context.sourceKeys)) return;
  const children = nodesAt(node, "children");
  // Every row of the group brings the same.
  if (isOrdered && children.every((child) => groups.determines(child))) return;
  if (isOrderGiven(node, context)) return;
  if (argumentAggregates.has(name)) {
    const [value, ...by] = children;
    const ties = new Cover(context, by.flatMap(parts), context.grouping.keys);
    if (ties.coversKey(context.sourceKeys) || (value !== undefined && ties.determines(value))) return;
  }
  const { analysis } = context.scope;
  const remedy = `Cast to DECIMAL, or write ${name}(x ORDER BY key) with a unique key.`;
  if (isOrdered) analysis.report({ kind: "aggregate", what: name, message: orderedMessage(name) }, node);
  else analysis.report({ kind: "float_sum", what: name, message: `${sumMessage(name, exactness)} ${remedy}` }, node);
}

/** Whether a sum of these arguments depends on the order in which they come. */
export function exactnessOf(node: SyntaxNode, { scope }: SelectContext): Exactness {
  const name = functionName(node);
  if (inexactAggregates.has(name)) return "floating";
  const inexact: readonly ValueKind[] = doubleSums.has(name) ? ["float", "decimal"] : sums.has(name) ? ["float"] : [];
  if (inexact.length === 0) return "exact";
  const kinds = nodesAt(node, "children").map((child) => kindOf(child, scope));
  if (kinds.some((kind) => kind !== undefined && inexact.includes(kind))) return "floating";
  return kinds.includes(undefined) ? "unknown" : "exact";
}

/**
 * Whether ORDER BY inside an aggregate fixes its result.
 *
 * It counts as unique unless something shows that it is not: it is the same in the whole group, it is BOOLEAN, or keys of
 * the rows are known and it is none of them.
 */
function isOrderGiven(node: SyntaxNode, context: SelectContext): boolean {
  const orders = aggregateOrders(node);
  if (orders.length === 0) return false;
  if (orders.some((order) => textAt(order, "class") === "STAR")) return true;
  const cover = new Cover(context, orders, context.grouping.keys);
  if (nodesAt(node, "children").every((child) => cover.determines(child))) return true;
  if (context.sourceKeys.length > 0) return cover.coversKey(context.sourceKeys);
  const groups = new Cover(context, [], context.grouping.keys);
  return orders.some((order) => !groups.determines(order) && kindOf(order, context.scope) !== "boolean");
}

/** `arg_max(x, (day, id))` ties only where both do. */
function parts(node: SyntaxNode): readonly SyntaxNode[] {
  return /^(row|struct_pack)$/.test(functionName(node)) ? nodesAt(node, "children") : [node];
}

function orderedMessage(name: string): string {
  if (argumentAggregates.has(name)) {
    return `${name}() takes one of the rows that tie, by the order in which they come. Compare by a unique key too, such as ${name}(x, (by, id)).`;
  }
  if (name.startsWith("json_group"))
    return `${name}() keeps rows in the order in which they come. Use to_json(list(x ORDER BY key)).`;
  const instead = /^(any_value|arbitrary|first|last)$/.test(name) ? ", or use min() or max()" : "";
  return `${name}() depends on the order in which rows come, which nothing fixes. Write ${name}(x ORDER BY key) with a unique key${instead}.`;
}

/** What is wrong with a sum, without what to do about it. */
export function sumMessage(name: string, exactness: Exactness): string {
  const what =
    exactness === "floating" ? "adds floating numbers" : "may add floating numbers (their type is not known)";
  return `${name}() ${what}: the last digits change with the order of rows.`;
}
