import type { Column, ColumnType } from "@millrace/protocols";
import { formatColumnType, isSameColumnType, TerminalError } from "@millrace/foundation";

/** Rows that decide the columns of a step that declares none. Later rows must fit them. */
const inspectedRows = 1_000;

/** A row as a function returns it: values by column name. */
export type InferredRow = Readonly<Record<string, unknown>>;

/**
 * Columns of what a step without declared columns returned, from its first 1,000 rows, and the same output again, whole.
 * Every column is nullable. Columns appear in the order in which rows first name them.
 *
 * @throws MillraceError `STEP_OUTPUT_INVALID` where the output is not rows, is empty, or a column has values of two types.
 */
export async function inferColumns(
  output: unknown,
  context: { readonly step: string },
): Promise<{ readonly columns: readonly Column[]; readonly output: AsyncIterable<InferredRow> }> {
  const settled: unknown = await output;
  const rows = iterate(settled, context.step);
  const first: InferredRow[] = [];
  let exhausted = false;
  while (first.length < inspectedRows) {
    const next = await rows.next();
    if (next.done === true) {
      exhausted = true;
      break;
    }
    first.push(checkRow(next.value, first.length, context.step));
  }
  const types = new Map<string, ColumnType | undefined>();
  for (const [index, row] of first.entries())
    for (const [name, value] of Object.entries(row))
      types.set(name, unify(types.get(name), typeOf(value), { name, row: index + 1, step: context.step }));
  if (types.size === 0)
    throw invalid(context.step, "returned no rows, and declares no columns: its columns cannot be told");
  const columns = [...types].map(([name, type]): Column => ({
    name,
    type: type ?? { type: "VARCHAR" },
    nullable: true,
  }));
  return { columns, output: chain(first, exhausted ? undefined : rows) };
}

async function* chain(
  first: readonly InferredRow[],
  rest: AsyncIterator<unknown> | undefined,
): AsyncGenerator<InferredRow> {
  yield* first;
  if (rest === undefined) return;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value as InferredRow;
}

function iterate(output: unknown, step: string): AsyncIterator<unknown> {
  if (typeof output === "object" && output !== null) {
    if (Symbol.asyncIterator in output) return (output as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    if (Symbol.iterator in output) {
      const iterator = (output as Iterable<unknown>)[Symbol.iterator]();
      return { next: async () => iterator.next() };
    }
  }
  throw invalid(
    step,
    "declares no columns and returned no rows; return an array or iterable of objects, or declare the columns",
  );
}

function checkRow(row: unknown, index: number, step: string): InferredRow {
  if (typeof row === "object" && row !== null && !Array.isArray(row)) return row as InferredRow;
  throw invalid(step, `row ${index + 1} is not an object`);
}

const scalarTypes: Readonly<Record<string, ColumnType>> = {
  boolean: { type: "BOOLEAN" },
  bigint: { type: "BIGINT" },
  string: { type: "VARCHAR" },
};

/** Type of a value; undefined where it tells none: null, an empty list, a function. */
function typeOf(value: unknown): ColumnType | undefined {
  if (typeof value === "number") return { type: Number.isSafeInteger(value) ? "BIGINT" : "DOUBLE" };
  if (typeof value !== "object" || value === null) return scalarTypes[typeof value];
  if (value instanceof Date) return { type: "TIMESTAMP" };
  if (value instanceof Uint8Array) return { type: "BLOB" };
  if (Array.isArray(value)) {
    const element = value.reduce<ColumnType | undefined>((found, one) => found ?? typeOf(one), undefined);
    return element === undefined ? undefined : { type: "LIST", element };
  }
  const fields = Object.entries(value).map(
    ([name, field]) => ({ name, type: typeOf(field) ?? { type: "VARCHAR" } }) as const,
  );
  return { type: "STRUCT", fields };
}

function unify(
  before: ColumnType | undefined,
  now: ColumnType | undefined,
  at: { readonly name: string; readonly row: number; readonly step: string },
): ColumnType | undefined {
  if (before === undefined || now === undefined || isSameColumnType(before, now)) return before ?? now;
  const numbers = new Set(["BIGINT", "DOUBLE"]);
  if (numbers.has(before.type) && numbers.has(now.type)) return { type: "DOUBLE" };
  throw invalid(
    at.step,
    `column "${at.name}" is ${formatColumnType(before)}, and ${formatColumnType(now)} in row ${at.row}; declare the columns`,
  );
}

function invalid(step: string, reason: string): TerminalError {
  return new TerminalError({
    code: "STEP_OUTPUT_INVALID",
    fault: "caller",
    message: `Step "${step}" ${reason}.`,
    context: { step },
  });
}
