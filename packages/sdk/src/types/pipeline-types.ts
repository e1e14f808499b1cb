import type { Issue, SourceLock } from "@millrace/protocols";

/** What `types` found for a project. */
export interface TypesResult {
  /** Text of `millrace-env.d.ts`. */
  readonly text: string;
  /** The lock with the sources of these pipelines. */
  readonly lock: SourceLock;
  /** Findings by pipeline. With an error the columns below it are loose. */
  readonly issues: ReadonlyMap<string, readonly Issue[]>;
}

/** Name of the generated file in a project's root. */
export const environmentFileName = "millrace-env.d.ts";
