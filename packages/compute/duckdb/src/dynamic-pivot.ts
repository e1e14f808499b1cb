import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteIdentifier, TerminalError } from "@millrace/foundation";
import type { RowCount } from "@millrace/protocols";
import { blameRelation, placeIn } from "./position.ts";
import { toComputeError } from "./errors.ts";
import { offsetOf, parseNativeError } from "./native-error.ts";
import { inOrder } from "./relation.ts";
import type { QueryRelation, Relation, TableRelation } from "./relation.ts";
import { splitStatements, trimStatementEnd } from "./sql-scanner.ts";
import { composeStatement } from "./statement.ts";

/** A relation that one statement can hold, and the rows of what had to run before it. */
export interface StagedRelation {
  readonly relation: Relation;
  readonly counts: ReadonlyMap<string, RowCount>;
}

/**
 * Checks that every text below a relation is one statement, and runs each dynamic PIVOT into a temporary table of the
 * connection.
 *
 * DuckDB splits such a PIVOT into two statements, the first of which reads the values that become columns. That one does
 * not see CTEs, so the inputs are tables too, under the names that the SQL uses.
 */
export async function stagePivots(connection: DuckDBConnection, last: Relation): Promise<StagedRelation> {
  const counts = new Map<string, RowCount>();
  const staged = new Map<Relation, Relation>();
  for (const relation of inOrder(last)) {
    if (relation.kind !== "query") {
      staged.set(relation, relation);
      continue;
    }
    const inputs = new Map([...relation.inputs].map(([name, input]) => [name, staged.get(input) ?? input]));
    const isSame = [...relation.inputs].every(([name, input]) => inputs.get(name) === input);
    const query: QueryRelation = isSame ? relation : { ...relation, inputs };
    const isPivot = (await countStatements(connection, query)) > 1;
    staged.set(
      relation,
      isPivot ? await runPivot(connection, query, { table: `pivot ${staged.size}`, counts }) : query,
    );
  }
  return { relation: staged.get(last) ?? last, counts };
}

/** Whether the columns of a text depend on data: DuckDB makes more statements of it than it has. */
export async function isDynamicPivot(connection: DuckDBConnection, sql: string): Promise<boolean> {
  if (!/\bpivot/i.test(sql)) return false;
  try {
    return (await connection.extractStatements(trimStatementEnd(sql))).count > splitStatements(sql).length;
  } catch {
    // Not SQL; the statement itself says where.
    return false;
  }
}

/**
 * Statements that DuckDB makes of a step's text alone: a text that closes the parenthesis around it is no SELECT.
 *
 * @throws MillraceError `SQL_SYNTAX`, `SQL_SEVERAL_STATEMENTS` with the place in the text
 */
async function countStatements(connection: DuckDBConnection, { sql, label }: QueryRelation): Promise<number> {
  const second = splitStatements(sql)[1];
  if (second !== undefined)
    throw new TerminalError({
      code: "SQL_SEVERAL_STATEMENTS",
      fault: "config",
      message: "The text has several statements; a step is one SELECT.",
      context: { label, ...placeIn(sql, second.start) },
    });
  try {
    return (await connection.extractStatements(trimStatementEnd(sql))).count;
  } catch (error) {
    const offset = offsetOf(parseNativeError(error), sql);
    throw toComputeError(error, { context: { label, ...(offset === undefined ? {} : placeIn(sql, offset)) } });
  }
}

async function runPivot(
  connection: DuckDBConnection,
  pivot: QueryRelation,
  { table, counts }: { readonly table: string; readonly counts: Map<string, RowCount> },
): Promise<TableRelation> {
  for (const [name, input] of pivot.inputs) {
    const statement = composeStatement(input, {
      taps: false,
      before: `CREATE TEMP TABLE ${quoteIdentifier(name)} AS `,
    });
    try {
      await connection.run(statement.text);
    } catch (error) {
      throw blameRelation(error, statement);
    }
    counts.set(input.label, { rows: await countTable(connection, name), at_least: false });
  }
  const before = `CREATE TEMP TABLE ${quoteIdentifier(table)} AS SELECT * FROM (`;
  const text = `${before}${trimStatementEnd(pivot.sql)}\n)`;
  try {
    await connection.run(text);
  } catch (error) {
    const offset = (offsetOf(parseNativeError(error), text) ?? -1) - before.length;
    throw toComputeError(error, {
      context: { label: pivot.label, ...(offset < 0 || offset > pivot.sql.length ? {} : placeIn(pivot.sql, offset)) },
    });
  }
  for (const name of pivot.inputs.keys()) await connection.run(`DROP TABLE temp.main.${quoteIdentifier(name)}`);
  const rows = await countTable(connection, table);
  counts.set(pivot.label, { rows, at_least: false });
  return { kind: "table", id: pivot.id, label: pivot.label, table, rows };
}

async function countTable(connection: DuckDBConnection, table: string): Promise<number> {
  const result = await connection.runAndReadAll(`SELECT count(*) FROM temp.main.${quoteIdentifier(table)}`);
  return Number(result.getRows()[0]?.[0] ?? 0);
}
