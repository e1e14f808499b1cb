import type { CommandModule } from "../command-line/command.ts";
import { formatCompletion, shells, type Shell } from "../command-line/completion.ts";
import { quoteArgument, UsageError } from "../command-line/usage-error.ts";

/** `millrace completion <shell>`. */
export const command: CommandModule = {
  run: async ({ positionals }) => {
    const shell = positionals[0] ?? "";
    if (!isShell(shell)) {
      throw new UsageError({
        code: "CLI_USAGE",
        message: `completion is for ${shells.join(", ")}; received ${quoteArgument(shell)}`,
        command: "completion",
        lookup: { received: shell, candidates: shells, prefix: "millrace completion " },
      });
    }
    const script = formatCompletion(shell);
    return { exitCode: 0, data: { shell, script }, text: script };
  },
};

function isShell(word: string): word is Shell {
  return shells.some((shell) => shell === word);
}
