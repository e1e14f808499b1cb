import { planToJson } from "@millrace/engine";
import type { CommandModule } from "../command-line/command.ts";
import { openPipeline } from "../project/open-pipeline.ts";
import { shownPath } from "../project/pipeline-paths.ts";
import { formatPlan } from "../terminal/plan-text.ts";
import { printFindings, refusePlan } from "./refused-plan.ts";

/** `millrace plan [pipeline]`: every decision of a run, without effect. */
export const command: CommandModule = {
  run: async (context) => {
    await using open = await openPipeline(context, context.positionals[0]);
    await using planned = await open.runtime.plan(open.loaded, open.settings);
    if (planned.plan === undefined) return refusePlan(planned.issues, { context, open });
    printFindings(planned.issues, { context, open });
    const { root, workingFolder } = open.project;
    return {
      exitCode: 0,
      data: planToJson(planned.plan),
      text: formatPlan(planned.plan, {
        style: context.style,
        projectRoot: root,
        again: `millrace run ${shownPath(open.file, workingFolder)}`,
      }),
    };
  },
};
