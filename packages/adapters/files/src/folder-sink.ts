import { TerminalError } from "@millrace/foundation";
import type { EffectContext, EffectGuarantee, Sink, SinkWriter } from "@millrace/protocols";
import { guaranteeOf } from "./capabilities.ts";
import { errnoOf } from "./errors.ts";
import { targetExists } from "./file-sink.ts";
import { FolderWriter } from "./folder-writer.ts";
import { createStaging } from "./staging.ts";
import type { SinkSetting } from "./staging.ts";
import { logFolder, readTargetManifest } from "./target-log.ts";
import { resolveTarget } from "./target-path.ts";

/**
 * A folder: files go to `v<version>/part-*`, and a manifest that names them makes them count. Readers follow the
 * highest manifest; a commit key that it counts already is not committed again.
 */
export class FolderSink implements Sink {
  readonly guarantee: EffectGuarantee;
  readonly #setting: SinkSetting;

  constructor(setting: SinkSetting) {
    this.#setting = setting;
    this.guarantee = guaranteeOf(setting.request);
  }

  async begin(context: EffectContext): Promise<SinkWriter> {
    const { fileSystem, path, projectRoot } = this.#setting;
    const target = await resolveTarget(fileSystem, path, projectRoot);
    await this.#checkTarget(target, context);
    const staging = await createStaging(this.#setting, target, context);
    return FolderWriter.open({ setting: this.#setting, target, staging, context });
  }

  /** A folder of somebody else's files would be mixed with ours by everyone who lists it. */
  async #checkTarget(target: string, context: EffectContext): Promise<void> {
    const { fileSystem, path, request } = this.#setting;
    const names = await this.#namesIn(target);
    const written = names.includes(logFolder);
    const foreign = names.filter(
      (name) => !name.startsWith(".") && name !== logFolder && !(written && /^v\d+$/.test(name)),
    );
    if (foreign.length > 0) {
      throw new TerminalError({
        code: "TARGET_INVALID",
        fault: "config",
        message: `${path} has files that Millrace did not write, such as "${foreign[0]}". Choose an empty or new folder.`,
        context: { path, files: foreign.slice(0, 5) },
      });
    }
    if (request.mode !== "error_if_exists" || !written) return;
    const current = await readTargetManifest(fileSystem, target);
    // An earlier attempt of this step may have committed and died before it could say so; the commit knows by its key.
    const own = current?.produced_by.run_id === context.runId && current.produced_by.step === context.step;
    if (current !== undefined && !own) throw targetExists(path);
  }

  async #namesIn(target: string): Promise<readonly string[]> {
    try {
      return (await this.#setting.fileSystem.readFolder(target)).map((entry) => entry.name);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      if (errnoOf(error) !== "ENOTDIR") throw error;
      const { path } = this.#setting;
      throw new TerminalError({
        code: "TARGET_INVALID",
        fault: "config",
        message: `${path} is a file; a folder target needs a folder there. Name another folder, or end the name with the file's extension.`,
        context: { path },
      });
    }
  }
}
