import type { Place } from "./analysis.ts";
import { visitExpression } from "./expression-visit.ts";
import { kindOf } from "./expression-kind.ts";
import { isNonNull } from "./non-null.ts";
import { Scope } from "./scope.ts";
import type { Column } from "./scope.ts";
import { ungrouped } from "./select-context.ts";
import type { SelectContext } from "./select-context.ts";
import type { OutputColumn, QueryShape } from "./shape.ts";
import { nodesOf } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { combineKinds, mixSafely } from "./value-kind.ts";

/** Reads VALUES: a column is non-null where it is in every row. */
export function readValues(node: SyntaxNode, place: Place): QueryShape {
  const scope = new Scope(place.analysis, { relations: [], merged: new Map<string, Column>() }, place.outer);
  const context = withoutFacts(scope);
  const columns: OutputColumn[] = [];
  const rows = rowsOf(node);
  for (const [rowIndex, row] of rows.entries()) {
    for (const [index, value] of row.entries()) {
      visitExpression(value, scope, place);
      const known = columns[index];
      const kind = kindOf(value, scope);
      const nonNull = isNonNull(value, context, "row") && (known === undefined || mixSafely([known.kind, kind]));
      columns[index] =
        known === undefined && rowIndex === 0
          ? { name: `col${index}`, nonNull, kind }
          : {
              name: `col${index}`,
              nonNull: nonNull && known?.nonNull === true,
              kind: combineKinds([known?.kind, kind]),
            };
    }
  }
  return { columns, keys: rows.length === 1 ? [[]] : [], isOneRow: rows.length === 1 };
}

/** A scope of whose rows nothing is known. */
export function withoutFacts(scope: Scope): SelectContext {
  const none: ReadonlySet<number> = new Set<number>();
  return {
    scope,
    grouping: ungrouped,
    where: none,
    having: none,
    qualify: none,
    constants: none,
    keys: [],
    sourceKeys: [],
  };
}

function rowsOf(node: SyntaxNode): readonly (readonly SyntaxNode[])[] {
  const rows = node["values"];
  if (!Array.isArray(rows)) return [];
  return rows.map((row: unknown) => (Array.isArray(row) ? nodesOf(row) : []));
}
