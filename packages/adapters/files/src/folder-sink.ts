import { basename, dirname, join, relative, sep } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type {
  EffectContext,
  EffectGuarantee,
  ManifestFile,
  Sink,
  SinkReceipt,
  SinkWriter,
  TargetManifest,
  WrittenFile,
} from "@millrace/protocols";
import { LocalByteStore } from "./byte-store.ts";
import type { ResolvedFilesOptions } from "./config.ts";
import { errnoOf } from "./errors.ts";
import { targetExists } from "./file-sink.ts";
import { createStaging, makeFolders, syncStaged } from "./staging.ts";
import type { ResolvedTarget, StagedFile, Staging } from "./staging.ts";
import { listTargetVersions, logFolder, manifestName, readTargetManifest } from "./target-log.ts";

/** Writers that commit to one folder at the same time; each round one of them wins. */
const maxRounds = 1000;

/**
 * A folder: files go to `v<version>/part-*`, and a manifest that names them makes them count. Readers follow the
 * highest manifest; a commit key that a manifest has already is not committed again.
 */
export class FolderSink implements Sink {
  readonly guarantee: EffectGuarantee;
  readonly #options: ResolvedFilesOptions;
  readonly #target: ResolvedTarget;

  constructor(options: ResolvedFilesOptions, target: ResolvedTarget, guarantee: EffectGuarantee) {
    this.#options = options;
    this.#target = target;
    this.guarantee = guarantee;
  }

