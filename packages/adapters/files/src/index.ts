// Local files as Millrace storage: sources, targets, byte stores.
//
//   import { files } from "@millrace/files";
//   const rt = await createRuntime({ adapters: [files()] });
export { files } from "./adapter.ts";
export type { FilesOptions } from "./config.ts";
export { createFileSystem } from "./file-system.ts";
export type { FileStat } from "./file-stat.ts";
export type { FileSystem, FolderEntry, OnFileCall, OpenFolder } from "./file-system.ts";
