import type { ValueKind } from "./value-kind.ts";

/** A column that a query gives. */
export interface OutputColumn {
  /** Undefined where DuckDB makes up the name of an expression. */
  readonly name: string | undefined;
  readonly nonNull: boolean;
  readonly kind: ValueKind | undefined;
  /** Index of an earlier column that has the same value in every row. */
  readonly sameAs?: number;
  /** For `row_number() OVER (PARTITION BY …)`: the columns of this shape that it counts within. */
  readonly numbers?: readonly number[];
}

/** What a query gives, as far as its text tells. */
export interface QueryShape {
  readonly columns: readonly OutputColumn[];
  /** Columns of unknown number stand before this index: `COLUMNS('x.*')`, `*` over a table without a known schema. */
  readonly gap?: number;
  /** Sets of columns (by index) that no two rows share. An empty set: at most one row. */
  readonly keys: readonly (readonly number[])[];
  /** Exactly one row, whatever the data: an aggregate without GROUP BY. */
  readonly isOneRow: boolean;
}

/** A shape of which nothing is known. */
export const unknownShape: QueryShape = { columns: [], gap: 0, keys: [], isOneRow: false };

/** The shape with its first columns renamed, as `t(a, b)` does. */
export function renameColumns(shape: QueryShape, names: readonly string[]): QueryShape {
  if (names.length === 0) return shape;
  // Beyond a gap nobody knows which column a name is for.
  const known = shape.gap === undefined ? names : names.slice(0, shape.gap);
  const columns = shape.columns.map((column, index) => {
    const name = known[index];
    return name === undefined ? column : { ...column, name };
  });
  return { ...shape, columns };
}
