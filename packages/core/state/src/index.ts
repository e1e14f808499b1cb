// What runs leave behind: committed datasets and folders of runs, over any byte store.
//
//   import { createDatasetStore, createRunStore } from "@millrace/state";
//   const datasets = createDatasetStore({ store, clock, ids, faultPoints });
export { createDatasetStore } from "./dataset-store.ts";
export type { DatasetStoreOptions } from "./dataset-store.ts";
export { createRunStore } from "./run-store.ts";
export type { RunEntry, RunStore } from "./run-store.ts";
export type { RunFolder, RunStoreOptions } from "./run-folder.ts";
export { createLocalAppender } from "./object-appender.ts";
export type { ObjectAppender } from "./object-appender.ts";
export { localStagingFolders, noStagingFolders } from "./staging-folder.ts";
export type { StagingFolders } from "./staging-folder.ts";
export { ensureStateFolder } from "./state-folder.ts";
