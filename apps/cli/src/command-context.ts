import type { CommandSpec } from "./command-line/command.ts";
import type { Flags } from "./command-line/flags.ts";
import type { Io } from "./io.ts";
import type { Style } from "./output/style.ts";

/** What a command is given. */
export interface CommandContext {
  readonly command: CommandSpec;
  readonly positionals: readonly string[];
  readonly flags: Flags;
  readonly io: Io;
  /** Whether the result is printed as a JSON document. */
  readonly json: boolean;
  /** Style of what goes to stdout. */
  readonly style: Style;
  /** Style of what goes to stderr. */
  readonly errorStyle: Style;
  /** Milliseconds since the process began. */
  readonly elapsedMs: () => number;
}
