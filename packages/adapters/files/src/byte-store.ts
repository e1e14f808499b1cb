import { join } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type { ByteStore, ByteStoreCapabilities, FaultPoints, IdSource, ObjectStat } from "@millrace/protocols";
import { byteStoreCapabilities } from "./capabilities.ts";
import { errnoOf } from "./errors.ts";
import type { FileSystem, FolderEntry, OpenFolder } from "./file-system.ts";
import { parseKey, parsePrefix, temporaryPrefix } from "./object-key.ts";

/** Enough for any other writer's deletes to pass by; an endless ENOENT has another reason. */
const maxRounds = 20;

/** What a local byte store needs. */
export interface LocalByteStoreOptions {
  /** Absolute path of the folder; made when something is written. May be a link itself. */
  readonly root: string;
  readonly fileSystem: FileSystem;
  readonly ids: IdSource;
  readonly faultPoints: FaultPoints;
}

/**
 * Objects as files below a folder.
 *
 * Links below the root are never followed: each folder of a key is opened from the one before, so that nothing that is
 * swapped in between leads out. What is written is synced, file and folder, before it counts.
 */
export class LocalByteStore implements ByteStore {
  readonly scheme: string = "file";
  readonly capabilities: ByteStoreCapabilities = byteStoreCapabilities;
  readonly #options: LocalByteStoreOptions;
  readonly #fs: FileSystem;

  constructor(options: LocalByteStoreOptions) {
    this.#options = options;
    this.#fs = options.fileSystem;
  }

  uri(key: string): string {
    return join(this.#options.root, ...parseKey(key));
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    const { folders, name } = split(key);
    await using folder = await this.#openFolder(folders);
    // Awaited here: the folder is closed when this block ends.
    return folder === undefined ? undefined : await this.#statIn(folder, name, key);
  }

  async *list(prefix: string): AsyncGenerator<ObjectStat> {
    const { folders, start } = parsePrefix(prefix);
    const parent = folders.map((part) => `${part}/`).join("");
    yield* this.#listFolder(folders, parent, start);
  }

  async *read(key: string, range: { readonly start?: number; readonly end?: number } = {}): AsyncGenerator<Uint8Array> {
    const { folders, name } = split(key);
    await using folder = await this.#openFolder(folders);
    const stat = folder === undefined ? undefined : await this.#statIn(folder, name, key);
    if (folder === undefined || stat === undefined) throw this.#notFound(key);
    try {
      yield* this.#fs.read(join(folder.path, name), range);
    } catch (error) {
      throw errnoOf(error) === "ENOENT" ? this.#notFound(key) : error;
    }
  }

  async write(key: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<ObjectStat> {
    const { folders, name } = split(key);
    return this.#inFolder(folders, async (folder) => {
      await this.#withTemporary(folder, body, async (temporary) => this.#fs.rename(temporary, join(folder.path, name)));
      await this.#fs.syncFolder(folder.path);
      const stat = await this.#statIn(folder, name, key);
      if (stat === undefined) throw this.#notFound(key);
      return stat;
    });
  }

