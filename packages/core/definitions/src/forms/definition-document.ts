import type { Finding, Locate } from "../finding.ts";

/** A parsed file: its content as data, and the way back from the data to the text. */
export interface DefinitionDocument {
  /** An array of steps or an object; undefined where the text cannot be parsed. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
  readonly locate: Locate;
  /** Text of a file that a position names. */
  readonly text: (file: string) => string | undefined;
}

/** A document that could not be parsed. */
export function brokenDocument(
  findings: readonly Finding[],
  text: DefinitionDocument["text"] = () => undefined,
): DefinitionDocument {
  return { value: undefined, findings, locate: () => undefined, text };
}
