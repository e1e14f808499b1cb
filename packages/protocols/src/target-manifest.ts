import type { ManifestFile } from "./dataset.ts";

/** One file of a folder target, with the effect that wrote it. */
export interface TargetFile extends ManifestFile {
  readonly commit_key: string;
}

/**
 * The record that makes a set of files the content of a folder target: `_millrace/<20-digit version>.json`, the highest
 * is current. Wire form `millrace.target` version 1. Paths of files are relative to the target's folder.
 */
export interface TargetManifest {
  readonly schema: "millrace.target";
  readonly version: 1;
  /** Counts from 1. */
  readonly target_version: number;
  readonly format: "parquet" | "csv" | "json" | "ndjson";
  readonly mode: "overwrite" | "append" | "error_if_exists";
  readonly files: readonly TargetFile[];
  /** Of all files; undefined where the writer did not count. */
  readonly rows?: number;
  readonly committed_at: string;
  /** Identifies the effect that made this version, over attempts: a second commit with it changes nothing. */
  readonly commit_key: string;
  readonly produced_by: { readonly run_id: string; readonly step: string; readonly attempt: number };
}
