import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TerminalError } from "@millrace/foundation";

/**
 * The absolute path of a location: a path, relative to the project root, or a `file:` URI.
 *
 * @throws MillraceError `DEFINITION_INVALID_VALUE` for a URI of another host or scheme, or with a NUL.
 */
export function toPath(location: string, projectRoot: string): string {
  if (location === "" || location.includes("\0")) throw invalid(location, "a path");
  if (/^file:/i.test(location)) {
    // `file:data/x` is relative to the project root; Node's URL would make it absolute.
    if (!/^file:\/\//i.test(location)) return resolve(projectRoot, location.slice("file:".length));
    try {
      return fileURLToPath(location);
    } catch (error) {
      throw invalid(location, "a file URI of this machine, such as file:///data/in.csv", error);
    }
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) throw invalid(location, "a path or a file: URI");
  return isAbsolute(location) ? resolve(location) : resolve(projectRoot, location);
}

function invalid(location: string, expected: string, cause?: unknown): TerminalError {
  return new TerminalError({
    code: "DEFINITION_INVALID_VALUE",
    fault: "config",
    message: `Location ${JSON.stringify(location.slice(0, 200))}: expected ${expected}.`,
    context: { location, expected },
    ...(cause === undefined ? {} : { cause }),
  });
}
