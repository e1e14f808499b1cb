import type { FlagSpec, PositionalSpec } from "./flag.ts";
import type { CommandContext } from "../command-context.ts";
import type { CommandResult } from "../command-result.ts";

/** What a command module exports as `command`. */
export interface CommandModule {
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}

/** A row of the command table: all that help, completion and parsing need, without loading the command. */
export interface CommandSpec {
  /** One or two words: `run`, `config show`. */
  readonly name: string;
  readonly summary: string;
  /** A command line that works as it stands in a project. */
  readonly example: string;
  readonly group: "start" | "look" | "check" | "more";
  readonly positionals: readonly PositionalSpec[];
  readonly flags: readonly FlagSpec[];
  /** Other spellings, not shown in help. */
  readonly aliases?: readonly string[];
  /** Listed by `help advanced` only. */
  readonly advanced?: boolean;
  /** Further lines of the command's help. */
  readonly details?: readonly string[];
  readonly load: () => Promise<CommandModule>;
}
