import type { Place } from "./analysis.ts";
import { reportAggregates } from "./aggregate-order.ts";
import { visitExpression } from "./expression-visit.ts";
import { kindOf } from "./expression-kind.ts";
import { readSource, reportSample } from "./from-clause.ts";
import { readGrouping } from "./grouping.ts";
import { itemOf, modifiersOf, reportChoices } from "./limit-order.ts";
import { isNonNull } from "./non-null.ts";
import { nonNullWhen } from "./null-rejection.ts";
import { constantColumns, firstNumberedKeys, outputKeys, partitionIds } from "./row-keys.ts";
import { Scope } from "./scope.ts";
import type { Column } from "./scope.ts";
import { itemId, multipliesRows, readSelectList } from "./select-list.ts";
import type { SelectItem } from "./select-list.ts";
import type { SelectContext } from "./select-context.ts";
import type { OutputColumn, QueryShape } from "./shape.ts";
import { nodeAt, nodesAt, partsAt, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { reportWindows, windowsIn } from "./window-order.ts";
import type { SelectOutput } from "./window-order.ts";

/** Reads one SELECT: its columns, what makes its rows unique, and what in it depends on order. */
export function readSelect(query: SyntaxNode, place: Place): QueryShape {
  const { analysis } = place;
  const source = readSource(nodeAt(query, "from_table"), place);
  const scope = new Scope(analysis, source, place.outer);
  const list = nodesAt(query, "select_list");
  scope.addAliases(list);
  const modifiers = modifiersOf(query);
  const [where, having, qualify] = [nodeAt(query, "where_clause"), nodeAt(query, "having"), nodeAt(query, "qualify")];
  const order = modifiers.order.map((expression) => aliasFirst(itemOf(expression, list), scope));
  const distinctOn = modifiers.distinctOn.map((expression) => itemOf(expression, list));
  const limits = partsAt(modifiers.limit, "limit", "offset");
  const groups = nodesAt(query, "group_expressions");
  const others = [where, having, qualify, ...groups, ...modifiers.order, ...modifiers.distinctOn, ...limits];
  for (const expression of [...list, ...others])
    if (expression !== undefined) visitExpression(expression, scope, place);
  reportSample(nodeAt(query, "sample"), nodeAt(query, "from_table"), analysis);

  const items = readSelectList(list, source);
  const grouping = readGrouping(query, items, scope);
  const sourceKeys = [...source.keys, ...firstNumberedKeys(where, scope)];
  const provenBy = (condition: SyntaxNode | undefined): ReadonlySet<number> =>
    condition === undefined ? new Set<number>() : nonNullWhen(condition, "true", scope);
  const groupKeys = grouping.isComplete ? [new Set(grouping.keys)] : [];
  const context: SelectContext = {
    scope,
    grouping,
    where: provenBy(where),
    having: provenBy(having),
    qualify: provenBy(qualify),
    constants: constantColumns(where, scope),
    keys: grouping.isGrouped ? groupKeys : sourceKeys,
    sourceKeys,
  };
  const output = outputOf(items);
  const filters = [having, qualify].filter((condition) => condition !== undefined);
  const behindGroups = [...output.expressions, ...order, ...distinctOn, ...filters];
  reportAggregates(behindGroups, context);
  // LIMIT and DISTINCT ON choose rows by more than what comes out.
  const choosing =
    modifiers.limit === undefined && distinctOn.length === 0
      ? order.filter((root) => windowsIn(root).length > 0)
      : [...order, ...distinctOn];
  reportWindows({ ...output, expressions: [...output.expressions, ...filters, ...choosing] }, context);

  const isMultiplied = multipliesRows(list);
  const rowKeys = isMultiplied ? [] : [...context.keys, ...firstNumberedKeys(qualify, scope)];
  const behindWindows = { ...context, keys: rowKeys };
  // Whether there are rows does not depend on which.
  if (place.isExistence !== true) reportChoices(query, { ...output, order, distinctOn }, behindWindows);
  const isUnfiltered = having === undefined && qualify === undefined && modifiers.limit === undefined && !isMultiplied;
  const isFromNothing = textAt(nodeAt(query, "from_table") ?? {}, "type") === "EMPTY" && where === undefined;
  const isOneGroup = grouping.isGrouped && grouping.isComplete && grouping.keys.length === 0 && groups.length === 0;
  return {
    ...columnsOf(items, context),
    keys: outputKeys(query, items, { context: behindWindows, distinctOn }),
    isOneRow: isUnfiltered && (isOneGroup || (isFromNothing && !grouping.isGrouped)),
  };
}

/** ORDER BY takes an alias before a column of the same name. */
function aliasFirst(expression: SyntaxNode, scope: Scope): SyntaxNode {
  const names = textsAt(expression, "column_names");
  const isName = textAt(expression, "class") === "COLUMN_REF" && names.length === 1;
  return (isName ? scope.alias(names[0] ?? "") : undefined) ?? expression;
}

function outputOf(items: readonly SelectItem[]): SelectOutput {
  return {
    expressions: items.flatMap((item) => (item.kind === "column" ? [] : [item.expression])),
    columns: items.flatMap((item) => (item.kind === "column" ? [item.column] : [])),
    isOpen: items.some(({ kind }) => kind === "gap"),
  };
}

function columnsOf(items: readonly SelectItem[], context: SelectContext): Pick<QueryShape, "columns" | "gap"> {
  const columns: OutputColumn[] = [];
  const firstOf = new Map<number, number>();
  let gap: number | undefined;
  for (const item of items) {
    if (item.kind === "gap") {
      // Of several gaps only what stands before the first and behind the last can be told.
      if (gap !== undefined) columns.length = gap;
      gap = columns.length;
      continue;
    }
    const id = itemId(item, context.scope);
    const sameAs = id === undefined || gap !== undefined ? undefined : firstOf.get(id);
    if (id !== undefined && sameAs === undefined) firstOf.set(id, columns.length);
    columns.push({ ...columnOf(item, items, context), ...(sameAs === undefined ? {} : { sameAs }) });
  }
  return { columns, ...(gap === undefined ? {} : { gap }) };
}

function columnOf(
  item: Exclude<SelectItem, { kind: "gap" }>,
  items: readonly SelectItem[],
  context: SelectContext,
): OutputColumn {
  const { name } = item;
  if (item.kind === "column") return { name, nonNull: isColumnNonNull(item.column, context), kind: item.column.kind };
  const { expression } = item;
  const numbers = numbersOf(expression, items, context);
  const nonNull = isNonNull(expression, context, "final");
  return { name, nonNull, kind: kindOf(expression, context.scope), ...(numbers === undefined ? {} : { numbers }) };
}

function isColumnNonNull({ id, nonNull }: Column, { where, having, qualify, grouping }: SelectContext): boolean {
  if (qualify.has(id) || having.has(id)) return true;
  return !grouping.partial.has(id) && (nonNull || where.has(id));
}

/** For `row_number() OVER (PARTITION BY …)`: where its partition stands in the select list. */
function numbersOf(
  expression: SyntaxNode,
  items: readonly SelectItem[],
  { scope }: SelectContext,
): readonly number[] | undefined {
  const ids = partitionIds(expression, scope);
  if (ids === undefined || items.some(({ kind }) => kind === "gap")) return undefined;
  const places = ids.map((id) => items.findIndex((item) => itemId(item, scope) === id));
  return places.includes(-1) ? undefined : places;
}
