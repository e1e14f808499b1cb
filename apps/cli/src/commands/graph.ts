import { buildDag, graphToDot, graphToJson, graphToMermaid, graphToText } from "@millrace/engine";
import type { Dag, JsonValue } from "@millrace/protocols";
import type { CommandModule } from "../command-line/command.ts";
import { openPipeline } from "../project/open-pipeline.ts";
import { refusePlan } from "./refused-plan.ts";
import { writeOutput } from "./written-output.ts";

/** `millrace graph [pipeline]`. */
export const command: CommandModule = {
  run: async (context) => {
    await using open = await openPipeline(context, context.positionals[0]);
    const { spec, issues } = open.loaded;
    const built = spec === undefined ? undefined : buildDag(spec);
    if (built?.dag === undefined) return refusePlan([...issues, ...(built?.issues ?? [])], { context, open });
    const format = context.flags.text("format") ?? "text";
    const text = await draw(built.dag, format);
    const data: JsonValue = { format, graph: graphToJson(built.dag), ...(format === "json" ? {} : { text }) };
    return writeOutput(text, { context, workingFolder: open.project.workingFolder, data });
  },
};

async function draw(dag: Dag, format: string): Promise<string> {
  if (format === "mermaid") return graphToMermaid(dag);
  if (format === "dot") return graphToDot(dag);
  if (format === "json") return `${JSON.stringify(graphToJson(dag), null, 2)}\n`;
  if (format !== "svg") return graphToText(dag);
  const { graphToSvg } = await import("../graph/svg.ts");
  return graphToSvg(dag);
}
