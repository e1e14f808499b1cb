import type { QueryShape } from "./shape.ts";
import { foldName } from "./syntax-tree.ts";

/**
 * Names among `outputs` that cannot be NULL.
 *
 * The shape is laid over the names that binding gave. Where they do not fit together, nothing is claimed.
 */
export function nonNullNames(shape: QueryShape, outputs: readonly string[]): ReadonlySet<string> {
  const { columns, gap } = shape;
  const surplus = outputs.length - columns.length;
  if (gap === undefined ? surplus !== 0 : surplus < 0) return new Set<string>();
  const nullable = new Set<string>();
  const nonNull = new Set<string>();
  for (const [index, output] of outputs.entries()) {
    const isInGap = gap !== undefined && index >= gap && index < gap + surplus;
    const column = isInGap ? undefined : columns[gap === undefined || index < gap ? index : index - surplus];
    if (column?.name !== undefined && !isNameOf(output, column.name)) return new Set<string>();
    (column?.nonNull === true ? nonNull : nullable).add(output);
  }
  // Two columns of one name: it is non-null where both are.
  return new Set([...nonNull].filter((name) => !nullable.has(name)));
}

/** A second column of one name is called `name_1` or `name:1`. */
function isNameOf(output: string, name: string): boolean {
  const [folded, expected] = [foldName(output), foldName(name)];
  return folded === expected || (folded.startsWith(expected) && /^[_:]\d+$/.test(folded.slice(expected.length)));
}
