import type { ColumnsText } from "./column-type.ts";

/** A committed version of a dataset. */
export interface DatasetRef {
  readonly pipeline: string;
  readonly dataset: string;
  readonly version: number;
}

/** One file of a committed version. `path` is relative to the dataset's folder, with `/`. */
export interface ManifestFile {
  readonly path: string;
  readonly size_bytes: number;
  readonly rows?: number;
  /** Checksum of the bytes, where we wrote or copied them: `sha256:<hex>`. */
  readonly checksum?: string;
}

/** The record that makes a set of files one committed version of a dataset. Wire form `millrace.manifest` version 1. */
export interface Manifest {
  readonly schema: "millrace.manifest";
  readonly version: 1;
  readonly pipeline: string;
  readonly dataset: string;
  /** Counts from 1; the highest is current. */
  readonly dataset_version: number;
  readonly format: "parquet" | "csv" | "json" | "ndjson";
  readonly files: readonly ManifestFile[];
  readonly rows: number;
  readonly columns: ColumnsText;
  readonly committed_at: string;
  readonly produced_by: {
    readonly run_id: string;
    readonly step: string;
    readonly attempt: number;
    /** Digest of the definition of the steps that produced it. */
    readonly digest: string;
  };
}
