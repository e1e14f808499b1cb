import { join } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type { ManifestFile, TargetManifest } from "@millrace/protocols";
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

/**
 * A version of a folder target, the current one by default; undefined where there is none.
 *
 * @throws MillraceError `MANIFEST_INVALID`
 */
export async function readTargetManifest(
  fs: FileSystem,
  target: string,
  version?: number,
): Promise<TargetManifest | undefined> {
  const found = await readManifest(fs, target, version);
  if (found === undefined) return undefined;
  const { path, manifest } = found;
  if (manifest.schema !== "millrace.target") throw damaged(path, 'it does not say "millrace.target" version 1');
  if (typeof manifest.commit_key !== "string") throw damaged(path, "commit_key is missing");
  return manifest as TargetManifest;
}

/**
 * Files of the current version of a folder that a store step wrote, or of a committed dataset; undefined for other
 * folders.
 *
 * @throws MillraceError `MANIFEST_INVALID`
 */
export async function readCurrentFiles(fs: FileSystem, folder: string): Promise<readonly ManifestFile[] | undefined> {
  return (await readManifest(fs, folder))?.manifest.files;
}

/** What the manifests of targets and datasets have in common. */
interface AnyManifest extends Partial<Omit<TargetManifest, "schema" | "files">> {
  readonly schema: string;
  readonly files: readonly ManifestFile[];
}

async function readManifest(
  fs: FileSystem,
  folder: string,
  version?: number,
): Promise<{ readonly path: string; readonly manifest: AnyManifest } | undefined> {
  const wanted = version ?? (await listTargetVersions(fs, folder)).at(-1);
  if (wanted === undefined) return undefined;
  const path = join(folder, logFolder, manifestName(wanted));
  const parts: Uint8Array[] = [];
  for await (const part of fs.read(path)) parts.push(part);
  return { path, manifest: parseManifest(Buffer.concat(parts).toString("utf8"), path) };
}

function parseManifest(text: string, path: string): AnyManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(path, "it is not JSON", error);
  }
  const { schema, version, files } = (value ?? {}) as Partial<AnyManifest>;
  if ((schema !== "millrace.target" && schema !== "millrace.manifest") || version !== 1)
    throw damaged(path, 'it does not say "millrace.target" or "millrace.manifest", version 1');
  if (!Array.isArray(files)) throw damaged(path, "files are missing");
  for (const file of files as readonly { readonly path?: unknown }[]) {
    const inside = typeof file.path === "string" ? file.path.split("/") : [".."];
    if (inside.some((part) => part === "" || part === "." || part === ".." || part.includes("\0")))
      throw damaged(path, "it names a file outside of its folder");
  }
  return value as AnyManifest;
}

function damaged(path: string, what: string, cause?: unknown): TerminalError {
  return new TerminalError({
    code: "MANIFEST_INVALID",
    fault: "data",
    message: `Manifest ${path} is damaged: ${what}. Restore it, or write the target again into a new folder.`,
    context: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
