import { join } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type { ByteStore, ByteStoreCapabilities, FaultPoints, IdSource, ObjectStat } from "@millrace/protocols";
import { byteStoreCapabilities } from "./capabilities.ts";
import { atFaultPoint, errnoOf } from "./errors.ts";
import type { FileSystem, FolderEntry, OpenFolder } from "./file-system.ts";
import { parseKey, parsePrefix, temporaryPrefix } from "./object-key.ts";
import { orUndefined, StoreFolders } from "./store-folders.ts";

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
  readonly #folders: StoreFolders;

  constructor(options: LocalByteStoreOptions) {
    this.#options = options;
    this.#fs = options.fileSystem;
    this.#folders = new StoreFolders(options.fileSystem, options.root);
  }

  uri(key: string): string {
    return join(this.#options.root, ...parseKey(key));
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    const { folders, name } = split(key);
    await using folder = await this.#folders.open(folders);
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
    await using folder = await this.#folders.open(folders);
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
    return this.#folders.within(folders, async (folder) => {
      await this.#withTemporary(folder, body, async (temporary) => this.#fs.rename(temporary, join(folder.path, name)));
      await this.#fs.syncFolder(folder.path);
      const stat = await this.#statIn(folder, name, key);
      if (stat === undefined) throw this.#notFound(key);
      return stat;
    });
  }

  async createIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    const { folders, name } = split(key);
    return this.#folders.within(folders, async (folder) => {
      const target = join(folder.path, name);
      if (await this.#exists(target)) return false;
      // A link is made whole or not at all, and fails where the name is taken: content and name appear together.
      const created = await this.#withTemporary(folder, body, async (temporary) => this.#link(temporary, target));
      if (created) await this.#fs.syncFolder(folder.path);
      return created;
    });
  }

  async move(from: string, to: string, options: { readonly ifAbsent?: boolean } = {}): Promise<boolean> {
    const { faultPoints } = this.#options;
    const [source, target] = [split(from), split(to)];
    const moved = await this.#folders.within(target.folders, async (targetFolder) => {
      await using sourceFolder = await this.#folders.open(source.folders);
      if (sourceFolder === undefined || (await this.#statIn(sourceFolder, source.name, from)) === undefined)
        throw this.#notFound(from);
      const [sourcePath, targetPath] = [join(sourceFolder.path, source.name), join(targetFolder.path, target.name)];
      if (options.ifAbsent === true && (await this.#exists(targetPath))) return false;
      // Whoever wrote the file may not have synced it: a compute does not.
      await atFaultPoint(faultPoints, "output.fsync", this.uri(from));
      await this.#fs.syncFile(sourcePath);
      await atFaultPoint(faultPoints, "output.rename", this.uri(from));
      if (options.ifAbsent !== true) await this.#fs.rename(sourcePath, targetPath);
      else if (!(await this.#link(sourcePath, targetPath))) return false;
      // The object is safe when its new folder is; that the old name is gone need not survive a power cut.
      await this.#fs.syncFolder(targetFolder.path);
      if (options.ifAbsent === true) await this.#unlinkIfThere(sourcePath);
      return true;
    });
    if (moved) await this.#folders.removeEmpty(source.folders);
    return moved;
  }

  async delete(key: string): Promise<void> {
    const { folders, name } = split(key);
    await using folder = await this.#folders.open(folders);
    if (folder === undefined || (await this.#statIn(folder, name, key)) === undefined) return;
    await this.#unlinkIfThere(join(folder.path, name));
    await this.#folders.removeEmpty(folders);
  }

  async *#listFolder(folders: readonly string[], parent: string, start: string): AsyncGenerator<ObjectStat> {
    await using folder = await this.#folders.open(folders);
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
    const entries = await orUndefined(this.#fs.readFolder(folder.path));
    return (entries ?? [])
      .filter(({ kind }) => kind === "file" || kind === "folder")
      .filter(({ name }) => name.startsWith(start) && !name.startsWith(temporaryPrefix))
      .map((entry) => ({ entry, order: Buffer.from(entry.kind === "folder" ? `${entry.name}/` : entry.name) }))
      .toSorted((a, b) => Buffer.compare(a.order, b.order))
      .map(({ entry }) => entry);
  }

  async #statIn(folder: OpenFolder, name: string, key: string): Promise<ObjectStat | undefined> {
    const stat = await orUndefined(this.#fs.stat(join(folder.path, name)));
    if (stat?.kind !== "file") return undefined;
    const { sizeBytes, modifiedAt, inode, mtimeNs, ctimeNs } = stat;
    // The change time cannot be set by a program: it tells two contents of one size and time apart.
    return { key, sizeBytes, modifiedAt, etag: `${inode}-${sizeBytes}-${mtimeNs}-${ctimeNs}` };
  }

  async #exists(path: string): Promise<boolean> {
    return (await orUndefined(this.#fs.stat(path))) !== undefined;
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
    await orUndefined(this.#fs.unlink(path));
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
