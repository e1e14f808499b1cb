import { basename, dirname, join } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type {
  EffectContext,
  ManifestFile,
  SinkReceipt,
  SinkWriter,
  TargetFile,
  TargetManifest,
  WrittenFile,
} from "@millrace/protocols";
import { LocalByteStore } from "./byte-store.ts";
import { atFaultPoint, errnoOf } from "./errors.ts";
import { targetExists } from "./file-sink.ts";
import { makeFolders, partsBelow, removeMadeFolders } from "./folders.ts";
import { syncStaged, tidyUp } from "./staging.ts";
import type { SinkSetting, StagedFile, Staging } from "./staging.ts";
import { listTargetVersions, logFolder, manifestName, readTargetManifest } from "./target-log.ts";

/** Writers that commit to one folder at the same time; each round one of them wins. */
const maxRounds = 1000;

/** What an attempt to write a folder is made of. */
export interface FolderAttempt {
  readonly setting: SinkSetting;
  /** Path of the target without links. */
  readonly target: string;
  readonly staging: Staging;
  readonly context: EffectContext;
}

/** One attempt to write a folder: files under a version of their own, then the manifest that counts them. */
export class FolderWriter implements SinkWriter {
  readonly staging: SinkWriter["staging"];
  readonly #attempt: FolderAttempt;
  readonly #made: string[] = [];
  /** Version folder that this attempt filled, before a manifest counts it. */
  #placed: string | undefined;

  private constructor(attempt: FolderAttempt, filled: string) {
    this.#attempt = attempt;
    this.staging = { form: "folder", uri: filled };
  }

  static async open(attempt: FolderAttempt): Promise<FolderWriter> {
    const filled = join(attempt.staging.folder, "filled");
    await attempt.setting.fileSystem.makeFolder(filled);
    return new FolderWriter(attempt, filled);
  }

