import { join } from "node:path";
import { errnoOf } from "./errors.ts";
import type { FileSystem, OpenFolder } from "./file-system.ts";

/** Enough for any other writer's deletes to pass by; an endless ENOENT has another reason. */
const maxRounds = 20;

/**
 * Folders below the root of a byte store, by the parts of keys.
 *
 * Each is opened from the one before and no link is followed, so that nothing that is swapped in between leads out.
 */
export class StoreFolders {
  readonly #fs: FileSystem;
  readonly #root: string;

  /** @param root - Absolute path; may be a link itself. */
  constructor(fileSystem: FileSystem, root: string) {
    this.#fs = fileSystem;
    this.#root = root;
  }

  /** A folder of a key; undefined where it does not exist. */
  async open(folders: readonly string[]): Promise<OpenFolder | undefined> {
    const root = await orUndefined(this.#openRoot());
    return root === undefined
      ? undefined
      : this.#descend(root, folders, async (path) => orUndefined(this.#fs.openFolder(path)));
  }

  /** Works in a folder of a key. One that a delete removed as empty before it was used is made again. */
  async within<T>(folders: readonly string[], use: (folder: OpenFolder) => Promise<T>): Promise<T> {
    for (let round = 1; ; round++) {
      await using folder = await this.#ensureFolder(folders);
      try {
        return await use(folder);
      } catch (error) {
        if (errnoOf(error) !== "ENOENT" || round === maxRounds) throw error;
      }
    }
  }

  /** A folder of a key, made with its parents. */
  async #ensureFolder(folders: readonly string[]): Promise<OpenFolder> {
    await this.#makeRoot(this.#root);
    const folder = await this.#descend(await this.#openRoot(), folders, async (path, parent) => {
      const opened = await orUndefined(this.#fs.openFolder(path));
      if (opened !== undefined) return opened;
      await this.#makeFolder(path);
      await this.#fs.syncFolder(parent);
      return this.#fs.openFolder(path);
    });
    // Descending makes what is missing.
    if (folder === undefined) throw new TypeError(`no folder ${folders.join("/")}`);
    return folder;
  }

  async #descend(
    root: OpenFolder,
    folders: readonly string[],
    open: (path: string, parent: string) => Promise<OpenFolder | undefined>,
  ): Promise<OpenFolder | undefined> {
    let folder = root;
    for (const part of folders) {
      await using parent = folder;
      const next = await open(join(parent.path, part), parent.path);
      if (next === undefined) return undefined;
      folder = next;
    }
    return folder;
  }

  /** The root may be reached through links; below it there are none. */
  async #openRoot(): Promise<OpenFolder> {
    return this.#fs.openFolder(`${this.#root}/.`);
  }

  async #makeRoot(path: string): Promise<void> {
    if (await orUndefined(this.#fs.statTarget(path))) return;
    const parent = join(path, "..");
    if (parent !== path) await this.#makeRoot(parent);
    // What a store keeps is its owner's: objects may hold rows.
    await this.#makeFolder(path, path === this.#root ? 0o700 : 0o777);
    await this.#fs.syncFolder(parent);
  }

  async #makeFolder(path: string, mode?: number): Promise<void> {
    try {
      await this.#fs.makeFolder(path, mode);
    } catch (error) {
      // Another writer made it in between.
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  }

  /** A folder that nobody needs any more. One that another writer uses is not empty, or is made again by it. */
  async removeEmpty(folders: readonly string[]): Promise<void> {
    for (let depth = folders.length; depth > 0; depth--) {
      await using parent = await this.open(folders.slice(0, depth - 1));
      if (parent === undefined) return;
      const path = join(parent.path, folders[depth - 1] ?? "");
      const entries = await orUndefined(this.#fs.readFolder(path));
      if (entries === undefined || entries.length > 0) return;
      if (!(await this.#fs.removeEmptyFolder(path))) return;
    }
  }
}

/** What an operation finds; undefined where nothing is there. */
export async function orUndefined<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    const errno = errnoOf(error);
    // A file where a folder would be: there is no such object either. A link is neither, and refused aloud.
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
}
