import type { CommandModule } from "../command-line/command.ts";
import { helpFor } from "../run-cli.ts";

/** `millrace help [command|advanced]`. */
export const command: CommandModule = {
  run: async ({ positionals }) => helpFor(positionals),
};
