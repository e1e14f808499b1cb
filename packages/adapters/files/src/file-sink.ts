import { basename, dirname, join } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type { EffectContext, EffectGuarantee, Sink, SinkReceipt, SinkWriter, WrittenFile } from "@millrace/protocols";
import { guaranteeOf } from "./capabilities.ts";
import { atFaultPoint, errnoOf } from "./errors.ts";
import { appendToFile } from "./file-append.ts";
import type { FileStat } from "./file-stat.ts";
import { makeFolders, removeMadeFolders } from "./folders.ts";
import { createStaging, syncStaged, tidyUp } from "./staging.ts";
import type { SinkSetting, StagedFile, Staging } from "./staging.ts";
import { resolveTarget, statOrUndefined } from "./target-path.ts";

/** A single file: written beside, synced, renamed into place. Readers see the old file or the new one, whole. */
export class FileSink implements Sink {
  readonly guarantee: EffectGuarantee;
  readonly #setting: SinkSetting;

  constructor(setting: SinkSetting) {
    this.#setting = setting;
    this.guarantee = guaranteeOf(setting.request);
  }

  async begin(context: EffectContext): Promise<SinkWriter> {
    const { fileSystem, path, projectRoot, request } = this.#setting;
    const target = await resolveTarget(fileSystem, path, projectRoot);
    const before = await statOrUndefined(fileSystem, target);
    if (before !== undefined && before.kind !== "file") throw invalidTarget(path, before.kind);
    if (before !== undefined && request.mode === "error_if_exists") throw targetExists(path);
    const staging = await createStaging(this.#setting, target, context);
    return new FileWriter(this.#setting, target, staging);
  }
}

/** One attempt to write a file. */
class FileWriter implements SinkWriter {
  readonly staging: SinkWriter["staging"];
  readonly #setting: SinkSetting;
  readonly #target: string;
  readonly #staging: Staging;
  readonly #made: string[] = [];

  constructor(setting: SinkSetting, target: string, staging: Staging) {
    this.#setting = setting;
    this.#target = target;
    this.#staging = staging;
    // The name decides what readers take it for, so it keeps that of the target.
    this.staging = { form: "file", uri: join(staging.folder, basename(setting.path)) };
  }

  async commit(_key: string, files: readonly WrittenFile[]): Promise<SinkReceipt> {
    const { fileSystem: fs, faultPoints, path, request } = this.#setting;
    await atFaultPoint(faultPoints, "effect.commit", path);
    const staged = this.#single(await syncStaged(this.#setting, this.#staging.folder, files));
    await makeFolders(fs, dirname(this.#target), this.#made);
    const { sizeBytes, bytesWritten } =
      request.mode === "append" ? await this.#append(staged) : await this.#place(staged);
    await fs.syncFolder(dirname(this.#target));
    await tidyUp(this.#setting, async () => this.#staging.remove());
    const rows = staged.rows === undefined ? {} : { rows: staged.rows };
    return { files: [{ uri: this.#target, sizeBytes, ...rows }], bytesWritten };
  }

  async abort(): Promise<void> {
    await tidyUp(this.#setting, async () => {
      await this.#staging.remove();
      await removeMadeFolders(this.#setting.fileSystem, this.#made);
    });
  }

  async #append(staged: StagedFile): ReturnType<typeof appendToFile> {
    return appendToFile(this.#setting, { target: this.#target, staged: staged.path, folder: this.#staging.folder });
  }

  async #place(staged: StagedFile): ReturnType<typeof appendToFile> {
    const { fileSystem: fs, faultPoints, path, request } = this.#setting;
    const before = await statOrUndefined(fs, this.#target);
    if (before !== undefined && before.kind !== "file") throw invalidTarget(path, before.kind);
    // Who could read the old file can read the new one.
    if (before !== undefined) await fs.setMode(staged.path, before.mode);
    await atFaultPoint(faultPoints, "output.rename", path);
    if (request.mode !== "error_if_exists") await fs.rename(staged.path, this.#target);
    else {
      try {
        // A link fails where the name is taken, which a rename does not.
        await fs.link(staged.path, this.#target);
      } catch (error) {
        throw errnoOf(error) === "EEXIST" ? targetExists(path) : error;
      }
    }
    return { sizeBytes: staged.sizeBytes, bytesWritten: staged.sizeBytes };
  }

  #single(staged: readonly StagedFile[]): StagedFile {
    const [file, ...more] = staged;
    if (file !== undefined && more.length === 0) return file;
    throw new TerminalError({
      code: "STORE_IO",
      fault: "internal",
      message: `Target ${this.#setting.path} is one file; ${staged.length} were written for it.`,
      context: { path: this.#setting.path, files: staged.length },
    });
  }
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

function invalidTarget(path: string, kind: FileStat["kind"]): TerminalError {
  const what =
    kind === "folder"
      ? `${path} is a folder; write ${path}/ for a folder target`
      : `${path} is a device or a pipe, and no place for a file`;
  return new TerminalError({ code: "TARGET_INVALID", fault: "config", message: `${what}.`, context: { path } });
}
