import { columnsToText, formatCount, TerminalError } from "@millrace/foundation";
import type { Column, JsonObject, JsonValue, Sample } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import type { CommandResult } from "../command-result.ts";
import { widthOf } from "../io.ts";
import { formatDataTable } from "../output/data-table.ts";

/** Rows as a result: a table for people, rows by column name for programs. */
export function toSampleResult(sample: Sample, context: CommandContext, about: JsonObject): CommandResult {
  const columns = columnsToText(sample.columns);
  const isText = context.flags.text("int64") === "string";
  const names = sample.columns.map(({ name }) => name);
  const { style } = context;
  const count = `${formatCount(sample.rows.length)} ${sample.rows.length === 1 ? "row" : "rows"}`;
  const more = sample.truncated ? `first ${count}; --rows N shows more` : count;
  return {
    exitCode: 0,
    data: context.json
      ? {
          ...about,
          columns,
          rows: sample.rows.map((row) =>
            Object.fromEntries(
              names.map((name, index) => [name, toJsonCell(row[index] ?? null, sample.columns[index], isText)]),
            ),
          ),
          truncated: sample.truncated,
        }
      : null,
    text: `${formatDataTable({ columns, rows: sample.rows }, { style, width: widthOf(context.io.stdout) })}\n ${style.dim(more)}`,
  };
}

/** BIGINT is a number in JSON unless asked otherwise; one that JavaScript would change is an error. */
function toJsonCell(value: JsonValue, column: Column | undefined, isText: boolean): JsonValue {
  if (isText || column?.type.type !== "BIGINT" || typeof value !== "string") return value;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new TerminalError({
    code: "STEP_VALUE_OUT_OF_RANGE",
    fault: "caller",
    message: `Column "${column.name}" has ${value}, which a JSON number would change. Add --int64 string.`,
    context: { column: column.name, value },
  });
}
