import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withStoreErrors } from "./store-error.ts";

/**
 * Makes the state folder for its owner alone (0700), with a `.gitignore` that keeps it out of version control.
 *
 * A folder that is there stays as it is, but for rights of others, which it loses.
 */
export async function ensureStateFolder(path: string): Promise<void> {
  await withStoreErrors(`make the state folder ${path}`, async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    try {
      await writeFile(join(path, ".gitignore"), "*\n", { flag: "wx" });
    } catch (error) {
      // Somebody may have written his own.
      if ((error as { readonly code?: unknown }).code !== "EEXIST") throw error;
    }
  });
}