  async begin(context: EffectContext): Promise<SinkWriter> {
    const { path, request } = this.#target;
    await this.#checkTarget();
    const staging = await createStaging(this.#options, {
      target: path,
      stagingDirectory: request.stagingDirectory,
      context,
    });
    return {
      staging: { form: "folder", uri: staging.folder },
      previous: [],
      commit: async (key, files) => this.#commit(files, { key, staging, context }),
      abort: async () => staging.remove(),
    };
  }

  /** A folder of somebody else's files would be mixed with ours by everyone who lists it. */
  async #checkTarget(): Promise<void> {
    const { path, request } = this.#target;
    let names: readonly string[];
    try {
      names = (await this.#options.fileSystem.readFolder(path)).map((entry) => entry.name);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return;
      if (errnoOf(error) !== "ENOTDIR") throw error;
      throw new TerminalError({
        code: "TARGET_INVALID",
        fault: "config",
        message: `${path} is a file, or a part of it is; a folder target needs a folder there.`,
        context: { path },
      });
    }
    const written = names.includes(logFolder);
    const foreign = names.filter(
      (name) => !name.startsWith(".") && name !== logFolder && !(written && /^v\d+/.test(name)),
    );
    if (foreign.length > 0) {
      throw new TerminalError({
        code: "TARGET_INVALID",
        fault: "config",
        message: `${path} has files that Millrace did not write, such as "${foreign[0]}". Choose an empty or new folder.`,
        context: { path, files: foreign.slice(0, 5) },
      });
    }
    if (request.mode === "error_if_exists" && (await listTargetVersions(this.#options.fileSystem, path)).length > 0)
      throw targetExists(path);
  }

  async #commit(
    files: readonly WrittenFile[],
    { key, staging, context }: { readonly key: string; readonly staging: Staging; readonly context: EffectContext },
  ): Promise<SinkReceipt> {
    const { path, faultPoints } = this.#target;
    const { fileSystem: fs } = this.#options;
    await faultPoints.pass("effect.commit");
    const done = await this.#findCommit(key);
    if (done !== undefined) {
      await staging.remove();
      return this.#receiptOf(done);
    }
    const staged = await syncStaged({ fs, faultPoints }, staging.folder, files);
    const named = await this.#nameParts(staging.folder, staged);
    await makeFolders(fs, path);
    await faultPoints.pass("output.rename");
    const own = await this.#placeFolder(staging.folder, named);
    await this.#publish(own, { key, context });
    await staging.remove();
    return this.#receiptOf(own);
  }

  /** Gives files the names that readers of a folder expect; folders of partitions stay. */
  async #nameParts(folder: string, staged: readonly StagedFile[]): Promise<readonly ManifestFile[]> {
    const parts: ManifestFile[] = [];
    for (const [index, { path, sizeBytes, rows }] of staged.entries()) {
      const ending = /\..*$/.exec(basename(path))?.[0] ?? "";
      const named = join(dirname(path), `part-${String(index).padStart(5, "0")}${ending}`);
      if (named !== path) await this.#options.fileSystem.rename(path, named);
      const inside = relative(folder, named).split(sep).join("/");
      parts.push({ path: inside, size_bytes: sizeBytes, ...(rows === undefined ? {} : { rows }) });
    }
    for (const each of new Set(staged.map(({ path }) => dirname(path))))
      await this.#options.fileSystem.syncFolder(each);
    return parts;
  }

  /** Moves the whole folder to the first version that nobody took; a version whose writer died stays unused. */
  async #placeFolder(folder: string, parts: readonly ManifestFile[]): Promise<readonly ManifestFile[]> {
    const { path } = this.#target;
    const fs = this.#options.fileSystem;
    const versions = await listTargetVersions(fs, path);
    for (let version = (versions.at(-1) ?? 0) + 1; ; version++) {
      const name = `v${version}`;
      try {
        await fs.rename(folder, join(path, name));
      } catch (error) {
        // A folder with files is never replaced by a rename.
        if (errnoOf(error) === "ENOTEMPTY" || errnoOf(error) === "EEXIST") continue;
        throw error;
      }
      await fs.syncFolder(path);
      return parts.map((part) => ({ ...part, path: `${name}/${part.path}` }));
    }
  }

  /** Creates the next manifest. Who loses reads the winner's and tries the one after, so that no append is lost. */
  async #publish(
    own: readonly ManifestFile[],
    { key, context }: { readonly key: string; readonly context: EffectContext },
  ): Promise<void> {
    const { path, request } = this.#target;
    const { fileSystem, ids, clock } = this.#options;
    const store = new LocalByteStore({ root: path, fileSystem, ids, faultPoints: this.#target.faultPoints });
    for (let round = 0; round < maxRounds; round++) {
      const current = await readTargetManifest(fileSystem, path);
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
      if (await store.createIfAbsent(`${logFolder}/${manifestName(manifest.target_version)}`, body)) return;
    }
    throw new TerminalError({
      code: "STORE_IO",
      fault: "internal",
      message: `No manifest could be created in ${path}: others were faster ${maxRounds} times.`,
      context: { path },
    });
  }

  /** The files of this effect, where an earlier attempt committed it and died before it could say so. */
  async #findCommit(key: string): Promise<readonly ManifestFile[] | undefined> {
    const { path } = this.#target;
    let before: ReadonlySet<string> = new Set();
    for (const version of await listTargetVersions(this.#options.fileSystem, path)) {
      const manifest = await readTargetManifest(this.#options.fileSystem, path, version);
      if (manifest?.commit_key === key) return manifest.files.filter((file) => !before.has(file.path));
      before = new Set(manifest?.files.map((file) => file.path));
    }
    return undefined;
  }

  #receiptOf(own: readonly ManifestFile[]): SinkReceipt {
    const files = own.map((file): WrittenFile => ({
      uri: join(this.#target.path, ...file.path.split("/")),
      sizeBytes: file.size_bytes,
      ...(file.rows === undefined ? {} : { rows: file.rows }),
    }));
    return { files, bytesWritten: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
  }
}

function sumRows(files: readonly ManifestFile[]): number | undefined {
  const counted = files.flatMap((file) => (file.rows === undefined ? [] : [file.rows]));
  return counted.length === files.length ? counted.reduce((sum, rows) => sum + rows, 0) : undefined;
}
