import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a scratch folder lies. */
export interface ScratchOptions {
  /**
   * In memory where the machine has such a folder, for tests that sync thousands of small files: there it costs
   * nothing. @defaultValue false
   */
  readonly inMemory?: boolean;
}

const memoryFolder = "/dev/shm";

/** Runs with an empty folder of its own, which is removed afterwards. */
export async function withScratchFolder<T>(
  run: (folder: string) => Promise<T>,
  { inMemory = false }: ScratchOptions = {},
): Promise<T> {
  const parent = inMemory && existsSync(memoryFolder) ? memoryFolder : tmpdir();
  const folder = await mkdtemp(join(parent, "millrace-test-"));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
