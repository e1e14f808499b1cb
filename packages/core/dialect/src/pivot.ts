import type { Place } from "./analysis.ts";
import { reportAggregates } from "./aggregate-order.ts";
import { visitExpression } from "./expression-visit.ts";
import { Scope } from "./scope.ts";
import { unknownShape } from "./shape.ts";
import type { QueryShape } from "./shape.ts";
import type { SourceReader } from "./source.ts";
import { nodeAt, nodesAt, partsOf } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { withoutFacts } from "./values.ts";

/** Reads PIVOT and UNPIVOT. Their columns depend on values, so that nothing is said of them. */
export function readPivot(node: SyntaxNode, place: Place, readSource: SourceReader): QueryShape {
  const source = readSource(nodeAt(node, "source"), place);
  const scope = new Scope(place.analysis, source, place.outer);
  const aggregates = nodesAt(node, "aggregates");
  const pivots = nodesAt(node, "pivots").flatMap((pivot) => partsOf(pivot).expressions);
  for (const expression of [...aggregates, ...pivots]) visitExpression(expression, scope, place);
  const context = withoutFacts(scope);
  reportAggregates(aggregates, {
    ...context,
    sourceKeys: source.keys,
    // The groups are by columns that only the data tells.
    grouping: { ...context.grouping, isGrouped: true, isComplete: false },
  });
  return unknownShape;
}
