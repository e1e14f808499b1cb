import { createIdSource, systemClock } from "@millrace/foundation";
import type { Clock, IdSource } from "@millrace/protocols";
import { createFileSystem } from "./file-system.ts";
import type { FileSystem } from "./file-system.ts";

/** Options of the files adapter. */
export interface FilesOptions {
  /** Times in manifests. @defaultValue the machine's clock */
  readonly clock?: Clock;
  /** Names of temporary files. @defaultValue ids of this process */
  readonly ids?: IdSource;
  /** The calls to the file system, for tests that make them fail. @defaultValue this machine's */
  readonly fileSystem?: FileSystem;
}

/** Complete options. */
export type ResolvedFilesOptions = Required<FilesOptions>;

/** Options with their defaults. */
export function resolveFilesOptions(options: FilesOptions = {}): ResolvedFilesOptions {
  return {
    clock: options.clock ?? systemClock,
    ids: options.ids ?? createIdSource(),
    fileSystem: options.fileSystem ?? createFileSystem(),
  };
}
