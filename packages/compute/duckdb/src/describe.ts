import type { DuckDBConnection } from "@duckdb/node-api";
import type { MillraceError } from "@millrace/foundation";
import { isMillraceError, quoteIdentifier, suggestNames, TerminalError } from "@millrace/foundation";
import type { Column, DescribeRequest } from "@millrace/protocols";
import { toColumns } from "./column-type.ts";
import { isDynamicPivot } from "./dynamic-pivot.ts";
import { toComputeError } from "./errors.ts";
import { offsetOf, parseNativeError } from "./native-error.ts";
import { placeIn } from "./position.ts";
import { splitStatements } from "./sql-scanner.ts";
import { emptySelect } from "./statement.ts";

/**
 * Binds a SELECT over inputs without rows.
 *
 * The inputs are temporary views of the connection, so that the author's text stands alone: offsets need no translation,
 * names of columns are those of the text even where two are equal, and DuckDB's candidates are the step's own tables.
 *
 * @throws MillraceError with `context.offset`, `line`, `column` and `candidates` where they are known
 */
export async function describeQuery(
  connection: DuckDBConnection,
  { sql, inputs }: DescribeRequest,
): Promise<readonly Column[]> {
  const statements = splitStatements(sql);
  if (statements.length === 0)
    throw new TerminalError({
      code: "SQL_SYNTAX",
      fault: "config",
      message: "The text has no statement.",
      context: { offset: 0, line: 1, column: 1 },
    });
  if (statements.length > 1) {
    const offset = statements[1]?.start ?? 0;
    throw new TerminalError({
      code: "SQL_SEVERAL_STATEMENTS",
      fault: "config",
      message: `The text has ${statements.length} statements; a step is one SELECT.`,
      context: { ...placeIn(sql, offset) },
    });
  }
  try {
    if (inputs.size > 0)
      await connection.run(
        [...inputs]
          .map(([name, columns]) => `CREATE TEMP VIEW ${quoteIdentifier(name)} AS ${emptySelect(columns)}`)
          .join(";\n"),
      );
    if (await isDynamicPivot(connection, sql))
      throw new TerminalError({
        code: "SQL_INVALID",
        fault: "config",
        message: "The columns of this PIVOT depend on the data; list them with IN to have them checked.",
      });
    const statement = await connection.prepare(sql);
    try {
      if (statement.parameterCount > 0)
        throw new TerminalError({
          code: "SQL_PARAMETER_UNKNOWN",
          fault: "config",
          message: `The text has a parameter without a value: $${statement.parameterName(1)}.`,
          context: { name: statement.parameterName(1) },
        });
      // 1 is SELECT; everything that gives rows and is no SELECT has a side.
      if (statement.statementType !== 1)
        throw new TerminalError({ code: "SQL_NOT_A_SELECT", fault: "config", message: "The text is not a SELECT." });
      return toColumns(statement);
    } finally {
      statement.destroySync();
    }
  } catch (error) {
    throw isMillraceError(error) ? error : placeError(error, sql, inputs);
  }
}

function placeError(thrown: unknown, sql: string, inputs: DescribeRequest["inputs"]): MillraceError {
  const native = parseNativeError(thrown);
  const offset = offsetOf(native, sql);
  const place = offset === undefined ? {} : placeIn(sql, offset);
  // DuckDB offers any table of its catalogue; only inputs are the step's.
  const candidates =
    native.entry === "Table" && native.name !== undefined
      ? { candidates: suggestNames(native.name, inputs.keys()) }
      : {};
  return toComputeError(thrown, { context: { ...place, ...candidates } });
}
