import { TerminalError } from "@millrace/foundation";
import type { Adapter, AdapterContext, JsonObject, SinkRequest } from "@millrace/protocols";
import { LocalByteStore } from "./byte-store.ts";
import { appendableFormats } from "./capabilities.ts";
import { resolveFilesOptions } from "./config.ts";
import type { FilesOptions } from "./config.ts";
import { errnoOf } from "./errors.ts";
import { FileSink } from "./file-sink.ts";
import { toPath } from "./file-path.ts";
import { FolderSink } from "./folder-sink.ts";
import { listSourceFiles } from "./source-files.ts";

/**
 * Local files: sources with globs, single files and folders as targets, and the byte store of the state folder.
 *
 * @example const rt = await createRuntime({ compute: [duckdb()], adapters: [files()] });
 */
export function files(options: FilesOptions = {}): Adapter {
  const resolved = resolveFilesOptions(options);
  const { fileSystem, ids } = resolved;
  return {
    name: "files",
    schemes: ["file"],
    openByteStore: (root, { projectRoot, faultPoints }) =>
      new LocalByteStore({ root: toPath(root, projectRoot), fileSystem, ids, faultPoints }),
    listFiles: async (location, { projectRoot }) => listSourceFiles(fileSystem, toPath(location, projectRoot)),
    async checkConnection(uri, params, { projectRoot }) {
      refuseParams(params);
      const path = toPath(uri, projectRoot);
      let kind: string;
      try {
        ({ kind } = await fileSystem.statTarget(path));
        if (kind === "folder") await fileSystem.readFolder(path);
      } catch (error) {
        throw ["ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "") ? noFolder(path, "does not exist") : error;
      }
      if (kind !== "folder") throw noFolder(path, "is not a folder");
    },
    createSink(request, context) {
      const setting = { ...resolved, ...context, request, path: targetPath(request, context) };
      if (request.form === "folder") return new FolderSink(setting);
      checkAppend(request);
      return new FileSink(setting);
    },
  };
}

function targetPath({ uri, form }: SinkRequest, { projectRoot }: AdapterContext): string {
  const path = toPath(uri, projectRoot);
  if (form === "file" && /[/\\]$/.test(uri)) {
    throw new TerminalError({
      code: "TARGET_INVALID",
      fault: "config",
      message: `Target ${uri} ends in a separator and is to be one file. Name the file, or write a folder.`,
      context: { uri },
    });
  }
  return path;
}

/** One file is continued by copying its bytes: that needs a format of rows only, and bytes that are not compressed. */
function checkAppend({ uri, format, mode, options }: SinkRequest): void {
  if (mode !== "append") return;
  const { compression = "auto" } = options;
  const isPlain =
    compression === "auto"
      ? !/\.(?:gz|zst|zstd)$/i.test(uri)
      : compression === "none" || compression === "uncompressed";
  if (isPlain && appendableFormats.includes(format)) return;
  const what = isPlain ? format : `compressed ${format}`;
  const folder = `${uri.replace(/(?:\.[A-Za-z0-9]+)+$/, "")}/`;
  throw new TerminalError({
    code: "TARGET_INVALID",
    fault: "config",
    message: `Rows cannot be appended to one ${what} file (${uri}). Write the folder ${folder} instead: an append adds files to it.`,
    context: { uri, format, suggestion: folder },
  });
}

function refuseParams(params: JsonObject): void {
  const [name] = Object.keys(params);
  if (name === undefined) return;
  throw new TerminalError({
    code: "DEFINITION_UNKNOWN_KEY",
    fault: "config",
    message: `A connection to files has no parameters; received "${name}". The folder is the value of the step.`,
    context: { name },
  });
}

function noFolder(path: string, what: string): TerminalError {
  return new TerminalError({
    code: "SOURCE_NOT_FOUND",
    fault: "config",
    message: `The folder ${path} of the connection ${what}. Make it, or mend the path.`,
    context: { path },
  });
}
