import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Enough for others who remove what is empty to pass by. */
const maxRounds = 20;

/** Makes places that a compute writes to; stores of objects have no folders and need nothing. */
export interface StagingFolders {
  /** Makes an empty folder, also where an attempt of the same number left something. */
  create(uri: string): Promise<void>;
  remove(uri: string): Promise<void>;
}

/** Folders of this machine: for a store whose URIs are paths. */
export const localStagingFolders: StagingFolders = {
  async create(uri) {
    const path = toPath(uri);
    await rm(path, { recursive: true, force: true });
    for (let round = 1; ; round++) {
      try {
        await mkdir(path, { recursive: true });
        return;
      } catch (error) {
        // A parent was empty, and whoever made it removed it in between.
        if ((error as { readonly code?: unknown }).code !== "ENOENT" || round === maxRounds) throw error;
      }
    }
  },
  async remove(uri) {
    await rm(toPath(uri), { recursive: true, force: true });
  },
};

/** No folders: a key is enough for a file to be there. */
export const noStagingFolders: StagingFolders = { create: async () => undefined, remove: async () => undefined };

function toPath(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}
