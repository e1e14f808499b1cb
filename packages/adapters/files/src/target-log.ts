import { join } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type { TargetManifest } from "@millrace/protocols";
import { errnoOf } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";

/** Folder of a folder target that has its manifests. */
export const logFolder = "_millrace";

/** Name of a manifest: sorts as its version counts. */
export function manifestName(version: number): string {
  return `${String(version).padStart(20, "0")}.json`;
}

/** Versions of a folder target, oldest first; none where Millrace never wrote it. */
export async function listTargetVersions(fs: FileSystem, target: string): Promise<readonly number[]> {
  try {
    const entries = await fs.readFolder(join(target, logFolder));
    return entries
      .flatMap(({ name }) => (/^\d{20}\.json$/.test(name) ? [Number(name.slice(0, 20))] : []))
      .toSorted((a, b) => a - b);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return [];
    throw error;
  }
}

/** A version of a folder target, the current one by default; undefined where there is none. */
export async function readTargetManifest(
  fs: FileSystem,
  target: string,
  version?: number,
): Promise<TargetManifest | undefined> {
  const wanted = version ?? (await listTargetVersions(fs, target)).at(-1);
  if (wanted === undefined) return undefined;
  const path = join(target, logFolder, manifestName(wanted));
  const parts: Uint8Array[] = [];
  for await (const part of fs.read(path)) parts.push(part);
  return parseManifest(Buffer.concat(parts).toString("utf8"), path);
}

function parseManifest(text: string, path: string): TargetManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(path, "it is not JSON", error);
  }
  const manifest = value as Partial<TargetManifest> | null;
  if (
    typeof manifest !== "object" ||
    manifest === null ||
    manifest.schema !== "millrace.target" ||
    manifest.version !== 1
  )
    throw damaged(path, 'it does not say "millrace.target" version 1');
  const { files } = manifest;
  if (!Array.isArray(files) || typeof manifest.commit_key !== "string")
    throw damaged(path, "files or commit_key is missing");
  for (const file of files as readonly { readonly path?: unknown }[]) {
    const inside = typeof file.path === "string" ? file.path.split("/") : [".."];
    if (inside.some((part) => part === "" || part === "." || part === ".."))
      throw damaged(path, "it names a file outside of its folder");
  }
  return manifest as TargetManifest;
}

function damaged(path: string, what: string, cause?: unknown): TerminalError {
  return new TerminalError({
    code: "MANIFEST_INVALID",
    fault: "data",
    message: `Manifest ${path} is damaged: ${what}. Restore it, or write the target again with mode overwrite into a new folder.`,
    context: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
