import { TerminalError } from "@millrace/foundation";
import type { Io } from "../io.ts";

/**
 * The working folder.
 *
 * @throws MillraceError `CLI_USAGE` where it was deleted under the process.
 */
export function resolveWorkingFolder(io: Io): string {
  try {
    return io.workingFolder();
  } catch (error) {
    throw new TerminalError({
      code: "CLI_USAGE",
      fault: "caller",
      message: "The working folder no longer exists. Change to a folder that does, and try again.",
      cause: error,
    });
  }
}
