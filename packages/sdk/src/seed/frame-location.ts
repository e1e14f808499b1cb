import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TerminalError } from "@millrace/foundation";
import type { Adapter, FileFormat } from "@millrace/protocols";
import type { ResolvedRuntimeOptions } from "../runtime/runtime-options.ts";

/** The adapter that serves a location, and the location as that knows it. @throws MillraceError `ADAPTER_UNKNOWN` */
export function locateFile(
  location: string,
  { adapters, projectRoot }: Pick<ResolvedRuntimeOptions, "adapters" | "projectRoot">,
): { readonly adapter: Adapter; readonly uri: string } {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase() ?? "file";
  const adapter = adapters.find(({ schemes }) => schemes.includes(scheme));
  if (adapter === undefined) {
    throw new TerminalError({
      code: "ADAPTER_UNKNOWN",
      fault: "config",
      message: `No adapter serves "${scheme}:" (${location}). Configured: ${adapters.flatMap(({ schemes }) => schemes).join(", ") || "none"}.`,
      context: { scheme },
    });
  }
  if (scheme !== "file") return { adapter, uri: location };
  const path = /^file:\/\//i.test(location) ? fileURLToPath(location) : location.replace(/^file:/i, "");
  return { adapter, uri: isAbsolute(path) ? path : resolve(projectRoot, path) };
}

const formats: Readonly<Record<string, FileFormat>> = {
  csv: "csv",
  tsv: "csv",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
  parquet: "parquet",
};

/** Format by a file's extension. @throws MillraceError `SOURCE_FORMAT_UNKNOWN` where it says nothing and there is no fallback. */
export function formatOfPath(path: string, fallback?: FileFormat): FileFormat {
  const extension = /\.([a-z0-9]+)$/i.exec(path.replace(/\.(?:gz|zst)$/i, ""))?.[1]?.toLowerCase() ?? "";
  const format = formats[extension] ?? fallback;
  if (format !== undefined) return format;
  throw new TerminalError({
    code: "SOURCE_FORMAT_UNKNOWN",
    fault: "config",
    message: `The format cannot be told from "${path}"; pass format: csv, json, ndjson or parquet.`,
  });
}
