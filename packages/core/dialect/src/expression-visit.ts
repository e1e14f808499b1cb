import type { ReadCount } from "./findings.ts";
import type { Place } from "./analysis.ts";
import { idOf } from "./expression-id.ts";
import { kindOf } from "./expression-kind.ts";
import { bareFunctions, logicalClock, volatileFunctions } from "./function-catalog.ts";
import type { Scope } from "./scope.ts";
import { expressionsBelow, foldName, functionName, nodesAt, queryAt, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** Notes the functions of an expression and reads its subqueries. */
export function visitExpression(root: SyntaxNode, scope: Scope, place: Place): void {
  for (const node of expressionsBelow(root)) {
    switch (textAt(node, "class")) {
      case "FUNCTION":
      case "WINDOW":
        noteFunction(node, scope);
        break;
      case "COLUMN_REF":
        noteBareFunction(node, scope);
        break;
      case "SUBQUERY":
        visitSubquery(node, scope, place);
        break;
      default:
    }
  }
  // Once for the whole expression: asked for from the inside out, each level would walk its own part again.
  idOf(root, scope);
  kindOf(root, scope);
}

function noteFunction(node: SyntaxNode, scope: Scope): void {
  const name = functionName(node);
  const { findings } = scope.analysis;
  if (name === "" || node["is_operator"] === true) return;
  findings.addFunction(name);
  const isAgeFromToday = name === "age" && nodesAt(node, "children").length === 1;
  // `system.main.now()` goes past the macro that replaces it.
  const isBuiltIn =
    logicalClock.has(name) && (textAt(node, "catalog") !== "" || !/^(main)?$/i.test(textAt(node, "schema")));
  if (volatileFunctions.has(name) || isAgeFromToday || isBuiltIn) findings.addVolatile(name);
}

/** `current_date` without parentheses is a column reference to the parser. */
function noteBareFunction(node: SyntaxNode, scope: Scope): void {
  const names = textsAt(node, "column_names").map(foldName);
  const [name = ""] = names;
  if (names.length !== 1 || !bareFunctions.has(name)) return;
  const { kind } = scope.resolve(node);
  if (kind !== "absent" && kind !== "unknown") return;
  scope.analysis.findings.addFunction(name);
  if (volatileFunctions.has(name)) scope.analysis.findings.addVolatile(name);
}

function visitSubquery(node: SyntaxNode, scope: Scope, place: Place): void {
  const query = queryAt(node, "subquery");
  if (query === undefined) return;
  const type = textAt(node, "subquery_type");
  const isExistence = type === "EXISTS" || type === "NOT_EXISTS";
  const inner: Place = { analysis: place.analysis, ctes: place.ctes, reads: place.reads, outer: scope, isExistence };
  scope.analysis.setSubquery(node, scope.analysis.readQuery(query, inner));
}

/** A place for a query inside another one. */
export function placeInside(place: Place, outer: Scope | undefined, reads: ReadCount = place.reads): Place {
  return { analysis: place.analysis, ctes: place.ctes, outer, reads };
}
