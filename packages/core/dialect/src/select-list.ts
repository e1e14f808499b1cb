import { idOf } from "./expression-id.ts";
import type { Column, Scope } from "./scope.ts";
import { starOf } from "./source.ts";
import type { Source } from "./source.ts";
import { asNode, expressionsBelow, foldName, functionName, nodeAt, nodesAt, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { rowMultipliers } from "./function-catalog.ts";

/** One entry of a select list, with `*` taken apart. A gap stands for an unknown number of columns. */
export type SelectItem =
  | { readonly kind: "column"; readonly column: Column; readonly name: string | undefined }
  | { readonly kind: "expression"; readonly expression: SyntaxNode; readonly name: string | undefined }
  | { readonly kind: "gap"; readonly expression: SyntaxNode };

/** Takes a select list apart. */
export function readSelectList(items: readonly SyntaxNode[], source: Source): readonly SelectItem[] {
  return items.flatMap((item): readonly SelectItem[] => {
    if (textAt(item, "class") === "STAR") return readStar(item, source);
    // `COLUMNS(…) + 1` is as many columns as it matches, and unnest() of a struct as many as it has.
    const parts = [...expressionsBelow(item)];
    const isMany = parts.some((part) => textAt(part, "class") === "STAR" || functionName(part) === "unnest");
    return isMany
      ? [{ kind: "gap", expression: item }]
      : [{ kind: "expression", expression: item, name: nameOf(item) }];
  });
}

/** Whether a select list makes several rows of one. */
export function multipliesRows(items: readonly SyntaxNode[]): boolean {
  return items.some((item) => [...expressionsBelow(item)].some((part) => rowMultipliers.has(functionName(part))));
}

/** Id of what an item gives. */
export function itemId(item: SelectItem, scope: Scope): number | undefined {
  if (item.kind === "gap") return undefined;
  return item.kind === "column" ? item.column.id : idOf(item.expression, scope);
}

/** Alias, or the last part of a column's name; undefined where DuckDB writes the expression out. */
function nameOf(item: SyntaxNode): string | undefined {
  const alias = textAt(item, "alias");
  if (alias !== "") return alias;
  return textAt(item, "class") === "COLUMN_REF" ? textsAt(item, "column_names").at(-1) : undefined;
}

/** `*` and `t.*` with EXCLUDE, REPLACE and RENAME. */
function readStar(item: SyntaxNode, source: Source): readonly SelectItem[] {
  const gap: SelectItem = { kind: "gap", expression: item };
  const qualifier = foldName(textAt(item, "relation_name"));
  if (item["columns"] === true || nodeAt(item, "expr") !== undefined) return [gap];
  const relations = source.relations.filter(({ alias }) => alias === qualifier);
  const [relation] = relations;
  // `s.*` of a struct column is not a relation, and two relations of one name cannot be told apart.
  if (qualifier !== "" && (relation === undefined || relations.length > 1)) return [gap];
  const columns = qualifier === "" || relation === undefined ? source.star : starOf(relation);
  const excluded = new Set(textsAt(item, "exclude_list").map(foldName));
  // `EXCLUDE (t.a)` names one of several columns `a`.
  const excludesQualified = nodesAt(item, "qualified_exclude_list").map((entry) => ({
    table: foldName(textAt(entry, "table")),
    column: foldName(textAt(entry, "column")),
  }));
  const isExcluded = (column: Column): boolean =>
    excluded.has(column.name) ||
    excludesQualified.some(
      ({ table, column: name }) =>
        name === column.name &&
        source.relations.some(({ alias, columns: own }) => alias === table && own.includes(column)),
    );
  const replaced = new Map(
    nodesAt(item, "replace_list").map((entry) => [foldName(textAt(entry, "key")), nodeAt(entry, "value")]),
  );
  const renamed = new Map(
    nodesAt(item, "rename_list").map((entry) => [
      foldName(textAt(asNode(entry["key"]) ?? {}, "column")),
      textAt(entry, "value"),
    ]),
  );
  return columns.flatMap((column): readonly SelectItem[] => {
    if (column === "gap") return [gap];
    if (isExcluded(column)) return [];
    const name = renamed.get(column.name) ?? (column.name === "" ? undefined : column.name);
    const expression = replaced.get(column.name);
    return expression === undefined ? [{ kind: "column", column, name }] : [{ kind: "expression", expression, name }];
  });
}
