import type { Place } from "./analysis.ts";
import { placeInside, visitExpression } from "./expression-visit.ts";
import { givesOneRow, itemOf, modifiersOf, reportChoices } from "./limit-order.ts";
import { relationOf, Scope } from "./scope.ts";
import type { Column } from "./scope.ts";
import { unknownShape } from "./shape.ts";
import type { OutputColumn, QueryShape } from "./shape.ts";
import { foldName, nodesAt, partsAt, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { combineKinds, mixSafely } from "./value-kind.ts";
import { withoutFacts } from "./values.ts";

/** Reads UNION, EXCEPT and INTERSECT. */
export function readSetOperation(query: SyntaxNode, place: Place): QueryShape {
  const inner = placeInside(place, place.outer);
  const sides = [...partsAt(query, "left", "right"), ...nodesAt(query, "children")];
  const shapes = sides.map((side) => place.analysis.readQuery(side, inner));
  const [first = unknownShape, ...others] = shapes;
  const type = textAt(query, "setop_type");
  let combined = others.reduce((left, right) => combine(type, left, right), first);
  if (query["setop_all"] === false && combined.gap === undefined) {
    combined = { ...combined, keys: [...combined.keys, combined.columns.map((_, index) => index)] };
  }
  reportOrder(query, combined, place);
  return givesOneRow(query) ? { ...combined, keys: [[]] } : combined;
}

function combine(type: string, left: QueryShape, right: QueryShape): QueryShape {
  // EXCEPT and INTERSECT keep rows of the left side only, so that its keys hold.
  const keys = type === "EXCEPT" || type === "INTERSECT" ? left.keys : [];
  if (type === "UNION_BY_NAME") return combineByName(left, right);
  if (left.gap !== undefined || right.gap !== undefined || left.columns.length !== right.columns.length) {
    return { ...unknownShape, keys: left.gap === undefined ? keys : [] };
  }
  const columns = left.columns.map((own, index): OutputColumn => {
    const other = right.columns[index];
    const kinds = [own.kind, other?.kind];
    const isNonNull = {
      EXCEPT: own.nonNull,
      INTERSECT: own.nonNull || other?.nonNull === true,
      UNION: own.nonNull && other?.nonNull === true,
    }[type];
    return { name: own.name, kind: combineKinds(kinds), nonNull: isNonNull === true && mixSafely(kinds) };
  });
  return { columns, keys, isOneRow: false };
}

/** A column that one side lacks is NULL in its rows. */
function combineByName(left: QueryShape, right: QueryShape): QueryShape {
  const all = [...left.columns, ...right.columns];
  const isKnown = left.gap === undefined && right.gap === undefined && all.every(({ name }) => name !== undefined);
  const byName = (shape: QueryShape): Map<string, OutputColumn> =>
    new Map(shape.columns.map((column) => [foldName(column.name ?? ""), column]));
  const [ours, theirs] = [byName(left), byName(right)];
  if (!isKnown || ours.size < left.columns.length || theirs.size < right.columns.length) return unknownShape;
  const columns = [...new Set([...ours.keys(), ...theirs.keys()])].map((name): OutputColumn => {
    const [own, other] = [ours.get(name), theirs.get(name)];
    const kinds = [own, other].flatMap((column) => (column === undefined ? [] : [column.kind]));
    const nonNull = own?.nonNull === true && other?.nonNull === true && mixSafely(kinds);
    return { name: own?.name ?? other?.name, kind: combineKinds(kinds), nonNull };
  });
  return { columns, keys: [], isOneRow: false };
}

/** ORDER BY and LIMIT of a set operation see its columns alone. */
function reportOrder(query: SyntaxNode, shape: QueryShape, place: Place): void {
  const { analysis } = place;
  const modifiers = modifiersOf(query);
  const relation = relationOf(analysis, "", shape);
  const scope = new Scope(analysis, { relations: [relation], merged: new Map<string, Column>() }, place.outer);
  const limits = partsAt(modifiers.limit, "limit", "offset");
  for (const expression of [...modifiers.order, ...limits]) visitExpression(expression, scope, place);
  if (place.isExistence === true) return;
  const references = relation.columns.map((column): SyntaxNode => ({
    class: "COLUMN_REF",
    column_names: [column.name],
  }));
  for (const [index, reference] of references.entries()) {
    const column = relation.columns[index];
    if (column !== undefined) scope.ids.set(reference, column.id);
  }
  const order = modifiers.order.map((expression) => itemOf(expression, references));
  const keys = shape.keys.map((key) => new Set(key.flatMap((index) => relation.columns[index]?.id ?? [])));
  const output = {
    expressions: [],
    columns: relation.columns,
    isOpen: relation.gap !== undefined,
    order,
    distinctOn: [],
  };
  reportChoices(query, output, { ...withoutFacts(scope), keys });
}
