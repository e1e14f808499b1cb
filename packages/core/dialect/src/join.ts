import type { Place } from "./analysis.ts";
import { visitExpression } from "./expression-visit.ts";
import { nonNullWhen } from "./null-rejection.ts";
import { Scope } from "./scope.ts";
import type { Column } from "./scope.ts";
import { columnsOf } from "./source.ts";
import type { Source, SourceReader } from "./source.ts";
import { foldName, nodeAt, nodesAt, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { combineKinds, mixSafely } from "./value-kind.ts";

type Pair = readonly [left: Column, right: Column];

/** Keys kept of a join: two of each side make four, and no query needs more. */
const maxKeys = 4;

/** Reads a join: which sides it can leave without a partner, what its condition proves, which keys outlive it. */
export function readJoin(node: SyntaxNode, place: Place, readSource: SourceReader): Source {
  const { analysis, outer } = place;
  const left = readSource(nodeAt(node, "left"), place);
  // The right side sees the left one, as LATERAL does.
  const right = readSource(nodeAt(node, "right"), { ...place, outer: new Scope(analysis, left, outer) });
  const joinType = textAt(node, "join_type");
  const refType = textAt(node, "ref_type");
  const both = {
    relations: [...left.relations, ...right.relations],
    merged: new Map([...right.merged, ...left.merged]),
  };
  const scope = new Scope(analysis, both, outer);
  const condition = nodeAt(node, "condition");
  if (condition !== undefined) visitExpression(condition, scope, place);

  const shared = sharedColumns(node, left, right);
  const sides = condition === undefined ? [] : comparisons(condition, scope);
  if (refType === "ASOF")
    reportAsof(node, right, { place, columns: [...sides, ...shared.pairs].flatMap((pair) => pair) });
  if (refType === "POSITIONAL") reportPositional(node, place);

  const wereNonNull = new Map([...shared.byName].map(([name, [own, other]]) => [name, own.nonNull && other.nonNull]));
  const isFiltering = joinType === "INNER" || joinType === "SEMI";
  if (isFiltering && refType !== "POSITIONAL") {
    proveByCondition([...columnsOf(left), ...columnsOf(right)], condition, scope);
    for (const column of shared.pairs.flat()) column.nonNull = true;
  }
  if (joinType === "SEMI" || joinType === "ANTI") return left;
  forgetWithoutPartner(refType === "POSITIONAL" ? refType : joinType, left, right);

  const merged = new Map(both.merged);
  let star = left.star;
  for (const [name, [own, other]] of shared.byName) {
    const column = mergeColumns(own, other, { joinType, nonNull: wereNonNull.get(name) ?? false, place });
    merged.set(name, column);
    star = star.map((entry) => (entry === own ? column : entry));
  }
  const hidden = new Set([...shared.byName.values()].map(([, other]) => other));
  const rest = right.star.filter((entry) => entry === "gap" || !hidden.has(entry));
  const pairs = [...equalPairs(condition, scope, left), ...shared.pairs];
  return {
    relations: both.relations,
    merged,
    star: shared.isOpen ? ["gap"] : [...star, ...rest],
    keys: refType === "POSITIONAL" ? [] : joinKeys(left, right, { pairs, joinType, isAsof: refType === "ASOF" }),
  };
}

/** Columns of USING or NATURAL that are found on both sides. */
interface SharedColumns {
  readonly byName: ReadonlyMap<string, Pair>;
  readonly pairs: readonly Pair[];
  /** NATURAL or USING over columns that are not all known. */
  readonly isOpen: boolean;
}

function sharedColumns(node: SyntaxNode, left: Source, right: Source): SharedColumns {
  const isNatural = textAt(node, "ref_type") === "NATURAL";
  const names = isNatural
    ? namesOf(left).filter((name) => namesOf(right).includes(name))
    : textsAt(node, "using_columns").map(foldName);
  const byName = new Map<string, Pair>();
  for (const name of new Set(names)) {
    const own = findColumn(left, name);
    const other = findColumn(right, name);
    if (own !== undefined && other !== undefined) byName.set(name, [own, other]);
  }
  const hasGap = [...left.star, ...right.star].includes("gap");
  const isOpen = (isNatural && hasGap) || byName.size < new Set(names).size;
  return isOpen
    ? { byName: new Map<string, Pair>(), pairs: [], isOpen }
    : { byName, pairs: [...byName.values()], isOpen };
}

function namesOf({ star }: Source): readonly string[] {
  return star.flatMap((entry) => (entry === "gap" || entry.name === "" ? [] : [entry.name]));
}

function findColumn(source: Source, name: string): Column | undefined {
  const merged = source.merged.get(name);
  if (merged !== undefined) return merged;
  const found = source.relations.flatMap(({ columns }) => columns.filter((column) => column.name === name));
  return found.length === 1 ? found[0] : undefined;
}

/** The one column that USING makes of two: the side that is always there, or of a full join whichever is. */
function mergeColumns(
  own: Column,
  other: Column,
  { joinType, nonNull, place }: { readonly joinType: string; readonly nonNull: boolean; readonly place: Place },
): Column {
  if (joinType === "INNER" || joinType === "LEFT") return own;
  if (joinType === "RIGHT") return other;
  const kinds = [own.kind, other.kind];
  const isSafe = joinType === "FULL" && nonNull && mixSafely(kinds);
  return { id: place.analysis.nextColumnId(), name: own.name, kind: combineKinds(kinds), nonNull: isSafe };
}

/** An inner join keeps no row for which NULL decided its condition. */
function proveByCondition(columns: readonly Column[], condition: SyntaxNode | undefined, scope: Scope): void {
  if (condition === undefined) return;
  const ids = nonNullWhen(condition, "true", scope);
  for (const column of columns) if (ids.has(column.id)) column.nonNull = true;
}

/** Takes back what is NULL where a row has no partner on the other side. */
function forgetWithoutPartner(joinType: string, left: Source, right: Source): void {
  const isKnown = ["INNER", "LEFT", "RIGHT", "FULL"].includes(joinType);
  const lost = [
    ...(!isKnown || joinType === "LEFT" || joinType === "FULL" ? columnsOf(right) : []),
    ...(!isKnown || joinType === "RIGHT" || joinType === "FULL" ? columnsOf(left) : []),
  ];
  for (const column of lost) column.nonNull = false;
}

/** Columns on the sides of comparisons that must all be TRUE; undefined for what is no column. */
function comparisons(condition: SyntaxNode, scope: Scope): readonly (readonly (Column | undefined)[])[] {
  const type = textAt(condition, "type");
  if (type === "CONJUNCTION_AND") return nodesAt(condition, "children").flatMap((child) => comparisons(child, scope));
  if (textAt(condition, "class") !== "COMPARISON" || /DISTINCT_FROM|NOTEQUAL/.test(type)) return [];
  return [[nodeAt(condition, "left"), nodeAt(condition, "right")].map((side) => columnOf(side, scope))];
}

function columnOf(side: SyntaxNode | undefined, scope: Scope): Column | undefined {
  if (side === undefined || textAt(side, "class") !== "COLUMN_REF") return undefined;
  const resolution = scope.resolve(side);
  return resolution.kind === "column" && !resolution.isOuter ? resolution.column : undefined;
}

/** Columns that the condition sets equal, the left side's first. */
function equalPairs(condition: SyntaxNode | undefined, scope: Scope, left: Source): readonly Pair[] {
  if (condition === undefined) return [];
  const type = textAt(condition, "type");
  if (type === "CONJUNCTION_AND")
    return nodesAt(condition, "children").flatMap((child) => equalPairs(child, scope, left));
  if (type !== "COMPARE_EQUAL") return [];
  const [first, second] = comparisons(condition, scope)[0] ?? [];
  if (first === undefined || second === undefined) return [];
  return columnsOf(left).includes(first) ? [[first, second]] : [[second, first]];
}

/** Keys of a join. A side keeps its own where each of its rows meets at most one row of the other. */
function joinKeys(
  left: Source,
  right: Source,
  { pairs, joinType, isAsof }: { readonly pairs: readonly Pair[]; readonly joinType: string; readonly isAsof: boolean },
): readonly ReadonlySet<number>[] {
  // Values of different types may be equal to one value and not to each other: '1' and '01' to 1.
  const exact = pairs.filter(([own, other]) => own.kind !== undefined && own.kind === other.kind);
  const covers = (columns: readonly Column[], keys: Source["keys"]): boolean =>
    keys.some((key) => [...key].every((id) => columns.some((column) => column.id === id)));
  const meetsOneRight =
    isAsof ||
    covers(
      exact.map(([, other]) => other),
      right.keys,
    );
  const meetsOneLeft =
    !isAsof &&
    covers(
      exact.map(([own]) => own),
      left.keys,
    );
  const keys: ReadonlySet<number>[] = [];
  // A row without a partner on its side would be one more for the other side's key.
  if (meetsOneRight && /^(INNER|LEFT)$/.test(joinType)) keys.push(...left.keys);
  if (meetsOneLeft && /^(INNER|RIGHT)$/.test(joinType)) keys.push(...right.keys);
  for (const own of left.keys) for (const other of right.keys) keys.push(new Set([...own, ...other]));
  return keys.slice(0, maxKeys);
}

function reportAsof(
  node: SyntaxNode,
  right: Source,
  { place, columns }: { readonly place: Place; readonly columns: readonly (Column | undefined)[] },
): void {
  const ids = new Set(columns.map((column) => column?.id));
  if (right.keys.some((key) => [...key].every((id) => ids.has(id)))) return;
  place.analysis.report(
    {
      kind: "positional",
      what: "asof join",
      message:
        "An ASOF join takes one of the rows that tie in its condition, and nothing shows that they are unique. Group or deduplicate the right side by the columns of the condition first.",
    },
    node,
  );
}

function reportPositional(node: SyntaxNode, place: Place): void {
  place.analysis.report(
    {
      kind: "positional",
      what: "positional join",
      message: "A positional join pairs rows by the order in which they come, which nothing fixes. Join on a key.",
    },
    node,
  );
}
