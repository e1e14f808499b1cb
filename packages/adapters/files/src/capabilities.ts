import type { ByteStoreCapabilities, EffectGuarantee, FileFormat, SinkRequest } from "@millrace/protocols";

/** What the local file system does for byte stores: rename and hard links are atomic. */
export const byteStoreCapabilities: ByteStoreCapabilities = {
  atomicMove: true,
  conditionalCreate: true,
  maxKeyBytes: 1024,
};

/**
 * What a sink promises, by form and mode.
 *
 * A file is renamed into place: whole, old or new. An append to a file writes the old bytes and the new ones in its
 * place: an attempt that is repeated after a commit which nobody recorded appends twice. A folder's manifest has the
 * commit key beside the files that it counts, in one atomic step: a repeated append is known by it.
 */
export function guaranteeOf({ form, mode }: Pick<SinkRequest, "form" | "mode">): EffectGuarantee {
  if (mode !== "append") return "atomic-replace";
  return form === "folder" ? "transactional" : "at-least-once";
}

/** Formats of which one file can be continued: rows follow rows, with nothing around them. */
export const appendableFormats: readonly FileFormat[] = ["csv", "ndjson"];
