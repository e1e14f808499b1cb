import { withScratchFolder } from "@millrace/testing";

/** What is tested is which calls are made and what they leave, not the disk: thousands of syncs in memory cost nothing. */
export async function withProject<T>(run: (folder: string) => Promise<T>): Promise<T> {
  return withScratchFolder(run, { inMemory: true });
}
