import type { CommandModule } from "../command-line/command.ts";
import { openPipeline } from "../project/open-pipeline.ts";
import { toSampleResult } from "./sample-result.ts";

/** `millrace preview [pipeline] <step>`: first rows, computed from the sources. */
export const command: CommandModule = {
  run: async (context) => {
    const [first = "", second] = context.positionals;
    const [named, step] = second === undefined ? [undefined, first] : [first, second];
    await using open = await openPipeline(context, named);
    const { observe: _observe, ...settings } = open.settings;
    const sample = await open.runtime.preview(open.loaded, step, {
      ...settings,
      rows: context.flags.integer("rows") ?? 20,
    });
    return toSampleResult(sample, context, { step });
  },
};
