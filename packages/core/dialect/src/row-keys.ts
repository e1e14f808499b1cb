import { idOf } from "./expression-id.ts";
import { kindOf } from "./expression-kind.ts";
import { givesOneRow, modifiersOf } from "./limit-order.ts";
import type { Column, Scope } from "./scope.ts";
import { itemId } from "./select-list.ts";
import type { SelectItem } from "./select-list.ts";
import type { SelectContext } from "./select-context.ts";
import { integerOf, nodeAt, nodesAt, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** Keys that `row_number() … = 1` makes, in WHERE over a column that numbers rows or in QUALIFY. */
export function firstNumberedKeys(condition: SyntaxNode | undefined, scope: Scope): readonly ReadonlySet<number>[] {
  return conjuncts(condition).flatMap((part) => {
    if (textAt(part, "type") !== "COMPARE_EQUAL") return [];
    const sides = [nodeAt(part, "left"), nodeAt(part, "right")].filter((side) => side !== undefined);
    if (!sides.some((side) => integerOf(side) === 1)) return [];
    return sides.flatMap((side) => numberedWithin(side, scope) ?? []);
  });
}

function numberedWithin(side: SyntaxNode, scope: Scope): ReadonlySet<number> | undefined {
  const partition = partitionIds(side, scope);
  if (partition !== undefined) return new Set(partition);
  if (textAt(side, "class") !== "COLUMN_REF") return undefined;
  const resolution = scope.resolve(side);
  if (resolution.kind === "alias") {
    return scope.throughAlias(resolution.expression, (expression) => numberedWithin(expression, scope), undefined);
  }
  if (resolution.kind !== "column" || resolution.isOuter) return undefined;
  const { column } = resolution;
  const relation = scope.relations.find(({ columns }) => columns.includes(column));
  // Beside another table a row of this one may stand several times.
  if (relation === undefined || scope.relations.length > 1) return undefined;
  const numbers = column.numbers?.map((index) => relation.columns[index]?.id);
  return numbers === undefined ? undefined : new Set(numbers.flatMap((id) => id ?? []));
}

/** Ids of what `row_number() OVER (PARTITION BY …)` counts within. */
export function partitionIds(node: SyntaxNode, scope: Scope): readonly number[] | undefined {
  if (textAt(node, "type") !== "WINDOW_ROW_NUMBER") return undefined;
  return nodesAt(node, "partitions").map((part) => idOf(part, scope));
}

/** Columns that WHERE compares with one value. */
export function constantColumns(where: SyntaxNode | undefined, scope: Scope): ReadonlySet<number> {
  const ids = conjuncts(where).flatMap((part) => {
    if (textAt(part, "type") !== "COMPARE_EQUAL") return [];
    const [left, right] = [nodeAt(part, "left"), nodeAt(part, "right")];
    if (left === undefined || right === undefined) return [];
    return [fixedColumn(left, right, scope), fixedColumn(right, left, scope)].flatMap((column) => column?.id ?? []);
  });
  return new Set(ids);
}

function fixedColumn(side: SyntaxNode, value: SyntaxNode, scope: Scope): Column | undefined {
  if (textAt(side, "class") !== "COLUMN_REF") return undefined;
  const resolution = scope.resolve(side);
  if (resolution.kind !== "column" || resolution.isOuter) return undefined;
  const inner = textAt(value, "class") === "CAST" ? nodeAt(value, "child") : value;
  if (inner === undefined || !/^(CONSTANT|PARAMETER)$/.test(textAt(inner, "class"))) return undefined;
  // A text column beside a number is cast to it, and '1' and '01' are one number.
  const own = resolution.column.kind;
  const isCast =
    (own === "text" || own === "json" || own === undefined) && !/^(text|untyped)$/.test(kindOf(value, scope) ?? "");
  return isCast ? undefined : resolution.column;
}

function conjuncts(condition: SyntaxNode | undefined): readonly SyntaxNode[] {
  if (condition === undefined) return [];
  return textAt(condition, "type") === "CONJUNCTION_AND"
    ? nodesAt(condition, "children").flatMap(conjuncts)
    : [condition];
}

/** Keys of the rows that come out, by index of the select list. */
export function outputKeys(
  query: SyntaxNode,
  items: readonly SelectItem[],
  { context, distinctOn }: { readonly context: SelectContext; readonly distinctOn: readonly SyntaxNode[] },
): readonly (readonly number[])[] {
  if (givesOneRow(query)) return [[]];
  const ids = items.map((item) => itemId(item, context.scope));
  const firstGap = items.findIndex(({ kind }) => kind === "gap");
  const keys: (readonly number[])[] = [];
  for (const key of [
    ...context.keys,
    ...(distinctOn.length > 0 ? [distinctOn.map((target) => idOf(target, context.scope))] : []),
  ]) {
    const places = [...key].filter((id) => !context.constants.has(id)).map((id) => ids.indexOf(id));
    if (places.every((index) => index >= 0 && (firstGap < 0 || index < firstGap))) keys.push(places);
  }
  const { distinct } = modifiersOf(query);
  if (distinct !== undefined && distinctOn.length === 0 && firstGap < 0) keys.push(items.map((_, index) => index));
  return keys;
}
