import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type { ByteStore, FaultPoints, ObjectStat } from "@millrace/protocols";

/**
 * Enough of a byte store of files for a process that is killed: what it wrote is there for the next one. Names appear
 * whole, by rename and link, and moves pass the fault points of outputs.
 */
export function openFolderByteStore(root: string, faultPoints: FaultPoints): ByteStore {
  let temporary = 0;
  const pathOf = (key: string): string => join(root, key);
  const stat = (key: string): ObjectStat | undefined => {
    const found = statSync(pathOf(key), { throwIfNoEntry: false });
    return found?.isFile() === true
      ? { key, sizeBytes: found.size, modifiedAt: found.mtime, etag: `${found.ino}` }
      : undefined;
  };
  const writeTemporary = (key: string, body: Uint8Array): string => {
    const path = `${root}/.tmp-${process.pid}-${(temporary += 1)}`;
    mkdirSync(dirname(pathOf(key)), { recursive: true });
    writeFileSync(path, body);
    return path;
  };
  return {
    scheme: "file",
    capabilities: { atomicMove: true, conditionalCreate: true, maxKeyBytes: 1024 },
    uri: pathOf,
    stat: async (key) => stat(key),
    async *list(prefix) {
      const entries = readdirSync(root, { recursive: true, withFileTypes: true });
      const keys = entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
      for (const key of keys.toSorted()) {
        const found = key.startsWith(prefix) && !key.startsWith(".tmp-") ? stat(key) : undefined;
        if (found !== undefined) yield found;
      }
    },
    async *read(key) {
      yield readFileSync(pathOf(key));
    },
    async write(key, body) {
      if (!(body instanceof Uint8Array)) throw new TypeError("nothing in these packages writes a stream");
      renameSync(writeTemporary(key, body), pathOf(key));
      return stat(key) ?? notThere(key);
    },
    async createIfAbsent(key, body) {
      const path = writeTemporary(key, body);
      try {
        linkSync(path, pathOf(key));
        return true;
      } catch (error) {
        if ((error as { readonly code?: unknown }).code === "EEXIST") return false;
        throw error;
      } finally {
        unlinkSync(path);
      }
    },
    async move(from, to) {
      await faultPoints.pass("output.fsync");
      mkdirSync(dirname(pathOf(to)), { recursive: true });
      await faultPoints.pass("output.rename");
      renameSync(pathOf(from), pathOf(to));
      return true;
    },
    async delete(key) {
      unlinkSync(pathOf(key));
    },
  };
}

function notThere(key: string): never {
  throw new TerminalError({ code: "STORE_OBJECT_NOT_FOUND", fault: "caller", message: `no ${key}` });
}
