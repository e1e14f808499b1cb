import { constants, existsSync } from "node:fs";
import * as fs from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { errnoOf, toFileError } from "./errors.ts";
import { kindOf, toStat } from "./file-stat.ts";
import type { FileStat } from "./file-stat.ts";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const readBytes = 1 << 20;

/** A child of a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: FileStat["kind"];
}

/** A folder that stays the one that was opened, whatever happens to its name. */
export interface OpenFolder extends AsyncDisposable {
  /** Path whose children are those of this folder, also after it was renamed or replaced by a link. */
  readonly path: string;
}

/** Every call to the file system that this package makes. One place, so that each can be made to fail. */
export interface FileSystem {
  stat(path: string): Promise<FileStat>;
  /** As `stat`, of what a link points to. */
  statTarget(path: string): Promise<FileStat>;
  /** The path without links. */
  realPath(path: string): Promise<string>;
  readFolder(path: string): Promise<readonly FolderEntry[]>;
  /** Opens a folder; a link is refused. */
  openFolder(path: string): Promise<OpenFolder>;
  read(path: string, range?: { readonly start?: number; readonly end?: number }): AsyncIterable<Uint8Array>;
  /** Writes a file that does not exist yet and syncs it. */
  writeNew(path: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  syncFile(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /** Sets who may read, write and execute a file. */
  setMode(path: string, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes one folder. @param mode - Rights, less those that the process masks. @defaultValue everybody's */
  makeFolder(path: string, mode?: number): Promise<void>;
  /** Removes a folder; false where it is not empty or not there. */
  removeEmptyFolder(path: string): Promise<boolean>;
  removeTree(path: string): Promise<void>;
}

/** Told of each call before it is made; what it throws is what the call rejects with. */
export type OnFileCall = (operation: string, path: string) => void;

/** The file system of this machine. Every rejection is an error of ours, by the table of `errors.ts`. */
export function createFileSystem(onCall?: OnFileCall): FileSystem {
  const opened = new OpenFolderNames();
  const call = async <T>(operation: string, path: string, run: () => Promise<T>): Promise<T> => {
    try {
      onCall?.(operation, opened.toName(path));
      return await run();
    } catch (error) {
      throw toFileError(error, operation, opened.toName(path));
    }
  };
  const sync = async (path: string, flags: number): Promise<void> => {
    const handle = await call("open", path, async () => fs.open(path, flags));
    await using _ = handle;
    await call("sync", path, async () => handle.sync());
  };
  return {
    stat: async (path) => call("look at", path, async () => toStat(await fs.lstat(path, { bigint: true }))),
    statTarget: async (path) => call("look at", path, async () => toStat(await fs.stat(path, { bigint: true }))),
    realPath: async (path) => call("look at", path, async () => fs.realpath(path)),
    readFolder: async (path) =>
      call("list", path, async () => {
        const entries = await fs.readdir(path, { withFileTypes: true });
        return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
      }),
    openFolder: async (path) =>
      call("open", path, async () => {
        try {
          return opened.add(await fs.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path);
        } catch (error) {
          // Linux says of a link that it is no folder; that it is a link is what matters.
          if (!isErrno(error, "ENOTDIR") || !(await fs.lstat(path)).isSymbolicLink()) throw error;
          throw Object.assign(new Error("symbolic link", { cause: error }), { code: "ELOOP" });
        }
      }),
    async *read(path, { start = 0, end = Infinity } = {}) {
      const handle = await call("open", path, async () => fs.open(path, O_RDONLY | O_NOFOLLOW));
      await using _ = handle;
      for (let at = start; at < end;) {
        const buffer = Buffer.allocUnsafe(Math.min(readBytes, end - at));
        const position = at;
        const { bytesRead } = await call("read", path, async () => handle.read(buffer, 0, buffer.length, position));
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    async writeNew(path, body) {
      const handle = await call("create", path, async () => fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW));
      await using _ = handle;
      for await (const piece of body instanceof Uint8Array ? [body] : body)
        await call("write", path, async () => writeAll(handle, piece));
      await call("sync", path, async () => handle.sync());
    },
    syncFile: async (path) => sync(path, O_RDONLY | O_NOFOLLOW),
    async syncFolder(path) {
      try {
        await sync(path, O_RDONLY | O_DIRECTORY);
      } catch (error) {
        // Some network file systems cannot sync a folder, and say so; they write names at once.
        if (!unsyncable.has(errnoOf(error) ?? "")) throw error;
      }
    },
    setMode: async (path, mode) => call("change the mode of", path, async () => fs.chmod(path, mode)),
    rename: async (from, to) =>
      call("rename", `${opened.toName(from)} to ${opened.toName(to)}`, async () => fs.rename(from, to)),
    link: async (existing, path) => call("create (by a hard link)", path, async () => fs.link(existing, path)),
    unlink: async (path) => call("delete", path, async () => fs.unlink(path)),
    makeFolder: async (path, mode = 0o777) => call("create folder", path, async () => fs.mkdir(path, mode)),
    removeEmptyFolder: async (path) =>
      call("remove", path, async () => {
        try {
          await fs.rmdir(path);
          return true;
        } catch (error) {
          if (isErrno(error, "ENOTEMPTY") || isErrno(error, "EEXIST") || isErrno(error, "ENOENT")) return false;
          throw error;
        }
      }),
    removeTree: async (path) => call("remove", path, async () => fs.rm(path, { recursive: true, force: true })),
  };
}

function isErrno(error: unknown, errno: string): boolean {
  return error instanceof Error && (error as { readonly code?: unknown }).code === errno;
}

async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += (await handle.write(piece, at)).bytesWritten;
}

/** Answers of file systems that cannot sync a folder. */
const unsyncable: ReadonlySet<string> = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP"]);

/** Folders by what they were opened as: errors name the folder, not the descriptor that stands for it. */
class OpenFolderNames {
  readonly #names = new Map<string, string>();

  add(handle: FileHandle, path: string): OpenFolder {
    // On Linux an open folder has a path of its own; elsewhere its name has to do.
    const own = `/proc/self/fd/${handle.fd}`;
    if (!existsSync(own)) return { path, [Symbol.asyncDispose]: async () => handle.close() };
    this.#names.set(own, this.toName(path));
    return {
      path: own,
      [Symbol.asyncDispose]: async () => {
        this.#names.delete(own);
        await handle.close();
      },
    };
  }

  toName(path: string): string {
    const own = /^\/proc\/self\/fd\/\d+/.exec(path)?.[0] ?? "";
    const name = this.#names.get(own);
    return name === undefined ? path : `${name.replace(/\/\.$/, "")}${path.slice(own.length)}`;
  }
}
