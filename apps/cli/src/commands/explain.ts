import { suggestNames } from "@millrace/foundation";
import { errorCodes, type ErrorCodeEntry } from "@millrace/protocols";
import type { CommandModule } from "../command-line/command.ts";
import { quoteArgument, UsageError } from "../command-line/usage-error.ts";

const exits: Readonly<Record<number, string>> = {
  20: "found before the run: definition, configuration, parameters, missing input",
  30: "found while reading data or running",
  40: "timeout",
  50: "cancelled",
};

/** `millrace explain <code>`. */
export const command: CommandModule = {
  run: async ({ positionals, style }) => {
    const typed = positionals[0] ?? "";
    const code = typed
      .trim()
      .toUpperCase()
      .replace(/^ERROR\[(.*)\]:?$/, "$1");
    const entry = findEntry(code);
    if (entry === undefined) {
      const near = suggestNames(code, Object.keys(errorCodes));
      throw new UsageError({
        code: "CLI_USAGE",
        message: `there is no error code ${quoteArgument(typed)}${near.length > 1 ? `; close ones: ${near.join(", ")}` : ""}`,
        command: "explain",
        lookup: { received: code, candidates: Object.keys(errorCodes), prefix: "millrace explain " },
      });
    }
    return {
      exitCode: 0,
      data: { code, exit: entry.exit, summary: entry.summary, fix: entry.fix },
      text: [
        style.bold(code),
        `  ${entry.summary}`,
        `  ${style.cyan("fix")}   ${entry.fix}`,
        `  ${style.cyan("exit")}  ${entry.exit}, ${exits[entry.exit] ?? ""}`,
      ].join("\n"),
    };
  },
};

function findEntry(code: string): ErrorCodeEntry | undefined {
  return Object.hasOwn(errorCodes, code) ? errorCodes[code as keyof typeof errorCodes] : undefined;
}
