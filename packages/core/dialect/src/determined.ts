import { idOf } from "./expression-id.ts";
import { aggregates, bareFunctions, logicalClock, tieProofWindows, volatileFunctions } from "./function-catalog.ts";
import type { SelectContext } from "./select-context.ts";
import {
  expressionsBelow,
  foldName,
  functionName,
  nodeAt,
  nodesAt,
  orderExpressions,
  partsOf,
  textAt,
  textsAt,
} from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** Expressions that are the same in all rows of a set, by id, and what may be asked of them. */
export class Cover {
  readonly #ids: Set<number>;
  readonly #context: SelectContext;
  readonly #known = new Map<SyntaxNode, boolean>();

  constructor(context: SelectContext, expressions: readonly SyntaxNode[], columns: Iterable<number> = []) {
    this.#context = context;
    this.#ids = new Set([...context.constants, ...columns]);
    for (const expression of expressions) this.#ids.add(idOf(expression, context.scope));
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /** Whether rows that agree on the cover are one row. */
  coversKey(keys: readonly ReadonlySet<number>[]): boolean {
    return keys.some((key) => [...key].every((id) => this.#ids.has(id)));
  }

  /** Whether an expression has one value in rows that agree on the cover. */
  determines(node: SyntaxNode): boolean {
    if (!this.#known.has(node)) {
      // Innermost first, so that a deep expression needs no deep stack.
      for (const part of [...expressionsBelow(node)].toReversed()) {
        if (this.#known.has(part)) continue;
        this.#known.set(part, this.#ids.has(idOf(part, this.#context.scope)) || this.#determinesByForm(part));
      }
    }
    return this.#known.get(node) === true;
  }

  #determinesByForm(node: SyntaxNode): boolean {
    const all = (nodes: readonly SyntaxNode[]): boolean => nodes.every((child) => this.determines(child));
    const name = functionName(node);
    switch (textAt(node, "class")) {
      case "COLUMN_REF":
        return this.#determinesReference(node);
      case "SUBQUERY":
      case "LAMBDA":
      case "STAR":
      case "POSITIONAL_REFERENCE":
        return false;
      case "FUNCTION": {
        if (volatileFunctions.has(name)) return false;
        if (!aggregates.has(name)) return all(partsOf(node).expressions);
        const { keys, isComplete } = this.#context.grouping;
        return isComplete && keys.every((key) => this.#ids.has(key));
      }
      case "WINDOW": {
        // Rows that agree on partition and order are peers, which ranks and RANGE frames do not tell apart.
        const frame = [...nodesAt(node, "partitions"), ...orderExpressions(nodesAt(node, "orders"))];
        const isTieProof = tieProofWindows.has(name) || isPeerAggregate(node);
        return isTieProof && all([...frame, ...orderExpressions(nodesAt(node, "arg_orders"))]);
      }
      default:
        return all(partsOf(node).expressions);
    }
  }

  #determinesReference(node: SyntaxNode): boolean {
    const { scope } = this.#context;
    const resolution = scope.resolve(node);
    switch (resolution.kind) {
      case "column":
        // A column of a query around this one is fixed while this one runs.
        return resolution.isOuter;
      case "alias":
        return scope.throughAlias(resolution.expression, (expression) => this.determines(expression), false);
      case "absent": {
        const name = foldName(textsAt(node, "column_names")[0] ?? "");
        return logicalClock.has(name) && bareFunctions.has(name);
      }
      case "field":
        return this.#ids.has(resolution.column.id);
      case "unknown":
      default:
        return false;
    }
  }
}

/** An aggregate over a frame that has all peers of a row or none. */
export function isPeerAggregate(node: SyntaxNode): boolean {
  const exclude = textAt(node, "exclude_clause");
  if (textAt(node, "type") !== "WINDOW_AGGREGATE" || (exclude !== "" && exclude !== "NO_OTHER")) return false;
  return (
    isWholePartition(node) || ![textAt(node, "start"), textAt(node, "end")].some((bound) => bound.endsWith("_ROWS"))
  );
}

/** A frame from the first to the last row of the partition. */
export function isWholePartition(node: SyntaxNode): boolean {
  const isOpenEnded = textAt(node, "end").startsWith("UNBOUNDED_FOLLOWING");
  if (textAt(node, "start").startsWith("UNBOUNDED_PRECEDING") && isOpenEnded) return true;
  const isOrdered = nodesAt(node, "orders").length > 0;
  const isRows = textAt(node, "end").endsWith("_ROWS") || textAt(node, "start").endsWith("_ROWS");
  // Without ORDER BY every row is a peer of every other.
  const isByExpression = nodeAt(node, "start_expr") !== undefined || nodeAt(node, "end_expr") !== undefined;
  return !isOrdered && !isRows && !isByExpression;
}
