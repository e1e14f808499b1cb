import type { ErrorCode } from "@millrace/protocols";

/**
 * A command line that cannot be understood. Light on purpose: the parser runs on every start, before
 * anything else is loaded.
 */
export class UsageError extends Error {
  readonly code: ErrorCode;
  /** Name of the command whose help is meant; undefined for the command line as a whole. */
  readonly command: string | undefined;
  /** What was typed and what could have been meant; the suggestion is looked up only when it is printed. */
  readonly lookup:
    { readonly received: string; readonly candidates: readonly string[]; readonly prefix: string } | undefined;

  constructor(options: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly command?: string | undefined;
    readonly lookup?: { readonly received: string; readonly candidates: readonly string[]; readonly prefix: string };
  }) {
    super(options.message);
    this.name = "UsageError";
    this.code = options.code;
    this.command = options.command;
    this.lookup = options.lookup;
  }
}

/** Text of an argument for a message: short, on one line. */
export function quoteArgument(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}… (${text.length} characters)` : text;
  return JSON.stringify(shown);
}
