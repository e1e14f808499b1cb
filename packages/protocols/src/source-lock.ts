import type { ColumnsText } from "./column-type.ts";
import type { JsonObject } from "./json.ts";

/** What is known of one source, so that binding works without it. */
export interface LockedSource {
  readonly location: string;
  readonly format: string;
  readonly options: JsonObject;
  readonly columns: ColumnsText;
  /** When the source was read, ISO 8601 in UTC. */
  readonly read_at: string;
}

/** `millrace.lock.json`: columns and dialects of all sources, by `<pipeline>.<dataset>`. Committed to version control. */
export interface SourceLock {
  readonly schema: "millrace.lock";
  readonly version: 1;
  readonly sources: Readonly<Record<string, LockedSource>>;
}