  async commit(key: string, files: readonly WrittenFile[]): Promise<SinkReceipt> {
    const { setting, target, staging } = this.#attempt;
    const { fileSystem: fs, faultPoints } = setting;
    await atFaultPoint(faultPoints, "effect.commit", setting.path);
    const done = await this.#findCommit(key);
    if (done !== undefined) {
      await tidyUp(setting, async () => staging.remove());
      return this.#receiptOf(done);
    }
    const staged = await syncStaged(setting, this.staging.uri, files);
    const parts = await this.#nameParts(staged);
    // The log first: version folders without one would look like somebody else's.
    await makeFolders(fs, join(target, logFolder), this.#made);
    await atFaultPoint(faultPoints, "output.rename", setting.path);
    const placed = await this.#place(parts);
    await atFaultPoint(faultPoints, "manifest.commit", setting.path);
    const manifest = await this.#publish(placed, key);
    this.#placed = undefined;
    await tidyUp(setting, async () => {
      await staging.remove();
      await this.#releaseOldFiles(manifest);
    });
    return this.#receiptOf(manifest.files.filter((file) => file.commit_key === key));
  }

  async abort(): Promise<void> {
    const { setting, target, staging } = this.#attempt;
    await tidyUp(setting, async () => {
      await staging.remove();
      if (this.#placed !== undefined && !(await this.#isCounted(this.#placed)))
        await setting.fileSystem.removeTree(join(target, this.#placed));
      this.#placed = undefined;
      await removeMadeFolders(setting.fileSystem, this.#made);
    });
  }

  /** Gives files the names that readers of a folder expect; folders of partitions stay. */
  async #nameParts(staged: readonly StagedFile[]): Promise<readonly ManifestFile[]> {
    const fs = this.#attempt.setting.fileSystem;
    const ready = join(this.#attempt.staging.folder, "ready");
    await fs.makeFolder(ready);
    const parts: ManifestFile[] = [];
    const folders = new Set([ready]);
    for (const [index, { path, sizeBytes, rows }] of staged.entries()) {
      const ending = /\..*$/.exec(basename(path))?.[0] ?? "";
      const name = `part-${String(index).padStart(5, "0")}${ending}`;
      const inside = [...partsBelow(this.staging.uri, dirname(path)), name];
      for (let depth = 1; depth < inside.length; depth++) {
        const folder = join(ready, ...inside.slice(0, depth));
        if (!folders.has(folder)) await fs.makeFolder(folder);
        folders.add(folder);
      }
      await fs.rename(path, join(ready, ...inside));
      parts.push({ path: inside.join("/"), size_bytes: sizeBytes, ...(rows === undefined ? {} : { rows }) });
    }
    // The folder moves as a whole: its entries, and those of its folders, must be safe before.
    for (const folder of folders) await fs.syncFolder(folder);
    return parts;
  }

  /** Moves the whole folder to the first version that nobody took; a version whose writer died stays unused. */
  async #place(parts: readonly ManifestFile[]): Promise<readonly ManifestFile[]> {
    const { setting, target, staging } = this.#attempt;
    const fs = setting.fileSystem;
    const versions = await listTargetVersions(fs, target);
    for (let version = (versions.at(-1) ?? 0) + 1; ; version++) {
      const name = `v${version}`;
      try {
        await fs.rename(join(staging.folder, "ready"), join(target, name));
      } catch (error) {
        // A folder with files is never replaced by a rename.
        if (errnoOf(error) === "ENOTEMPTY" || errnoOf(error) === "EEXIST") continue;
        throw error;
      }
      this.#placed = name;
      await fs.syncFolder(target);
      return parts.map((part) => ({ ...part, path: `${name}/${part.path}` }));
    }
  }

  /** Creates the next manifest. Who loses reads the winner's and tries the one after, so that no append is lost. */
  async #publish(placed: readonly ManifestFile[], key: string): Promise<TargetManifest> {
    const { setting, target, context } = this.#attempt;
    const { request, clock, path } = setting;
    const store = new LocalByteStore({ ...setting, root: target });
    const own: readonly TargetFile[] = placed.map((file) => ({ ...file, commit_key: key }));
    for (let round = 0; round < maxRounds; round++) {
      const current = await readTargetManifest(setting.fileSystem, target);
      if (current !== undefined && request.mode === "error_if_exists") throw targetExists(path);
      const files = [...(request.mode === "append" ? (current?.files ?? []) : []), ...own];
      const rows = sumRows(files);
      const manifest: TargetManifest = {
        schema: "millrace.target",
        version: 1,
        target_version: (current?.target_version ?? 0) + 1,
        format: request.format,
        mode: request.mode,
        files,
        ...(rows === undefined ? {} : { rows }),
        committed_at: clock.now().toISOString(),
        commit_key: key,
        produced_by: { run_id: context.runId, step: context.step, attempt: context.attempt },
      };
      const body = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
      if (await store.createIfAbsent(`${logFolder}/${manifestName(manifest.target_version)}`, body)) return manifest;
    }
    throw new TerminalError({
      code: "STORE_IO",
      fault: "internal",
      message: `No manifest could be created in ${path}: others were faster ${maxRounds} times.`,
      context: { path },
    });
  }

  /**
   * Removes the files that only the version before the previous one has: readers of the previous one may still be at
   * work. Manifests stay, so that no number is ever used twice.
   */
  async #releaseOldFiles(manifest: TargetManifest): Promise<void> {
    const { setting, target } = this.#attempt;
    const fs = setting.fileSystem;
    const [newest, previous, oldest] = [0, 1, 2].map((back) => manifest.target_version - back);
    if (oldest === undefined || oldest < 1) return;
    const used = new Set<string>();
    for (const version of [newest, previous])
      for (const folder of foldersOf(await readTargetManifest(fs, target, version))) used.add(folder);
    for (const folder of foldersOf(await readTargetManifest(fs, target, oldest)))
      if (!used.has(folder)) await fs.removeTree(join(target, folder));
  }

  /** Whether a manifest counts the files of a version folder: one may be there although its creation was reported failed. */
  async #isCounted(folder: string): Promise<boolean> {
    const { setting, target } = this.#attempt;
    for (const version of await listTargetVersions(setting.fileSystem, target))
      if (foldersOf(await readTargetManifest(setting.fileSystem, target, version)).has(folder)) return true;
    return false;
  }

  /** The files of this effect where the current version counts them: an earlier attempt died before it could say so. */
  async #findCommit(key: string): Promise<readonly TargetFile[] | undefined> {
    const { setting, target } = this.#attempt;
    const current = await readTargetManifest(setting.fileSystem, target);
    const own = current?.files.filter((file) => file.commit_key === key) ?? [];
    return current?.commit_key === key || own.length > 0 ? own : undefined;
  }

  #receiptOf(own: readonly TargetFile[]): SinkReceipt {
    const files = own.map((file): WrittenFile => ({
      uri: join(this.#attempt.target, ...file.path.split("/")),
      sizeBytes: file.size_bytes,
      ...(file.rows === undefined ? {} : { rows: file.rows }),
    }));
    return { files, bytesWritten: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
  }
}

/** Version folders that a manifest's files are in. */
function foldersOf(manifest: TargetManifest | undefined): ReadonlySet<string> {
  return new Set(manifest?.files.map((file) => file.path.split("/")[0] ?? ""));
}

function sumRows(files: readonly ManifestFile[]): number | undefined {
  const counted = files.flatMap((file) => (file.rows === undefined ? [] : [file.rows]));
  return counted.length === files.length ? counted.reduce((sum, rows) => sum + rows, 0) : undefined;
}
