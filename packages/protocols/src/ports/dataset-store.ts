import type { ColumnsText } from "../column-type.ts";
import type { Manifest } from "../dataset.ts";
import type { WrittenFile } from "./compute.ts";

/** A place where the files of a new version are written before anybody can see them. */
export interface DatasetStaging {
  readonly pipeline: string;
  readonly dataset: string;
  /** Absolute path or URI of an existing empty folder. */
  readonly uri: string;
}

/** What a commit needs to know of the files that were staged. */
export interface DatasetCommit {
  readonly format: Manifest["format"];
  readonly files: readonly WrittenFile[];
  readonly rows: number;
  readonly columns: ColumnsText;
  readonly produced_by: Manifest["produced_by"];
}

/** Committed versions of datasets: a manifest log each, the highest version is current. */
export interface DatasetStore {
  stage(request: {
    readonly pipeline: string;
    readonly dataset: string;
    readonly runId: string;
    readonly step: string;
    readonly attempt: number;
  }): Promise<DatasetStaging>;
  /** Syncs the files, moves them into place and creates the manifest. Readers see it whole or not at all. */
  commit(staging: DatasetStaging, commit: DatasetCommit): Promise<Manifest>;
  /** Removes what an attempt staged. */
  discard(staging: DatasetStaging): Promise<void>;
  /** The current version, or a given one. Undefined where there is none. */
  read(pipeline: string, dataset: string, version?: number): Promise<Manifest | undefined>;
  /** Absolute URIs of a version's files, in order. */
  uris(manifest: Manifest): readonly string[];
  list(): AsyncIterable<{ readonly pipeline: string; readonly dataset: string }>;
}
