import { fileURLToPath } from "node:url";
import { TerminalError } from "@millrace/foundation";
import type {
  ByteStore,
  Clock,
  DatasetCommit,
  DatasetStaging,
  DatasetStore,
  FaultPoints,
  IdSource,
  Manifest,
  ManifestFile,
  WrittenFile,
} from "@millrace/protocols";
import { datasetOf, datasetPrefix, manifestKey, stagingPrefix, versionOf } from "./dataset-key.ts";
import type { DatasetName, StagingOwner } from "./dataset-key.ts";
import { encodeManifest, parseManifest } from "./manifest.ts";
import { localStagingFolders, noStagingFolders } from "./staging-folder.ts";
import type { StagingFolders } from "./staging-folder.ts";
import { atFaultPoint } from "./store-error.ts";
import { findCurrentVersion, leaveHint } from "./version-log.ts";

/** What a dataset store is built on. */
export interface DatasetStoreOptions {
  /** Objects below the state folder. Must create conditionally: two writers of one version must not both win. */
  readonly store: ByteStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly faultPoints: FaultPoints;
  /** @defaultValue folders of this machine for scheme `file`, none for others */
  readonly stagingFolders?: StagingFolders;
}

/** Writers that commit one dataset at the same time; each round one of them wins. */
const maxRounds = 1000;

/**
 * Committed versions of datasets over a byte store: `data/<pipeline>/<dataset>/v<version>-<id>/part-*` and a manifest
 * log `_millrace/<20-digit version>.json`. A version is there when its manifest is, and not before.
 */
export function createDatasetStore(options: DatasetStoreOptions): DatasetStore {
  if (!options.store.capabilities.conditionalCreate) {
    throw new TerminalError({
      code: "STORE_IO",
      fault: "config",
      message: `A store of scheme "${options.store.scheme}" cannot keep datasets: it has no conditional create. Use another one.`,
    });
  }
  return new ManifestDatasetStore(options);
}

class ManifestDatasetStore implements DatasetStore {
  readonly #options: DatasetStoreOptions;
  readonly #store: ByteStore;
  readonly #folders: StagingFolders;

  constructor(options: DatasetStoreOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#folders =
      options.stagingFolders ?? (options.store.scheme === "file" ? localStagingFolders : noStagingFolders);
  }

