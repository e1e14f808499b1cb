import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withStoreErrors } from "./store-error.ts";

/** Adds to the end of an object, for lines that a person may follow while they are written. */
export interface ObjectAppender {
  append(key: string, body: Uint8Array): Promise<void>;
}

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

/** Appends to files below a folder. A process that dies may leave half of a last line. */
export function createLocalAppender(root: string): ObjectAppender {
  const made = new Set<string>();
  return {
    async append(key, body) {
      const path = join(root, ...key.split("/"));
      const folder = dirname(path);
      await withStoreErrors(`write ${path}`, async () => {
        if (!made.has(folder)) await mkdir(folder, { recursive: true });
        made.add(folder);
        await using file = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
        await file.writeFile(body);
      });
    },
  };
}
