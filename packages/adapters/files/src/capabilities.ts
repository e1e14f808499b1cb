import type { ByteStoreCapabilities, EffectGuarantee, FileFormat, SinkRequest, WriteMode } from "@millrace/protocols";

/** What the local file system does for byte stores: rename and hard links are atomic. */
export const byteStoreCapabilities: ByteStoreCapabilities = {
  atomicMove: true,
  conditionalCreate: true,
  maxKeyBytes: 1024,
};

/**
 * What a sink promises, by form and mode; undefined where it cannot be written.
 *
 * A file is renamed into place: whole, old or new. An append to a file writes the old rows again: a repeated attempt
 * after a commit that nobody recorded would append twice. A folder's manifest keeps the commit key, which drops repeats.
 */
export function guaranteeOf(request: Pick<SinkRequest, "form" | "mode" | "format">): EffectGuarantee | undefined {
  const byMode: Readonly<Record<WriteMode, EffectGuarantee | undefined>> = {
    overwrite: "atomic-replace",
    error_if_exists: "atomic-replace",
    append: request.form === "folder" ? "idempotent-key" : rewritable[request.format] ? "at-least-once" : undefined,
  };
  return byMode[request.mode];
}

/** Formats of one file that an append can write again as a whole. */
const rewritable: Readonly<Record<FileFormat, boolean>> = { csv: true, ndjson: true, json: true, parquet: false };
