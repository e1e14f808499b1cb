import { quoteIdentifier } from "@millrace/foundation";
import type { CommandModule } from "../command-line/command.ts";
import { queryProject } from "./query-project.ts";
import { toSampleResult } from "./sample-result.ts";

/** `millrace query <sql>`: a SELECT over datasets, or the name of one. */
export const command: CommandModule = {
  run: async (context) => {
    const [text = ""] = context.positionals;
    const sql = isDatasetName(text) ? selectAll(text) : text;
    const sample = await queryProject(context, sql, context.flags.integer("rows") ?? 20);
    return toSampleResult(sample, context, { sql });
  },
};

/** `orders.daily` rather than a statement. */
function isDatasetName(text: string): boolean {
  return /^[\w-]+(?:\.[\w-]+)*$/.test(text.trim());
}

/** A SELECT of everything in a dataset, whose name may have points. */
export function selectAll(name: string): string {
  const [first = "", ...rest] = name.trim().split(".");
  return `select * from ${[first, ...(rest.length === 0 ? [] : [rest.join(".")])].map(quoteIdentifier).join(".")}`;
}
