import { exactnessOf, sumMessage } from "./aggregate-order.ts";
import { Cover, isPeerAggregate, isWholePartition } from "./determined.ts";
import { idOf } from "./expression-id.ts";
import { argumentAggregates, orderedAggregates, tieProofWindows } from "./function-catalog.ts";
import type { Column } from "./scope.ts";
import type { SelectContext } from "./select-context.ts";
import { functionName, nodesAt, orderExpressions, partsOf, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** What comes out of a SELECT: expressions, and columns that `*` brings. */
export interface SelectOutput {
  readonly expressions: readonly SyntaxNode[];
  readonly columns: readonly Column[];
  /** `*` brings columns that are not known. */
  readonly isOpen: boolean;
}

/** Reports window functions whose value depends on how rows that tie are ordered. */
export function reportWindows(output: SelectOutput, context: SelectContext): void {
  const windows = output.expressions.flatMap(windowsIn);
  const sensitive = new Set(windows.filter((node) => isTieSensitive(node, context)));
  let equalTies: boolean | undefined;
  for (const node of windows) {
    const cover = new Cover(context, frameOrder(node));
    const isTotal = cover.coversKey(context.keys);
    if (sensitive.has(node) && !isTotal) {
      equalTies ??= tiesComeOutEqual(output, [...sensitive], context);
      if (!equalTies) {
        reportWindow(node, context);
        continue;
      }
    }
    const exactness = textAt(node, "type") === "WINDOW_AGGREGATE" ? exactnessOf(node, context) : "exact";
    // A whole partition is added up in parallel, whatever its order.
    if (exactness === "exact" || (isTotal && !isWholePartition(node))) continue;
    const name = functionName(node);
    const message = `${sumMessage(name, exactness)} Cast to DECIMAL.`;
    context.scope.analysis.report({ kind: "float_sum", what: name, message }, node);
  }
}

/** The window functions of an expression. One inside another does not bind. */
export function windowsIn(root: SyntaxNode): readonly SyntaxNode[] {
  const windows: SyntaxNode[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (textAt(node, "class") === "WINDOW") windows.push(node);
    else pending.push(...partsOf(node).expressions.toReversed());
  }
  return windows;
}

function isTieSensitive(node: SyntaxNode, context: SelectContext): boolean {
  const name = functionName(node);
  if (textAt(node, "type") !== "WINDOW_AGGREGATE") return !tieProofWindows.has(name);
  if (!isPeerAggregate(node)) return true;
  if (!orderedAggregates.has(name) && !argumentAggregates.has(name)) return false;
  return !argumentsAreDetermined(node, new Cover(context, frameOrder(node)));
}

function argumentsAreDetermined(node: SyntaxNode, cover: Cover): boolean {
  return nodesAt(node, "children").every((child) => cover.determines(child));
}

/** What the rows that a window function sees are told apart by. */
function frameOrder(node: SyntaxNode): readonly SyntaxNode[] {
  const own = orderExpressions(nodesAt(node, "arg_orders"));
  const order = orderExpressions(nodesAt(node, "orders"));
  return [...nodesAt(node, "partitions"), ...(own.length > 0 ? own : order)];
}

function frameText(node: SyntaxNode, { scope }: SelectContext): string {
  const ids = frameOrder(node).map((part) => idOf(part, scope));
  const orders = [...nodesAt(node, "orders"), ...nodesAt(node, "arg_orders")];
  return JSON.stringify([ids, orders.map((order) => [order["type"], order["null_order"]])]);
}

/**
 * Whether ORDER BY names everything that comes out, so that rows that tie are alike and it does not matter which gets a
 * number: `SELECT a, b, row_number() OVER (ORDER BY a, b)`. Two numberings by different orders can pair in any way.
 */
function tiesComeOutEqual(output: SelectOutput, sensitive: readonly SyntaxNode[], context: SelectContext): boolean {
  const [first] = sensitive;
  if (first === undefined || output.isOpen || !hasOrder(first)) return false;
  if (new Set(sensitive.map((node) => frameText(node, context))).size > 1) return false;
  const cover = new Cover(context, frameOrder(first));
  if (!sensitive.every((node) => argumentsAreDetermined(node, cover))) return false;
  const ids = sensitive.map((node) => idOf(node, context.scope));
  const withNumbers = new Cover(context, frameOrder(first), ids);
  const shown = new Set([
    ...output.columns.map(({ id }) => id),
    ...output.expressions.map((root) => idOf(root, context.scope)),
  ]);
  return (
    frameOrder(first).every((part) => shown.has(idOf(part, context.scope))) &&
    output.columns.every(({ id }) => cover.has(id)) &&
    output.expressions.every((root) => withNumbers.determines(root))
  );
}

function hasOrder(node: SyntaxNode): boolean {
  return nodesAt(node, "orders").length > 0 || nodesAt(node, "arg_orders").length > 0;
}

function reportWindow(node: SyntaxNode, context: SelectContext): void {
  const name = functionName(node);
  const message = hasOrder(node)
    ? `${name}() is given by an ORDER BY that nothing shows to be unique: rows that tie can swap from one run to the next. Add a unique key to its ORDER BY.`
    : `${name}() has no ORDER BY: its value depends on the order in which rows come. Add ORDER BY with a unique key.`;
  context.scope.analysis.report({ kind: "window", what: name, message }, node);
}
