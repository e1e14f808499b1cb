import type { SourcePosition } from "./pipeline-spec.ts";

/** How much an issue matters: an `error` stops, a `warning` stops under `--strict`, an `info` is a note. */
export type IssueSeverity = "error" | "warning" | "info";

/**
 * One finding of load, bind or plan, as data. All findings are reported at once.
 *
 * **Source** shape after zod's issues, with the position in the author's file and a suggestion.
 */
export interface Issue {
  readonly severity: IssueSeverity;
  /** Stable code, listed in `docs/errors.md`. */
  readonly code: string;
  readonly message: string;
  /** Where in the definition: `["steps", 3, "inputs", "raw"]`. */
  readonly path: readonly (string | number)[];
  readonly step?: string;
  readonly position?: SourcePosition;
  /** Length of the text that is meant, in UTF-16 code units. */
  readonly length?: number;
  readonly expected?: string;
  readonly received?: string;
  /** The closest known name, or what to write instead. */
  readonly suggestion?: string;
  /** Further lines below the frame: what is known, what changed. */
  readonly notes?: readonly string[];
}
