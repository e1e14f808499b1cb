import type { Scope } from "./scope.ts";

/** How the rows of a SELECT become groups. */
export interface Grouping {
  readonly isGrouped: boolean;
  /** Ids of the keys. Empty with `isGrouped`: one group over everything. */
  readonly keys: readonly number[];
  /** The keys above are all there are. */
  readonly isComplete: boolean;
  /** Keys that ROLLUP, CUBE or GROUPING SETS leave out of some groups, where they are NULL. */
  readonly partial: ReadonlySet<number>;
  /** Every group has at least one row. */
  readonly hasRows: boolean;
}

export const ungrouped: Grouping = {
  isGrouped: false,
  keys: [],
  isComplete: true,
  partial: new Set<number>(),
  hasRows: false,
};

/** What is known of the rows of one SELECT, by ids of expressions. */
export interface SelectContext {
  readonly scope: Scope;
  readonly grouping: Grouping;
  /** Not NULL in rows that WHERE lets through. */
  readonly where: ReadonlySet<number>;
  /** Not NULL in groups that HAVING lets through. */
  readonly having: ReadonlySet<number>;
  /** Not NULL in rows that QUALIFY lets through: behind the window functions. */
  readonly qualify: ReadonlySet<number>;
  /** The same in every row, since WHERE compares them with a constant. */
  readonly constants: ReadonlySet<number>;
  /** Sets of expressions that no two rows share: of the rows that window functions see. */
  readonly keys: readonly ReadonlySet<number>[];
  /** The same, of the rows before they are grouped. */
  readonly sourceKeys: readonly ReadonlySet<number>[];
}

/** Where in a SELECT an expression is looked at: rows that are grouped, groups that windows see, rows that come out. */
export type Level = "row" | "group" | "final";