  async createIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    const { folders, name } = split(key);
    return this.#inFolder(folders, async (folder) => {
      const target = join(folder.path, name);
      if (await this.#exists(target)) return false;
      // A link is made whole or not at all, and fails where the name is taken: content and name appear together.
      const created = await this.#withTemporary(folder, body, async (temporary) => this.#link(temporary, target));
      if (created) await this.#fs.syncFolder(folder.path);
      return created;
    });
  }

  async move(from: string, to: string, options: { readonly ifAbsent?: boolean } = {}): Promise<boolean> {
    const [source, target] = [split(from), split(to)];
    const moved = await this.#inFolder(target.folders, async (targetFolder) => {
      await using sourceFolder = await this.#openFolder(source.folders);
      if (sourceFolder === undefined || (await this.#statIn(sourceFolder, source.name, from)) === undefined)
        throw this.#notFound(from);
      const [sourcePath, targetPath] = [join(sourceFolder.path, source.name), join(targetFolder.path, target.name)];
      if (options.ifAbsent === true && (await this.#exists(targetPath))) return false;
      // Whoever wrote the file may not have synced it: a compute does not.
      await this.#options.faultPoints.pass("output.fsync");
      await this.#fs.syncFile(sourcePath);
      await this.#options.faultPoints.pass("output.rename");
      if (options.ifAbsent !== true) await this.#fs.rename(sourcePath, targetPath);
      else if (!(await this.#link(sourcePath, targetPath))) return false;
      await this.#fs.syncFolder(targetFolder.path);
      if (options.ifAbsent === true) await this.#unlinkIfThere(sourcePath);
      await this.#fs.syncFolder(sourceFolder.path);
      return true;
    });
    if (moved) await this.#removeEmptyFolders(source.folders);
    return moved;
  }

  async delete(key: string): Promise<void> {
    const { folders, name } = split(key);
    await using folder = await this.#openFolder(folders);
    if (folder === undefined || (await this.#statIn(folder, name, key)) === undefined) return;
    await this.#unlinkIfThere(join(folder.path, name));
    await this.#fs.syncFolder(folder.path);
    await this.#removeEmptyFolders(folders);
  }

  /** A folder of a key; undefined where it does not exist. */
  async #openFolder(folders: readonly string[]): Promise<OpenFolder | undefined> {
    const root = await this.#orUndefined(this.#openRoot());
    return root === undefined
      ? undefined
      : this.#descend(root, folders, async (path) => this.#orUndefined(this.#fs.openFolder(path)));
  }

  /** Works in a folder of a key. One that a delete removed as empty before it was used is made again. */
  async #inFolder<T>(folders: readonly string[], use: (folder: OpenFolder) => Promise<T>): Promise<T> {
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
    await this.#makeRoot(this.#options.root);
    const folder = await this.#descend(await this.#openRoot(), folders, async (path, parent) => {
      const opened = await this.#orUndefined(this.#fs.openFolder(path));
      if (opened !== undefined) return opened;
      await this.#makeFolder(path);
      await this.#fs.syncFolder(parent);
      return this.#fs.openFolder(path);
    });
    if (folder === undefined) throw this.#notFound(folders.join("/"));
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
    return this.#fs.openFolder(`${this.#options.root}/.`);
  }

  async #makeRoot(path: string): Promise<void> {
    if (await this.#orUndefined(this.#fs.statTarget(path))) return;
    const parent = join(path, "..");
    if (parent !== path) await this.#makeRoot(parent);
    await this.#makeFolder(path);
    await this.#fs.syncFolder(parent);
  }

  async #makeFolder(path: string): Promise<void> {
    try {
      await this.#fs.makeFolder(path);
    } catch (error) {
      // Another writer made it in between.
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  }

  /** A folder that nobody needs any more. One that another writer uses is not empty, or is made again by it. */
  async #removeEmptyFolders(folders: readonly string[]): Promise<void> {
    for (let depth = folders.length; depth > 0; depth--) {
      await using parent = await this.#openFolder(folders.slice(0, depth - 1));
      if (parent === undefined) return;
      const path = join(parent.path, folders[depth - 1] ?? "");
      const entries = await this.#orUndefined(this.#fs.readFolder(path));
      if (entries === undefined || entries.length > 0) return;
      if (!(await this.#fs.removeEmptyFolder(path))) return;
    }
  }

  async *#listFolder(folders: readonly string[], parent: string, start: string): AsyncGenerator<ObjectStat> {
    await using folder = await this.#openFolder(folders);
    if (folder === undefined) return;
    for (const { name, kind } of await this.#readSorted(folder, start)) {
      if (kind === "folder") yield* this.#listFolder([...folders, name], `${parent}${name}/`, "");
      else {
        const stat = await this.#statIn(folder, name, `${parent}${name}`);
        // Undefined where it was deleted since the folder was read.
        if (stat !== undefined) yield stat;
      }
    }
  }

  /** Names in the order of the keys below them: a folder sorts by its name with a slash, `b-x` before `b/1`. */
  async #readSorted(folder: OpenFolder, start: string): Promise<readonly FolderEntry[]> {
    const entries = await this.#orUndefined(this.#fs.readFolder(folder.path));
    return (entries ?? [])
      .filter(({ kind }) => kind === "file" || kind === "folder")
      .filter(({ name }) => name.startsWith(start) && !name.startsWith(temporaryPrefix))
      .map((entry) => ({ entry, order: Buffer.from(entry.kind === "folder" ? `${entry.name}/` : entry.name) }))
      .toSorted((a, b) => Buffer.compare(a.order, b.order))
      .map(({ entry }) => entry);
  }

  async #statIn(folder: OpenFolder, name: string, key: string): Promise<ObjectStat | undefined> {
    const stat = await this.#orUndefined(this.#fs.stat(join(folder.path, name)));
    if (stat?.kind !== "file") return undefined;
    const { sizeBytes, modifiedAt, inode, mtimeNs, ctimeNs } = stat;
    // The change time cannot be set by a program: it tells two contents of one size and time apart.
    return { key, sizeBytes, modifiedAt, etag: `${inode}-${sizeBytes}-${mtimeNs}-${ctimeNs}` };
  }

  async #exists(path: string): Promise<boolean> {
    return (await this.#orUndefined(this.#fs.stat(path))) !== undefined;
  }

  async #link(existing: string, path: string): Promise<boolean> {
    try {
      await this.#fs.link(existing, path);
      return true;
    } catch (error) {
      if (errnoOf(error) === "EEXIST") return false;
      throw error;
    }
  }

  /** Writes a synced temporary file, gives it to `use`, and removes it where it is still there. */
  async #withTemporary<T>(
    folder: OpenFolder,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    use: (path: string) => Promise<T>,
  ): Promise<T> {
    const path = join(folder.path, `${temporaryPrefix}${this.#options.ids.uuid()}`);
    try {
      await this.#fs.writeNew(path, body);
      return await use(path);
    } finally {
      await this.#unlinkIfThere(path);
    }
  }

  async #unlinkIfThere(path: string): Promise<void> {
    await this.#orUndefined(this.#fs.unlink(path));
  }

  async #orUndefined<T>(operation: Promise<T>): Promise<T | undefined> {
    try {
      return await operation;
    } catch (error) {
      const errno = errnoOf(error);
      // A file where a folder would be: there is no such object either. A link is neither, and refused aloud.
      if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
      throw error;
    }
  }

  #notFound(key: string): TerminalError {
    return new TerminalError({
      code: "STORE_OBJECT_NOT_FOUND",
      fault: "caller",
      message: `No object "${key}" is in ${this.#options.root}.`,
      context: { key, root: this.#options.root },
    });
  }
}

function split(key: string): { readonly folders: readonly string[]; readonly name: string } {
  const parts = parseKey(key);
  return { folders: parts.slice(0, -1), name: parts.at(-1) ?? "" };
}
