import { mkdir, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { withStoreErrors } from "./store-error.ts";

/** Enough for others who remove what is empty to pass by. */
const maxRounds = 20;

/** Makes places that a compute writes to; stores of objects have no folders and need nothing. */
export interface StagingFolders {
  /** Makes an empty folder with its parents. */
  create(uri: string): Promise<void>;
  /** Removes a folder with what is in it, and the two around it, of step and run, where nothing else is in them. */
  remove(uri: string): Promise<void>;
}

/** Folders of this machine: for a store whose URIs are paths. */
export const localStagingFolders: StagingFolders = {
  async create(uri) {
    const path = toPath(uri);
    await withStoreErrors(`create ${path}`, async () => makeFolder(path));
  },
  async remove(uri) {
    const path = toPath(uri);
    await withStoreErrors(`remove ${path}`, async () => {
      await rm(path, { recursive: true, force: true });
      const step = dirname(path);
      if (await removeEmpty(step)) await removeEmpty(dirname(step));
    });
  },
};

async function makeFolder(path: string): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      await mkdir(path, { recursive: true });
      return;
    } catch (error) {
      // A parent was empty, and whoever made it removed it in between.
      if (codeOf(error) !== "ENOENT" || round === maxRounds) throw error;
    }
  }
}

async function removeEmpty(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    // Others are at work in it, or have removed it.
    if (["ENOTEMPTY", "EEXIST", "ENOENT"].includes(codeOf(error) ?? "")) return false;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as { readonly code?: string }).code;
}

/** No folders: a key is enough for a file to be there. */
export const noStagingFolders: StagingFolders = { create: async () => undefined, remove: async () => undefined };

function toPath(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}
