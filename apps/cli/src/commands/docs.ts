import { graphToMermaid } from "@millrace/engine";
import type { CommandModule } from "../command-line/command.ts";
import { formatPipelinePage } from "../docs/pipeline-page.ts";
import { openPipeline } from "../project/open-pipeline.ts";
import { shownPath } from "../project/pipeline-paths.ts";
import { printFindings, refusePlan } from "./refused-plan.ts";
import { writeOutput } from "./written-output.ts";

/** `millrace docs [pipeline]`: a Markdown page. */
export const command: CommandModule = {
  run: async (context) => {
    await using open = await openPipeline(context, context.positionals[0]);
    const { params, at } = open.settings;
    const { bound, issues } = await open.runtime.bind(open.loaded, {
      sources: "lock",
      allowMissingParams: true,
      ...(params === undefined ? {} : { params }),
      ...(at === undefined ? {} : { at }),
    });
    if (bound === undefined) return refusePlan(issues, { context, open });
    // A page of a pipeline with a mistake in one step still tells of all others.
    printFindings(issues, { context, open });
    const page = formatPipelinePage(bound, {
      mermaid: graphToMermaid(bound.dag),
      command: `millrace docs ${shownPath(open.file, open.project.root)}`,
    });
    return writeOutput(page, {
      context,
      workingFolder: open.project.workingFolder,
      data: { pipeline: bound.dag.spec.name, page },
    });
  },
};
