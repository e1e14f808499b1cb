import type { Place } from "./analysis.ts";
import type { Column, Relation } from "./scope.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** What a FROM clause gives to the query above it. */
export interface Source {
  readonly relations: readonly Relation[];
  /** Columns that USING or NATURAL merged, by folded name. */
  readonly merged: ReadonlyMap<string, Column>;
  /** What `*` stands for, in order; `gap` is an unknown number of columns. */
  readonly star: readonly (Column | "gap")[];
  /** Sets of column ids that no two rows share. */
  readonly keys: readonly ReadonlySet<number>[];
}

export type SourceReader = (node: SyntaxNode | undefined, place: Place) => Source;

/** FROM nothing: one row without columns. */
export const emptySource: Source = {
  relations: [],
  merged: new Map<string, Column>(),
  star: [],
  keys: [new Set<number>()],
};

/** Every column, qualified or merged. */
export function columnsOf({ relations, merged }: Source): readonly Column[] {
  return [...new Set([...relations.flatMap(({ columns }) => columns), ...merged.values()])];
}

/** What `t.*` stands for. */
export function starOf({ columns, gap }: Relation): readonly (Column | "gap")[] {
  return gap === undefined ? columns : [...columns.slice(0, gap), "gap", ...columns.slice(gap)];
}
