import { isDecimal } from "@millrace/engine";
import { isMillraceError, quoteIdentifier, sqlLiteral, suggestName, TerminalError } from "@millrace/foundation";
import type { Column, ColumnType, ComputeSession, DatasetSchema, JsonValue, RelationId } from "@millrace/protocols";
import { formatColumnType } from "@millrace/foundation";

/** A fixture row: some of the columns, each with a value that its type can be cast from. */
export type FixtureRow = Readonly<Record<string, unknown>>;

/** Where a fixture belongs. */
export interface FixturePlace {
  readonly step: string;
  readonly input: string;
}

/**
 * A relation of fixture rows: columns as the input has them, what a row leaves out is null.
 *
 * Where nothing is known of the input, the columns are those that the rows name, typed by their values.
 *
 * @throws MillraceError `STEP_FIXTURE_INVALID`
 */
export async function toFixtureRelation(
  session: ComputeSession,
  rows: readonly FixtureRow[],
  { schema, place }: { readonly schema: DatasetSchema; readonly place: FixturePlace },
): Promise<{ readonly relation: RelationId; readonly columns: readonly Column[] }> {
  const known = schema.columns.length > 0;
  const names = known ? schema.columns.map(({ name }) => name) : [...new Set(rows.flatMap(Object.keys))];
  for (const [index, row] of rows.entries()) checkNames(row, names, { index, place });
  if (names.length === 0) throw invalid(place, "its columns are not known, and no row names one");
  const typeOf = new Map(schema.columns.map(({ name, type }) => [name, type]));
  if (rows.length === 0) {
    const columns = schema.columns.map((column) => ({ ...column, nullable: true }));
    return { relation: await session.empty(columns, place.input), columns };
  }
  const tuples = rows.map(
    (row, index) =>
      `(${names.map((name) => toLiteral(row[name], { type: typeOf.get(name), index, name, place })).join(", ")})`,
  );
  const text = `select * from (values ${tuples.join(", ")}) as fixture(${names.map(quoteIdentifier).join(", ")})`;
  const columns = known
    ? schema.columns.map((column) => ({ ...column, nullable: true }))
    : await describe(session, text, place);
  return { relation: await session.query(text, { inputs: {}, label: place.input }), columns };
}

async function describe(session: ComputeSession, sql: string, place: FixturePlace): Promise<readonly Column[]> {
  try {
    return await session.describe({ sql, inputs: new Map() });
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    throw invalid(place, error.message, error);
  }
}

function checkNames(
  row: unknown,
  names: readonly string[],
  { index, place }: { readonly index: number; readonly place: FixturePlace },
): void {
  if (typeof row !== "object" || row === null || Array.isArray(row))
    throw invalid(place, `row ${index + 1} is no object`);
  const unknown = Object.keys(row).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const suggestion = suggestName(unknown, names);
  throw invalid(
    place,
    `row ${index + 1} has "${unknown}", which is no column${suggestion === undefined ? `; there are ${names.join(", ")}` : `. Did you mean "${suggestion}"?`}`,
  );
}

interface Cell {
  readonly type: ColumnType | undefined;
  readonly index: number;
  readonly name: string;
  readonly place: FixturePlace;
}

function toLiteral(value: unknown, { type, index, name, place }: Cell): string {
  const json = toJson(value);
  if (json === undefined)
    throw invalid(place, `row ${index + 1}, column "${name}": a ${typeof value} cannot stand for a value`);
  return type === undefined ? sqlLiteral(json, typeName(value)) : sqlLiteral(json, formatColumnType(type));
}

/** Types that JSON does not tell. */
function typeName(value: unknown): string | undefined {
  if (typeof value === "bigint") return "BIGINT";
  if (value instanceof Date) return "TIMESTAMP";
  if (value instanceof Uint8Array) return "BLOB";
  return isDecimal(value) ? `DECIMAL(38,${value.scale})` : undefined;
}

/** Values as the JSON from which DuckDB casts. Undefined where there is none. */
function toJson(value: unknown): JsonValue | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "bigint" || isDecimal(value)) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString().replace("Z", "");
  if (value instanceof Uint8Array) return [...value].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  if (Array.isArray(value)) return allOrNone(value.map(toJson));
  if (typeof value !== "object") return undefined;
  const entries =
    value instanceof Map ? [...value].map(([key, item]) => [String(key), item] as const) : Object.entries(value);
  const items = allOrNone(entries.map(([, item]) => toJson(item)));
  return items === undefined ? undefined : Object.fromEntries(entries.map(([key], at) => [key, items[at] ?? null]));
}

function allOrNone(items: readonly (JsonValue | undefined)[]): readonly JsonValue[] | undefined {
  return items.every((item) => item !== undefined) ? items : undefined;
}

function invalid({ step, input }: FixturePlace, problem: string, cause?: unknown): TerminalError {
  return new TerminalError({
    code: "STEP_FIXTURE_INVALID",
    fault: "caller",
    message: `Fixture "${input}" of step "${step}": ${problem}.`,
    context: { step, input },
    ...(cause === undefined ? {} : { cause }),
  });
}
