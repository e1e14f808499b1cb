import { TerminalError } from "@millrace/foundation";
import type { ByteStore, ObjectStat } from "@millrace/protocols";

/** How a memory store behaves. */
export interface MemoryByteStoreOptions {
  /** @defaultValue the machine's clock */
  readonly now?: () => Date;
  /** Called before each operation with its name and key; what it throws is what the operation rejects with. */
  readonly onCall?: (operation: keyof ByteStore, key: string) => void;
}

const maxKeyBytes = 1024;

/** A byte store in memory that passes the contract, for tests and for `simulate: true`. */
export function createMemoryByteStore(options: MemoryByteStoreOptions = {}): ByteStore {
  const objects = new Map<string, { readonly body: Uint8Array; readonly stat: ObjectStat }>();
  const now = options.now ?? ((): Date => new Date());
  let writes = 0;

  const enter = (operation: keyof ByteStore, key: string): void => {
    checkKey(key);
    options.onCall?.(operation, key);
  };
  const put = (key: string, body: Uint8Array): ObjectStat => {
    writes += 1;
    const stat: ObjectStat = { key, sizeBytes: body.length, modifiedAt: now(), etag: `memory-${writes}` };
    objects.set(key, { body: Uint8Array.from(body), stat });
    return stat;
  };
  const find = (key: string): { readonly body: Uint8Array; readonly stat: ObjectStat } => {
    const found = objects.get(key);
    if (found !== undefined) return found;
    throw new TerminalError({
      code: "STORE_OBJECT_NOT_FOUND",
      fault: "caller",
      message: `No object "${key}" is in the memory store.`,
      context: { key },
    });
  };
  return {
    scheme: "memory",
    capabilities: { atomicMove: true, conditionalCreate: true, maxKeyBytes },
    uri(key) {
      checkKey(key);
      return `memory:///${key}`;
    },
    async stat(key) {
      enter("stat", key);
      return objects.get(key)?.stat;
    },
    async *list(prefix) {
      if (prefix !== "") checkKey(prefix.endsWith("/") ? prefix.slice(0, -1) : prefix);
      options.onCall?.("list", prefix);
      const found = [...objects.values()].map((object) => object.stat).filter((stat) => stat.key.startsWith(prefix));
      yield* found.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    },
    async *read(key, range = {}) {
      enter("read", key);
      yield Uint8Array.from(find(key).body.slice(range.start ?? 0, range.end));
    },
    async write(key, body) {
      enter("write", key);
      if (body instanceof Uint8Array) return put(key, body);
      const parts: Uint8Array[] = [];
      for await (const part of body) parts.push(part);
      return put(key, Buffer.concat(parts));
    },
    async createIfAbsent(key, body) {
      enter("createIfAbsent", key);
      if (objects.has(key)) return false;
      put(key, body);
      return true;
    },
    async move(from, to, { ifAbsent = false } = {}) {
      checkKey(to);
      enter("move", from);
      const { body } = find(from);
      if (from === to) return true;
      if (ifAbsent && objects.has(to)) return false;
      objects.delete(from);
      put(to, body);
      return true;
    },
    async delete(key) {
      enter("delete", key);
      objects.delete(key);
    },
  };
}

function checkKey(key: string): void {
  const parts = key.split("/");
  const bad = parts.some((part) => part === "" || part === "." || part === "..");
  if (!bad && !key.includes("\0") && key.isWellFormed() && Buffer.byteLength(key) <= maxKeyBytes) return;
  throw new TerminalError({
    code: "STORE_KEY_INVALID",
    fault: "caller",
    message: `A key must be relative, without empty, "." or ".." parts and at most ${maxKeyBytes} bytes; received ${JSON.stringify(key.slice(0, 100))}.`,
  });
}
