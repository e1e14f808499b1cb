import { mkdir, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL, fileURLToPath } from "node:url";
import { encodeKeySegment } from "@millrace/foundation";
import type { DatasetCommit, DatasetStaging, DatasetStore, Manifest, ManifestFile } from "@millrace/protocols";

/**
 * A dataset store whose manifests live in memory and whose files live in a folder: what computes need to write to.
 *
 * @param folder - An existing folder, such as that of `withScratchFolder`.
 */
export function createMemoryDatasetStore(
  folder: string,
  { now = () => new Date() }: { readonly now?: () => Date } = {},
): DatasetStore {
  const logs = new Map<
    string,
    { readonly pipeline: string; readonly dataset: string; readonly versions: Manifest[] }
  >();
  let staged = 0;
  const keyOf = (pipeline: string, dataset: string): string => JSON.stringify([pipeline, dataset]);
  const place = (pipeline: string, dataset: string): string =>
    join(folder, "data", encodeKeySegment(pipeline), encodeKeySegment(dataset));
  return {
    async stage({ pipeline, dataset }) {
      staged += 1;
      const uri = join(folder, "staging", String(staged));
      await mkdir(uri, { recursive: true });
      return { pipeline, dataset, uri };
    },
    async commit(staging, commit) {
      const { pipeline, dataset } = staging;
      const log = logs.get(keyOf(pipeline, dataset)) ?? { pipeline, dataset, versions: [] };
      const version = log.versions.length + 1;
      const target = join(place(pipeline, dataset), `v${version}`);
      await mkdir(place(pipeline, dataset), { recursive: true });
      await rename(staging.uri, target);
      const manifest = toManifest(staging, commit, { version, committedAt: now() });
      log.versions.push(manifest);
      logs.set(keyOf(pipeline, dataset), log);
      return manifest;
    },
    async discard(staging) {
      await rm(staging.uri, { recursive: true, force: true });
    },
    async read(pipeline, dataset, version) {
      const versions = logs.get(keyOf(pipeline, dataset))?.versions ?? [];
      return version === undefined ? versions.at(-1) : versions[version - 1];
    },
    uris: (manifest) => manifest.files.map((file) => join(place(manifest.pipeline, manifest.dataset), file.path)),
    async *list() {
      for (const { pipeline, dataset } of logs.values()) yield { pipeline, dataset };
    },
  };
}

function toManifest(
  staging: DatasetStaging,
  commit: DatasetCommit,
  { version, committedAt }: { readonly version: number; readonly committedAt: Date },
): Manifest {
  const files = commit.files.map((file): ManifestFile => {
    const path = file.uri.startsWith("file:") ? fileURLToPath(file.uri) : file.uri;
    const inside = relative(staging.uri, path);
    if (inside.startsWith(".."))
      throw new Error(`${file.uri} is not in the staging folder ${pathToFileURL(staging.uri).href}`);
    return {
      path: `v${version}/${inside}`,
      size_bytes: file.sizeBytes,
      ...(file.rows === undefined ? {} : { rows: file.rows }),
    };
  });
  return {
    schema: "millrace.manifest",
    version: 1,
    pipeline: staging.pipeline,
    dataset: staging.dataset,
    dataset_version: version,
    format: commit.format,
    files,
    rows: commit.rows,
    columns: commit.columns,
    committed_at: committedAt.toISOString(),
    produced_by: commit.produced_by,
  };
}
