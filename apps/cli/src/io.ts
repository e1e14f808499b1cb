import type { Environment } from "./output/style.ts";

/** A standard stream as the CLI uses it. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** The process around a command: everything that it reads or writes beside files. */
export interface Io {
  readonly environment: Environment;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Writes to stderr as others do: a block that is being drawn makes room for it. */
  readonly note: (text: string) => void;
  /** The working folder. Throws where it no longer exists. */
  readonly workingFolder: () => string;
  /** Calls back on SIGINT, SIGTERM and SIGHUP until the function that it returns is called. */
  readonly onSignal: (listener: (signal: "SIGINT" | "SIGTERM" | "SIGHUP") => void) => () => void;
  /**
   * Tells of everything that others (pipelines, libraries) print. `write` prints it where it belongs; what the command
   * itself prints through `stdout` and `stderr` passes by. Until the function that it returns is called.
   */
  readonly onForeignOutput: (listener: (write: () => void) => void) => () => void;
  /** From now on, what others print on stdout goes to stderr: stdout is for one document. */
  readonly reserveStdout: () => void;
  /** Starts this program again with other words, in a process of its own that prints on stderr; gives its exit code. */
  readonly runAgain: (argv: readonly string[]) => Promise<number>;
  /** Ends the process now. Only for a second Ctrl-C. */
  readonly exit: (code: number) => never;
}

/** Cells of a stream: of the terminal, else what fits most logs. */
export function widthOf(stream: OutputStream): number {
  return stream.isTTY === true ? Math.max(40, stream.columns ?? 80) : 120;
}
