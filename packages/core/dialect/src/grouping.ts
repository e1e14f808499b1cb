import { idOf } from "./expression-id.ts";
import { aggregates } from "./function-catalog.ts";
import { itemOf, modifiersOf } from "./limit-order.ts";
import type { Scope } from "./scope.ts";
import { itemId } from "./select-list.ts";
import type { SelectItem } from "./select-list.ts";
import { ungrouped } from "./select-context.ts";
import type { Grouping } from "./select-context.ts";
import { functionName, nodeAt, nodesAt, partsOf, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** Reads GROUP BY: keys, grouping sets, GROUP BY ALL, and aggregates without any of them. */
export function readGrouping(query: SyntaxNode, items: readonly SelectItem[], scope: Scope): Grouping {
  const list = nodesAt(query, "select_list");
  const behind = [nodeAt(query, "having"), nodeAt(query, "qualify"), ...modifiersOf(query).order].filter(
    (part) => part !== undefined,
  );
  const written = nodesAt(query, "group_expressions").map((key) => itemOf(key, list));
  if (textAt(query, "aggregate_handling") === "FORCE_AGGREGATES") return groupByAll(items, behind, scope);
  if (written.length === 0) {
    const isGrouped =
      groupSetsOf(query).length > 0 || nodeAt(query, "having") !== undefined || [...list, ...behind].some(hasAggregate);
    return isGrouped ? { ...ungrouped, isGrouped: true } : ungrouped;
  }
  const keys = written.map((key) => idOf(key, scope));
  const sets = groupSetsOf(query);
  // A tree without empty fields has lost `()` among the sets.
  const isBlind = !Array.isArray(query["modifiers"]) && scope.analysis.hasGroupingSets;
  const partial = new Set(keys.filter((_, index) => isBlind || !sets.every((set) => set.includes(index))));
  return {
    isGrouped: true,
    keys,
    isComplete: partial.size === 0 && sets.length === 1 && !isBlind,
    partial,
    hasRows: !isBlind && sets.length > 0 && sets.every((set) => set.some((index) => hasColumn(written[index], scope))),
  };
}

/** GROUP BY ALL: by every item that has no aggregate. Only constants: one group, also over no rows. */
function groupByAll(items: readonly SelectItem[], behind: readonly SyntaxNode[], scope: Scope): Grouping {
  const keys = items.filter(
    (item) =>
      item.kind === "column" ||
      (item.kind === "expression" && !hasAggregate(item.expression) && hasColumn(item.expression, scope)),
  );
  const ids = new Set(keys.flatMap((item) => itemId(item, scope) ?? []));
  // `x + sum(y)` and HAVING x > 1 add keys that are no items.
  const further = [...behind, ...items.flatMap((item) => (item.kind === "column" ? [] : [item.expression]))];
  const isMixed = further.some((expression) => hasColumn(expression, scope, ids));
  return {
    isGrouped: true,
    keys: [...ids],
    isComplete: !isMixed && !items.some(({ kind }) => kind === "gap"),
    partial: new Set<number>(),
    hasRows: keys.length > 0,
  };
}

function groupSetsOf(query: SyntaxNode): readonly (readonly number[])[] {
  const sets = query["group_sets"];
  return Array.isArray(sets) ? sets.filter((set: unknown): set is number[] => Array.isArray(set)) : [];
}

function hasAggregate(root: SyntaxNode): boolean {
  return someBelow(root, (node) => (isAggregate(node) ? true : undefined));
}

/** Whether a column of this query stands in an expression outside its aggregates and outside of what has these ids. */
function hasColumn(root: SyntaxNode | undefined, scope: Scope, apart?: ReadonlySet<number>): boolean {
  if (root === undefined) return false;
  return someBelow(root, (node) => {
    if (isAggregate(node) || apart?.has(idOf(node, scope)) === true) return false;
    if (textAt(node, "class") !== "COLUMN_REF") return undefined;
    const resolution = scope.resolve(node);
    if (resolution.kind === "alias") {
      return scope.throughAlias(resolution.expression, (expression) => hasColumn(expression, scope, apart), false);
    }
    return resolution.kind === "field" || (resolution.kind === "column" && !resolution.isOuter);
  });
}

function isAggregate(node: SyntaxNode): boolean {
  return textAt(node, "class") === "FUNCTION" && aggregates.has(functionName(node));
}

/** Asks every expression until one says true; `false` leaves out what is below. */
function someBelow(root: SyntaxNode, ask: (node: SyntaxNode) => boolean | undefined): boolean {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const answer = ask(node);
    if (answer === true) return true;
    if (answer === undefined) pending.push(...partsOf(node).expressions);
  }
  return false;
}
