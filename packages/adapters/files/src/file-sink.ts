import { basename, dirname, join } from "node:path";
import { RetryableError, TerminalError } from "@millrace/foundation";
import type { EffectContext, EffectGuarantee, Sink, SinkReceipt, SinkWriter, WrittenFile } from "@millrace/protocols";
import type { ResolvedFilesOptions } from "./config.ts";
import { errnoOf } from "./errors.ts";
import type { FileStat } from "./file-system.ts";
import { createStaging, makeFolders, syncStaged } from "./staging.ts";
import type { ResolvedTarget, Staging } from "./staging.ts";

/** A single file: written beside, synced, renamed into place. Readers see the old file or the new one, whole. */
export class FileSink implements Sink {
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
    const before = await this.#stat();
    if (before !== undefined && before.kind !== "file" && before.kind !== "link")
      throw invalidTarget(path, before.kind);
    if (before !== undefined && request.mode === "error_if_exists") throw targetExists(path);
    const staging = await createStaging(this.#options, {
      target: path,
      stagingDirectory: request.stagingDirectory,
      context,
    });
    return {
      // The name decides what readers take it for, so it keeps that of the target.
      staging: { form: "file", uri: join(staging.folder, basename(path)) },
      previous: before !== undefined && request.mode === "append" ? [path] : [],
      commit: async (_key, files) => this.#commit(files, { staging, before }),
      abort: async () => staging.remove(),
    };
  }

  async #commit(
    files: readonly WrittenFile[],
    { staging, before }: { readonly staging: Staging; readonly before: FileStat | undefined },
  ): Promise<SinkReceipt> {
    const { path, request, faultPoints } = this.#target;
    const { fileSystem: fs } = this.#options;
    await faultPoints.pass("effect.commit");
    const [staged, ...more] = await syncStaged({ fs, faultPoints }, staging.folder, files);
    if (staged === undefined || more.length > 0) {
      throw new TerminalError({
        code: "STORE_IO",
        fault: "internal",
        message: `Target ${path} is one file; ${files.length} were written for it.`,
        context: { path, files: files.length },
      });
    }
    await makeFolders(fs, dirname(path));
    if (request.mode === "append" && !isSame(before, await this.#stat())) throw targetChanged(path);
    await faultPoints.pass("output.rename");
    if (request.mode === "error_if_exists") await this.#place(staged.path);
    else await fs.rename(staged.path, path);
    await fs.syncFolder(dirname(path));
    await staging.remove();
    const file = {
      uri: path,
      sizeBytes: staged.sizeBytes,
      ...(staged.rows === undefined ? {} : { rows: staged.rows }),
    };
    return { files: [file], bytesWritten: staged.sizeBytes };
  }

  /** A link fails where the name is taken, which a rename does not. */
  async #place(staged: string): Promise<void> {
    try {
      await this.#options.fileSystem.link(staged, this.#target.path);
    } catch (error) {
      throw errnoOf(error) === "EEXIST" ? targetExists(this.#target.path) : error;
    }
  }

  async #stat(): Promise<FileStat | undefined> {
    try {
      return await this.#options.fileSystem.stat(this.#target.path);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw errnoOf(error) === "ENOTDIR" ? invalidTarget(this.#target.path, "file") : error;
    }
  }
}

function isSame(a: FileStat | undefined, b: FileStat | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.inode === b.inode && a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

/** The target is there and must not be. */
export function targetExists(path: string): TerminalError {
  return new TerminalError({
    code: "TARGET_EXISTS",
    fault: "caller",
    message: `${path} exists and the mode is error_if_exists. Remove it, or choose overwrite or append.`,
    context: { path },
  });
}

function targetChanged(path: string): RetryableError {
  return new RetryableError({
    code: "TARGET_CHANGED",
    fault: "upstream",
    message: `${path} changed while rows were appended to it. Let one pipeline at a time write to it.`,
    context: { path },
  });
}

function invalidTarget(path: string, kind: FileStat["kind"]): TerminalError {
  const what =
    kind === "folder"
      ? `${path} is a folder; write ${path}/ for a folder target`
      : `${path} or a part of it is not a place for a file`;
  return new TerminalError({ code: "TARGET_INVALID", fault: "config", message: `${what}.`, context: { path } });
}
