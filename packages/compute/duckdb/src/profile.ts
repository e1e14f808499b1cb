/** An operator in the profile that `EXPLAIN (ANALYZE, FORMAT json)` returns; DuckDB 1.5 and 2.0 spell it differently. */
export interface ProfileNode {
  readonly operator_name?: string;
  readonly operator_type?: string;
  readonly type?: string;
  readonly operator_cardinality?: number;
  readonly intermediate_rows?: number;
  readonly extra_info?: Readonly<Record<string, unknown>>;
  readonly children?: readonly ProfileNode[];
  readonly operator?: readonly ProfileNode[];
}

/** Reads the profile of a statement. */
export function parseProfile(text: string): ProfileNode {
  const parsed = JSON.parse(text) as ProfileNode | readonly ProfileNode[];
  return Array.isArray(parsed) ? { children: parsed as readonly ProfileNode[] } : (parsed as ProfileNode);
}

/** Kind of an operator, upper case; empty for the root. */
export function operatorOf(node: ProfileNode): string {
  return (node.operator_name ?? node.operator_type ?? node.type ?? "").trim().toUpperCase();
}

/** Rows that an operator put out, exact. */
export function rowsOf(node: ProfileNode): number {
  return node.operator_cardinality ?? node.intermediate_rows ?? 0;
}

/** What an operator reads from. */
export function childrenOf(node: ProfileNode): readonly ProfileNode[] {
  return node.children ?? node.operator ?? [];
}

/** Expressions that a projection puts out. */
export function projectionsOf(node: ProfileNode): readonly unknown[] {
  const projections = node.extra_info?.["Projections"];
  return Array.isArray(projections) ? projections : projections === undefined ? [] : [projections];
}

/**
 * Rows that a part of a plan put out. Some operators hand their rows on through a child and report none: a materialised
 * CTE through its last one, a join with a correlated side through its second one.
 */
export function outputRows(node: ProfileNode): number {
  const children = childrenOf(node);
  const operator = operatorOf(node);
  const through = operator === "CTE" ? children.at(-1) : operator.includes("DELIM_JOIN") ? children[1] : undefined;
  return through === undefined ? rowsOf(node) : outputRows(through);
}

/** Rows that went into the files of a COPY: what its input put out. Undefined where the profile shows no COPY. */
export function copiedRows(node: ProfileNode): number | undefined {
  const children = childrenOf(node);
  if (operatorOf(node).includes("COPY_TO_FILE")) return children[0] === undefined ? undefined : outputRows(children[0]);
  for (const child of children) {
    const rows = copiedRows(child);
    if (rows !== undefined) return rows;
  }
  return undefined;
}
