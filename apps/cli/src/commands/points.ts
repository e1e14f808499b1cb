import { faultPoints } from "@millrace/protocols";
import type { CommandModule } from "../command-line/command.ts";

/** `millrace points`. */
export const command: CommandModule = {
  run: async ({ style }) => {
    const rows = faultPoints.map(({ name, where }) => ` ${name.padEnd(18)}${style.dim(where)}`);
    const usage = " MILLRACE_FAULT=point:n:action   actions: kill, kill-tree, term, exit, throw, eio, enospc, sleep=MS";
    return {
      exitCode: 0,
      data: { points: faultPoints.map(({ name, where }) => ({ name, where })) },
      text: `${rows.join("\n")}\n\n${usage}`,
    };
  },
};