  async stage(owner: StagingOwner): Promise<DatasetStaging> {
    // A dataset that has no place is refused before anything is computed for it.
    datasetPrefix(owner);
    const prefix = stagingPrefix(owner, this.#options.ids.uuid());
    const uri = this.#store.uri(prefix.slice(0, -1));
    await this.#folders.create(uri);
    const staging: KeyedStaging = { pipeline: owner.pipeline, dataset: owner.dataset, uri, prefix };
    return staging;
  }

  async commit(staging: DatasetStaging, commit: DatasetCommit): Promise<Manifest> {
    const next = (await findCurrentVersion(this.#store, staging)) + 1;
    // Writers at the same time have folders of their own, whichever manifest they end up in.
    const folder = `v${next}-${this.#options.ids.uuid().slice(-8)}`;
    let manifest: Manifest;
    try {
      const files = await this.#place(staging, commit.files, folder);
      manifest = await this.#publish(staging, commit, files);
    } catch (error) {
      await this.#withdraw(staging, { folder, since: next });
      throw error;
    }
    try {
      await this.discard(staging);
    } catch {
      // The version is there; what is left of its staging is of no use to readers.
    }
    return manifest;
  }

  async discard(staging: DatasetStaging): Promise<void> {
    const prefix = prefixOf(staging);
    const left: string[] = [];
    for await (const object of this.#store.list(prefix)) left.push(object.key);
    for (const key of left) await this.#store.delete(key);
    await this.#folders.remove(staging.uri);
  }

  async read(pipeline: string, dataset: string, version?: number): Promise<Manifest | undefined> {
    const name = { pipeline, dataset };
    const wanted = version ?? (await findCurrentVersion(this.#store, name));
    if (!Number.isSafeInteger(wanted) || wanted < 1) return undefined;
    const key = manifestKey(name, wanted);
    if ((await this.#store.stat(key)) === undefined) return undefined;
    return parseManifest(await readAll(this.#store, key), { key, name, version: wanted });
  }

  uris(manifest: Manifest): readonly string[] {
    const prefix = datasetPrefix(manifest);
    return manifest.files.map((file) => this.#store.uri(`${prefix}${file.path}`));
  }

  async *list(): AsyncGenerator<DatasetName> {
    let last = "";
    for await (const { key } of this.#store.list("data/")) {
      const name = datasetOf(key);
      const version = versionOf(key);
      const folder = key.split("/").slice(0, 3).join("/");
      if (name === undefined || version === undefined || folder === last) continue;
      last = folder;
      const { pipeline, dataset } = name;
      if (pipeline !== undefined && dataset !== undefined) yield { pipeline, dataset };
      else {
        const manifest = parseManifest(await readAll(this.#store, key), { key, version });
        yield { pipeline: manifest.pipeline, dataset: manifest.dataset };
      }
    }
  }

  /** Moves staged files to their place. They are durable there, and nobody reads them before a manifest names them. */
  async #place(
    staging: DatasetStaging,
    files: readonly WrittenFile[],
    folder: string,
  ): Promise<readonly ManifestFile[]> {
    const placed: ManifestFile[] = [];
    const target = datasetPrefix(staging);
    for (const [index, file] of files.entries()) {
      const inside = insideOf(staging.uri, file.uri);
      const from = `${prefixOf(staging)}${inside}`;
      const stat = await this.#store.stat(from);
      if (stat?.sizeBytes !== file.sizeBytes) {
        throw new TerminalError({
          code: "STORE_IO",
          fault: "internal",
          message: `Staged file ${from} has ${stat?.sizeBytes ?? "no"} bytes where ${file.sizeBytes} were written; it is not committed.`,
          context: { key: from, expected: file.sizeBytes, received: stat?.sizeBytes ?? null },
        });
      }
      const path = `${folder}/${partName(inside, index)}`;
      await this.#store.move(from, `${target}${path}`);
      placed.push({ path, size_bytes: file.sizeBytes, ...(file.rows === undefined ? {} : { rows: file.rows }) });
    }
    return placed;
  }

  /** Creates the next manifest; who loses reads on and tries the one after. */
  async #publish(name: DatasetName, commit: DatasetCommit, files: readonly ManifestFile[]): Promise<Manifest> {
    await atFaultPoint(this.#options.faultPoints, "manifest.commit", `commit ${name.pipeline}.${name.dataset}`);
    for (let round = 0; round < maxRounds; round++) {
      const manifest: Manifest = {
        schema: "millrace.manifest",
        version: 1,
        pipeline: name.pipeline,
        dataset: name.dataset,
        dataset_version: (await findCurrentVersion(this.#store, name)) + 1,
        format: commit.format,
        files,
        rows: commit.rows,
        columns: commit.columns,
        committed_at: this.#options.clock.now().toISOString(),
        produced_by: commit.produced_by,
      };
      const key = manifestKey(name, manifest.dataset_version);
      if (!(await this.#store.createIfAbsent(key, encodeManifest(manifest)))) continue;
      await leaveHint(this.#store, name, manifest.dataset_version);
      return manifest;
    }
    throw new TerminalError({
      code: "STORE_IO",
      fault: "internal",
      message: `No version of ${name.pipeline}.${name.dataset} could be committed: others were faster ${maxRounds} times.`,
      context: { ...name },
    });
  }

  /**
   * Takes back files of a commit that failed. A manifest may be there although its creation was reported failed: then
   * the version counts, and its files stay.
   */
  async #withdraw(
    name: DatasetName,
    { folder, since }: { readonly folder: string; readonly since: number },
  ): Promise<void> {
    try {
      const current = await findCurrentVersion(this.#store, name);
      for (let version = since; version <= current; version++) {
        const manifest = await this.read(name.pipeline, name.dataset, version);
        if (manifest?.files.some((file) => file.path.startsWith(`${folder}/`)) === true) return;
      }
      const left: string[] = [];
      for await (const object of this.#store.list(`${datasetPrefix(name)}${folder}/`)) left.push(object.key);
      for (const key of left) await this.#store.delete(key);
    } catch {
      // Files that no manifest names are of no use to readers; why the commit failed matters more.
    }
  }
}

/** The key that `stage` made the URI from: a URI may be written in ways that do not give it back. */
interface KeyedStaging extends DatasetStaging {
  readonly prefix: string;
}

function prefixOf(staging: DatasetStaging): string {
  const { prefix } = staging as Partial<KeyedStaging>;
  if (prefix?.startsWith("staging/") === true && prefix.endsWith("/")) return prefix;
  throw new TerminalError({
    code: "INTERNAL",
    fault: "internal",
    message: `${staging.uri} was not staged by this store.`,
    context: { uri: staging.uri },
  });
}

/** Where a URI or path lies in another one, with `/`. Computes may answer a path with a URI. */
function insideOf(folder: string, uri: string): string {
  const [base, path] = [folder, uri].map((text) => (text.startsWith("file:") ? fileURLToPath(text) : text));
  const start = `${base}/`;
  if (path?.startsWith(start) !== true) {
    throw new TerminalError({
      code: "STORE_IO",
      fault: "internal",
      message: `${uri} is not in the staging folder ${folder}; it is not committed.`,
      context: { uri, folder },
    });
  }
  return path.slice(start.length);
}

/** `part-00000.parquet`: files of one version sort as they were written, and folders of partitions stay. */
function partName(inside: string, index: number): string {
  const at = inside.lastIndexOf("/") + 1;
  const ending = /\..*$/.exec(inside.slice(at))?.[0] ?? "";
  return `${inside.slice(0, at)}part-${String(index).padStart(5, "0")}${ending}`;
}

async function readAll(store: ByteStore, key: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(key)) parts.push(part);
  return Buffer.concat(parts);
}
