import type { ByteStore } from "@millrace/protocols";
import { hintKey, manifestKey, manifestPrefix, versionOf } from "./dataset-key.ts";
import type { DatasetName } from "./dataset-key.ts";

/** Versions between two hints: as many looks at most, instead of a list of all versions. */
const hintEvery = 32;

/**
 * The highest version of a dataset; 0 where it has none.
 *
 * Looks upwards from the last hint. Without one, or where it names no version, the log is listed.
 */
export async function findCurrentVersion(store: ByteStore, name: DatasetName): Promise<number> {
  const hint = await readHint(store, name);
  if (hint > 0 && (await hasVersion(store, name, hint))) {
    let current = hint;
    while (await hasVersion(store, name, current + 1)) current += 1;
    return current;
  }
  let current = 0;
  // Sorted, so the last one is the highest.
  for await (const { key } of store.list(manifestPrefix(name))) current = versionOf(key) ?? current;
  return current;
}

/** Leaves a hint where a version is due for one. It may be old, and is never ahead: the version is there already. */
export async function leaveHint(store: ByteStore, name: DatasetName, version: number): Promise<void> {
  if (version % hintEvery !== 0) return;
  try {
    await store.write(hintKey(name), new TextEncoder().encode(`${version}\n`));
  } catch {
    // The version counts without it; finding it takes longer.
  }
}

async function readHint(store: ByteStore, name: DatasetName): Promise<number> {
  const key = hintKey(name);
  if ((await store.stat(key)) === undefined) return 0;
  const parts: Uint8Array[] = [];
  for await (const part of store.read(key)) parts.push(part);
  const version = Number(Buffer.concat(parts).toString("utf8"));
  return Number.isSafeInteger(version) ? version : 0;
}

async function hasVersion(store: ByteStore, name: DatasetName, version: number): Promise<boolean> {
  return (await store.stat(manifestKey(name, version))) !== undefined;
}
