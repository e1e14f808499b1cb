import { idOf } from "./expression-id.ts";
import { strictFunctions } from "./function-catalog.ts";
import type { Scope } from "./scope.ts";
import { functionName, isConstantNull, nodeAt, nodesAt, partsAt, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** How a condition came out: `not_true` is FALSE or NULL, as for the branches of CASE that were passed by. */
export type Outcome = "true" | "false" | "not_true";

type Ids = ReadonlySet<number>;
const none: Ids = new Set<number>();

/**
 * Ids of expressions that cannot be NULL when a condition has come out so.
 *
 * Three-valued logic of SQL: a comparison with NULL is NULL, which is neither TRUE nor FALSE.
 */
export function nonNullWhen(condition: SyntaxNode, outcome: Outcome, scope: Scope): Ids {
  const children = nodesAt(condition, "children");
  const proofs = (): readonly Ids[] => children.map((child) => nonNullWhen(child, outcome, scope));
  const opposite: Record<Outcome, Outcome | undefined> = { true: "false", false: "true", not_true: undefined };
  switch (textAt(condition, "type")) {
    case "CONJUNCTION_AND":
      return combine(proofs(), outcome === "true" ? "all" : "one");
    case "CONJUNCTION_OR":
      return combine(proofs(), outcome === "true" ? "one" : "all");
    case "OPERATOR_NOT": {
      const [child] = children;
      const inner = opposite[outcome];
      return child === undefined || inner === undefined ? none : nonNullWhen(child, inner, scope);
    }
    case "OPERATOR_IS_NOT_NULL":
      return outcome === "true" ? strictly(children, scope) : none;
    case "OPERATOR_IS_NULL":
      return outcome === "true" ? none : strictly(children, scope);
    case "COMPARE_DISTINCT_FROM":
      return distinctFrom(condition, outcome === "true", scope);
    case "COMPARE_NOT_DISTINCT_FROM":
      return outcome === "not_true" ? none : distinctFrom(condition, outcome === "false", scope);
    case "COMPARE_BETWEEN":
      return between(condition, outcome, scope);
    case "SUBQUERY":
      // `x IN (…)` and `x > ANY (…)`: TRUE only by a row that compares. FALSE also over no rows, even for NULL.
      return outcome === "true" && textAt(condition, "subquery_type") === "ANY"
        ? strictly([nodeAt(condition, "child")], scope)
        : none;
    default:
      // TRUE and FALSE are both values.
      return outcome === "not_true" ? none : strictly([condition], scope);
  }
}

/** What holds where all of several proofs do, or one of them that is not told. */
function combine(sets: readonly Ids[], mode: "all" | "one"): Ids {
  if (mode === "all") return new Set(sets.flatMap((set) => [...set]));
  const [first = none, ...others] = sets;
  return new Set([...first].filter((id) => others.every((set) => set.has(id))));
}

/** `x IS DISTINCT FROM NULL`, or NOT DISTINCT FROM something that is a value by its looks. */
function distinctFrom(condition: SyntaxNode, isDistinct: boolean, scope: Scope): Ids {
  const left = nodeAt(condition, "left");
  const right = nodeAt(condition, "right");
  if (left === undefined || right === undefined) return none;
  const ids = new Set<number>();
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const proves = isDistinct ? isConstantNull(other) : textAt(other, "class") === "CONSTANT" && !isConstantNull(other);
    if (proves) for (const id of strictly([side], scope)) ids.add(id);
  }
  return ids;
}

function between(condition: SyntaxNode, outcome: Outcome, scope: Scope): Ids {
  if (outcome === "not_true") return none;
  const input = nodeAt(condition, "input");
  // FALSE by one bound, whatever the other is.
  if (outcome === "false") return strictly([input], scope);
  return strictly([input, nodeAt(condition, "lower"), nodeAt(condition, "upper")], scope);
}

/** Ids of these expressions, and of all inside them without which they would be NULL. */
function strictly(roots: readonly (SyntaxNode | undefined)[], scope: Scope): Ids {
  const ids = new Set<number>();
  const pending = roots.filter((root) => root !== undefined);
  const seen = new Set<SyntaxNode>();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    ids.add(idOf(node, scope));
    pending.push(...strictChildren(node, scope));
  }
  return ids;
}

/** What an expression needs: it is NULL where one of them is. */
function strictChildren(node: SyntaxNode, scope: Scope): readonly SyntaxNode[] {
  switch (textAt(node, "class")) {
    case "COLUMN_REF": {
      const resolution = scope.resolve(node);
      return resolution.kind === "alias" ? [resolution.expression] : [];
    }
    case "CAST":
    case "COLLATE":
      return partsAt(node, "child");
    case "COMPARISON":
      return textAt(node, "type").endsWith("DISTINCT_FROM") ? [] : partsAt(node, "left", "right");
    case "FUNCTION":
      return strictFunctions.has(functionName(node)) ? nodesAt(node, "children") : [];
    case "OPERATOR": {
      const children = nodesAt(node, "children");
      switch (textAt(node, "type")) {
        case "OPERATOR_NOT":
          return children;
        case "COMPARE_IN":
        case "COMPARE_NOT_IN":
          return children.slice(0, 1);
        default:
          return [];
      }
    }
    default:
      return [];
  }
}
