import type { ErrorJson, JsonValue } from "@millrace/protocols";

/** The one document that `--json` prints. */
export interface CliDocument {
  /** `millrace.cli.<command>`, with `_` for blanks. */
  readonly schema: string;
  readonly version: 1;
  /** Whether the exit code is 0 or 10. */
  readonly ok: boolean;
  readonly data: JsonValue;
  readonly errors: readonly ErrorJson[];
}

/** Makes the document of a command. */
export function createDocument(
  command: string | undefined,
  content: Pick<CliDocument, "ok" | "data" | "errors">,
): CliDocument {
  const name = command === undefined ? "millrace.cli" : `millrace.cli.${command.replaceAll(/[ -]/g, "_")}`;
  return { schema: name, version: 1, ok: content.ok, data: content.data, errors: content.errors };
}
