import type { ComputeCapabilities } from "@millrace/protocols";

/**
 * Version of DuckDB that this package is pinned to; part of digests and cache keys. A test compares it with the
 * library's own answer.
 */
export const duckdbVersion = "1.5.6";

/** What DuckDB can do here: local files by itself, everything else comes through an adapter. */
export const duckdbCapabilities: ComputeCapabilities = {
  locations: ["file"],
  reads: ["csv", "json", "ndjson", "parquet"],
  writes: ["csv", "json", "ndjson", "parquet"],
  taps: true,
  deterministic: true,
  sandbox: true,
};
