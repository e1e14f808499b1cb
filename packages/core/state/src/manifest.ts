import { TerminalError } from "@millrace/foundation";
import type { Manifest } from "@millrace/protocols";
import type { DatasetName } from "./dataset-key.ts";

/** Bytes of a manifest. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
}

/**
 * A manifest from its bytes.
 *
 * @throws MillraceError `MANIFEST_INVALID` where it is damaged, is of another dataset, or names files elsewhere.
 */
export function parseManifest(
  bytes: Uint8Array,
  { key, name, version }: { readonly key: string; readonly name?: DatasetName; readonly version: number },
): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw damaged(key, "it is not JSON", error);
  }
  const manifest = value as Partial<Manifest> | null;
  if (typeof manifest !== "object" || manifest === null) throw damaged(key, "it is not an object");
  if (manifest.schema !== "millrace.manifest" || manifest.version !== 1)
    throw damaged(key, 'it does not say "millrace.manifest" version 1');
  const { pipeline, dataset, files, rows, columns } = manifest;
  if (typeof pipeline !== "string" || typeof dataset !== "string" || typeof rows !== "number")
    throw damaged(key, "a field is missing");
  if (typeof columns !== "object" || columns === null || !Array.isArray(files))
    throw damaged(key, "columns or files are missing");
  if (name !== undefined && (pipeline !== name.pipeline || dataset !== name.dataset))
    throw damaged(key, `it is of ${pipeline}.${dataset}`);
  if (manifest.dataset_version !== version) throw damaged(key, `it says version ${manifest.dataset_version}`);
  for (const file of files as readonly { readonly path?: unknown }[]) {
    const parts = typeof file.path === "string" ? file.path.split("/") : [""];
    if (parts.some((part) => part === "" || part === "." || part === ".."))
      throw damaged(key, "it names a file outside of its folder");
  }
  return manifest as Manifest;
}

function damaged(key: string, what: string, cause?: unknown): TerminalError {
  return new TerminalError({
    code: "MANIFEST_INVALID",
    fault: "data",
    message: `Manifest ${key} is damaged: ${what}. Run the step again with --fresh to write a new version.`,
    context: { key },
    ...(cause === undefined ? {} : { cause }),
  });
}
