import type { CellReader } from "./cell-reader.ts";

/** Makes the row object at an index of the bound batch. */
export type RowBuilder = (index: number) => Record<string, unknown>;

/**
 * Builds rows by one object literal with the names of the columns: twice as fast as setting properties by name
 * (13 against 6.7 million rows of 4 columns a second), because every row has its shape at once.
 */
export function createRowBuilder(names: readonly string[], readers: readonly CellReader[]): RowBuilder {
  const locals = names.map((_, index) => `const r${index} = readers[${index}];`).join(" ");
  // Computed keys: a plain `"__proto__": x` would set the prototype.
  const fields = names.map((name, index) => `[${JSON.stringify(name)}]: r${index}.get(index)`).join(", ");
  try {
    // The text holds JSON-escaped names and numbers, nothing else.
    // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
    const create = new Function("readers", `${locals} return (index) => ({ ${fields} });`) as (
      readers: readonly CellReader[],
    ) => RowBuilder;
    return create(readers);
  } catch (error) {
    // A process started with --disallow-code-generation-from-strings refuses `new Function`.
    if (error instanceof EvalError) return createPlainRowBuilder(names, readers);
    throw error;
  }
}

/** Builds the same rows without generated code. */
export function createPlainRowBuilder(names: readonly string[], readers: readonly CellReader[]): RowBuilder {
  return (index) => Object.fromEntries(names.map((name, column) => [name, readers[column]?.get(index)]));
}
