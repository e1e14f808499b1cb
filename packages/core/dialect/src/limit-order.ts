import { Cover } from "./determined.ts";
import type { SelectContext } from "./select-context.ts";
import { integerOf, isConstantNull, nodeAt, nodesAt, orderExpressions, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import type { SelectOutput } from "./window-order.ts";

/** What stands behind a SELECT or a set operation: DISTINCT, ORDER BY, LIMIT. */
export interface Modifiers {
  readonly distinct: SyntaxNode | undefined;
  /** Columns of DISTINCT ON; empty for plain DISTINCT. */
  readonly distinctOn: readonly SyntaxNode[];
  readonly order: readonly SyntaxNode[];
  readonly limit: SyntaxNode | undefined;
}

export function modifiersOf(query: SyntaxNode): Modifiers {
  const modifiers = nodesAt(query, "modifiers");
  const find = (pattern: RegExp): SyntaxNode | undefined =>
    modifiers.find((modifier) => pattern.test(textAt(modifier, "type")));
  const distinct = find(/^DISTINCT_MODIFIER$/);
  const order = find(/^ORDER_MODIFIER$/);
  return {
    distinct,
    distinctOn: distinct === undefined ? [] : nodesAt(distinct, "distinct_on_targets"),
    order: order === undefined ? [] : orderExpressions(nodesAt(order, "orders")),
    limit: find(/^LIMIT(_PERCENT)?_MODIFIER$/),
  };
}

/** An expression of ORDER BY, GROUP BY or DISTINCT ON, where a whole number stands for an item of the select list. */
export function itemOf(expression: SyntaxNode, items: readonly SyntaxNode[]): SyntaxNode {
  const position = integerOf(expression);
  return (position === undefined ? undefined : items[position - 1]) ?? expression;
}

/** Reports LIMIT, OFFSET and DISTINCT ON over rows whose order is not total. */
export function reportChoices(
  query: SyntaxNode,
  output: SelectOutput & { readonly order: readonly SyntaxNode[]; readonly distinctOn: readonly SyntaxNode[] },
  context: SelectContext,
): void {
  const { limit, distinct } = modifiersOf(query);
  const isDistinct = distinct !== undefined && output.distinctOn.length === 0;
  const { analysis } = context.scope;
  const isOrdered = output.order.length > 0;
  if (output.distinctOn.length > 0 && !isTotal([...output.distinctOn, ...output.order], output, context)) {
    const message = `DISTINCT ON takes one row of each group, by ${isOrdered ? "an ORDER BY that nothing shows to be unique" : "no order"}. Add ORDER BY with a unique key.`;
    analysis.report({ kind: "distinct_on", what: "distinct on", message }, output.distinctOn[0]);
  }
  if (limit === undefined || !limits(limit)) return;
  const cover = new Cover(context, output.order);
  // DISTINCT ON leaves one row for each value of its targets.
  if (output.distinctOn.length > 0 && output.distinctOn.every((target) => cover.determines(target))) return;
  const order = isDistinct ? shownOrder(output, context) : output.order;
  if (isTotal(order, output, isDistinct ? { ...context, keys: [] } : context)) return;
  const what = nodeAt(limit, "limit") === undefined ? "offset" : "limit";
  const why = isOrdered
    ? "an ORDER BY that nothing shows to be unique: rows that tie at the edge can swap"
    : "no ORDER BY: which rows it keeps depends on the order in which they come";
  analysis.report(
    {
      kind: "limit",
      what,
      message: `${what.toUpperCase()} with ${why}. Write ORDER BY with a unique key, or ORDER BY ALL.`,
    },
    nodeAt(limit, what),
  );
}

/**
 * The part of an order that plain DISTINCT leaves standing: rows that it makes one may differ in what is not shown, and
 * which of them lends its value is not fixed.
 */
function shownOrder(
  output: SelectOutput & { readonly order: readonly SyntaxNode[] },
  context: SelectContext,
): readonly SyntaxNode[] {
  const ids = output.columns.map(({ id }) => id);
  const shown = new Cover(context, output.expressions, ids);
  const hidden = output.order.findIndex(
    (expression) => textAt(expression, "class") !== "STAR" && !shown.determines(expression),
  );
  return hidden < 0 ? output.order : output.order.slice(0, hidden);
}

/** Whether an order leaves no two different rows beside each other. */
function isTotal(order: readonly SyntaxNode[], output: SelectOutput, context: SelectContext): boolean {
  // ORDER BY ALL
  if (order.some((expression) => textAt(expression, "class") === "STAR")) return true;
  const cover = new Cover(context, order);
  if (cover.coversKey(context.keys)) return true;
  if (output.isOpen || !output.columns.every(({ id }) => cover.has(id))) return false;
  return output.expressions.every((expression) => cover.determines(expression));
}

/** `LIMIT ALL`, `LIMIT 0` and `OFFSET 0` choose nothing. */
function limits(modifier: SyntaxNode): boolean {
  const limit = nodeAt(modifier, "limit");
  const offset = nodeAt(modifier, "offset");
  if (limit !== undefined && integerOf(limit) === 0) return false;
  const skips = offset !== undefined && !isConstantNull(offset) && integerOf(offset) !== 0;
  return skips || (limit !== undefined && !isConstantNull(limit));
}

/** `LIMIT 1`: at most one row. */
export function givesOneRow(query: SyntaxNode): boolean {
  const { limit } = modifiersOf(query);
  const rows = limit === undefined ? undefined : integerOf(nodeAt(limit, "limit"));
  return limit !== undefined && textAt(limit, "type") === "LIMIT_MODIFIER" && rows !== undefined && rows <= 1;
}
