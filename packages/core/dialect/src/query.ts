import type { CteScope, Place } from "./analysis.ts";
import { placeInside } from "./expression-visit.ts";
import { ReadCount } from "./findings.ts";
import { readSelect } from "./select.ts";
import { readSetOperation } from "./set-operation.ts";
import { renameColumns, unknownShape } from "./shape.ts";
import type { QueryShape } from "./shape.ts";
import { foldName, nodeAt, nodesAt, queryAt, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { mixSafely } from "./value-kind.ts";

// The order of the reading: query (CTEs) -> from-clause (tables, join, values, pivot) -> select (grouping, select-list,
// row-keys) -> aggregate-order, window-order, limit-order. Subqueries come back here through `Analysis.readQuery`.

/** Reads a query of any kind, with its CTEs. */
export function readQuery(query: SyntaxNode, place: Place): QueryShape {
  const inside = readCtes(query, place);
  switch (textAt(query, "type")) {
    case "SELECT_NODE":
      return readSelect(query, inside);
    case "SET_OPERATION_NODE":
      return readSetOperation(query, inside);
    case "RECURSIVE_CTE_NODE":
      return readRecursion(query, inside);
    case "CTE_NODE": {
      const [own, child] = [nodeAt(query, "query"), nodeAt(query, "child")];
      if (child === undefined) return unknownShape;
      const ctes =
        own === undefined
          ? inside.ctes
          : define(textAt(query, "cte_name"), own, { ...inside, aliases: textsAt(query, "aliases") });
      return readQuery(child, { ...inside, ctes });
    }
    default:
      return unknownShape;
  }
}

/** Each CTE sees those before it: a name that comes later, or its own, is a table. */
function readCtes(query: SyntaxNode, place: Place): Place {
  const map = nodeAt(query, "cte_map");
  let { ctes } = place;
  for (const entry of map === undefined ? [] : nodesAt(map, "map")) {
    const value = nodeAt(entry, "value");
    const own = value === undefined ? undefined : queryAt(value, "query");
    if (value !== undefined && own !== undefined) {
      ctes = define(textAt(entry, "key"), own, { ...place, ctes, aliases: textsAt(value, "aliases") });
    }
  }
  return ctes === place.ctes ? place : { ...place, ctes };
}

function define(name: string, query: SyntaxNode, place: Place & { readonly aliases: readonly string[] }): CteScope {
  const reads = new ReadCount();
  const shape = renameColumns(readQuery(query, placeInside(place, place.outer, reads)), place.aliases);
  return { name: foldName(name), cte: { shape, reads }, next: place.ctes };
}

/**
 * A recursive CTE: its columns are non-null where they are in the first rows and, given that, in all that follow from them.
 * The assumption only ever shrinks, so that this ends.
 */
function readRecursion(query: SyntaxNode, place: Place): QueryShape {
  const [left, right] = [nodeAt(query, "left"), nodeAt(query, "right")];
  if (left === undefined || right === undefined) return unknownShape;
  const aliases = textsAt(query, "aliases");
  const first = renameColumns(readQuery(left, placeInside(place, place.outer)), aliases);
  // Of the rows that follow nothing else is known: neither keys nor columns that are equal.
  const columns = first.columns.map(({ name, nonNull, kind }) => ({ name, nonNull, kind }));
  let shape: QueryShape = { ...first, columns, keys: [], isOneRow: false };
  for (;;) {
    const reads = new ReadCount();
    const own: CteScope = {
      name: foldName(textAt(query, "cte_name")),
      cte: { shape, reads: new ReadCount() },
      next: place.ctes,
    };
    const proven = confirm(shape, readQuery(right, { ...placeInside(place, place.outer, reads), ctes: own }));
    if (proven !== undefined) {
      shape = proven;
      continue;
    }
    // It is read again in every round.
    place.reads.addAll(reads, 2);
    reportKey(query, place);
    return shape;
  }
}

/** What is left of an assumption about a recursive CTE after one more round; undefined where all of it is. */
function confirm(assumed: QueryShape, next: QueryShape): QueryShape | undefined {
  let isConfirmed = true;
  const columns = assumed.columns.map((column, index) => {
    const other = next.gap === undefined ? next.columns[index] : undefined;
    const nonNull = column.nonNull && other?.nonNull === true && mixSafely([column.kind, other.kind]);
    const kind = column.kind === other?.kind ? column.kind : undefined;
    if (nonNull !== column.nonNull || kind !== column.kind) isConfirmed = false;
    return { ...column, nonNull, kind };
  });
  return isConfirmed ? undefined : { ...assumed, columns };
}

/** USING KEY keeps the last row of a key, of those that come in one round. */
function reportKey(query: SyntaxNode, { analysis }: Place): void {
  const [target] = nodesAt(query, "key_targets");
  if (target === undefined) return;
  analysis.report(
    {
      kind: "distinct_on",
      what: "using key",
      message:
        "USING KEY keeps one of the rows that a round brings for a key, by the order in which they come. Group by the key in the recursive part.",
    },
    target,
  );
}
