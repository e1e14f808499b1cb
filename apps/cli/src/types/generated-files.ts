// What `types` writes: columns of every pipeline as TypeScript, and the source lock. `init` writes the same.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { createIdSource } from "@millrace/foundation";
import type { Issue, SourceLock } from "@millrace/protocols";
import { environmentFileName, lockFileName, readSourceLock, writeSourceLock, type LoadedCode } from "@millrace/sdk";
import type { CommandContext } from "../command-context.ts";
import { loadPipeline } from "../project/open-pipeline.ts";
import { openRuntime } from "../project/open-runtime.ts";
import type { Project } from "../project/project.ts";
import { writeWhole } from "../commands/written-output.ts";

/** What was generated, and how it compares with what is there. */
export interface GeneratedTypes {
  readonly issues: readonly Issue[];
  /** Text of a file of a pipeline as it was read. */
  readonly text: (file: string) => string | undefined;
  /** Files that differ from what is generated, absolute. */
  readonly stale: readonly string[];
  /** Writes those that differ. */
  write(): Promise<void>;
}

/** Generates for all pipelines of a project. Reads; writes only when asked. */
export async function generateTypes(
  context: CommandContext,
  {
    project,
    files,
    refresh,
  }: { readonly project: Project; readonly files: readonly string[]; readonly refresh: boolean },
): Promise<GeneratedTypes> {
  await using runtime = await openRuntime(context, project);
  const loaded: LoadedCode[] = [];
  for (const file of files) loaded.push(await loadPipeline(context, { runtime, project, file }));
  const result = await runtime.types(loaded, { refresh });
  const typesFile = join(project.root, environmentFileName);
  const lockFile = join(project.root, lockFileName);
  const isTypesStale = (await readText(typesFile)) !== result.text;
  const isLockStale = !isSameLock(await readSourceLock(lockFile), result.lock);
  return {
    issues: [...result.issues.values()].flat(),
    text: (file) => loaded.map((one) => one.text(file)).find((text) => text !== undefined),
    stale: [...(isTypesStale ? [typesFile] : []), ...(isLockStale ? [lockFile] : [])],
    write: async () => {
      if (isTypesStale) await writeWhole(typesFile, result.text);
      if (isLockStale) await writeSourceLock(lockFile, result.lock, createIdSource());
    },
  };
}

/** A lock without sources is the same as none. */
function isSameLock(before: SourceLock | undefined, after: SourceLock): boolean {
  if (before === undefined) return Object.keys(after.sources).length === 0;
  // Columns have an order, which deep equality does not see.
  const order = (lock: SourceLock): unknown =>
    Object.fromEntries(Object.entries(lock.sources).map(([name, { columns }]) => [name, Object.keys(columns)]));
  return isDeepStrictEqual(before.sources, after.sources) && isDeepStrictEqual(order(before), order(after));
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    // Not there yet.
    return undefined;
  }
}
