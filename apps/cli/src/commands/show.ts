import { columnsToText, formatCount } from "@millrace/foundation";
import type { CommandModule } from "../command-line/command.ts";
import { escapeControls } from "../output/text-width.ts";
import { selectAll } from "./query.ts";
import { queryProject } from "./query-project.ts";
import { toSampleResult } from "./sample-result.ts";

/** `millrace show <dataset>`: columns, number of rows, first rows. */
export const command: CommandModule = {
  run: async (context) => {
    const [dataset = ""] = context.positionals;
    const sql = selectAll(dataset);
    const sample = await queryProject(context, sql, context.flags.integer("rows") ?? 20);
    const counted = await queryProject(context, `select count(*) as n from (${sql})`, 1);
    const total = Number(counted.rows[0]?.[0] ?? 0);
    const { style } = context;
    const columns = Object.entries(columnsToText(sample.columns));
    const width = Math.max(0, ...columns.map(([name]) => name.length));
    const result = toSampleResult(sample, context, { dataset, total_rows: total });
    const head = [
      ` ${style.bold(escapeControls(dataset))}  ${formatCount(total)} rows, ${columns.length} columns`,
      ...columns.map(([name, type]) => `   ${escapeControls(name).padEnd(width)}  ${style.dim(type)}`),
      "",
    ];
    return { ...result, text: [...head, result.text].join("\n") };
  },
};
