import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Adapter, Dag, FileFormat, StepSpec } from "@millrace/protocols";
import { suggestName, TerminalError } from "@millrace/foundation";

/** Where a step reads or writes, resolved. */
export interface Location {
  /** Absolute path for files, else the URI as written. May be a glob. */
  readonly uri: string;
  readonly scheme: string;
  readonly adapter: Adapter;
}

/** A connection of a `connect` step: a root that other steps' values are relative to. */
export interface Connection {
  readonly name: string;
  readonly uri: string;
}

const extensions: Readonly<Record<string, FileFormat>> = {
  csv: "csv",
  tsv: "csv",
  txt: "csv",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
  parquet: "parquet",
  pq: "parquet",
};
const formatNames: readonly FileFormat[] = ["csv", "json", "ndjson", "parquet"];

/** Connections that the `connect` steps of a pipeline establish, by step name. */
export function collectConnections(dag: Dag): ReadonlyMap<string, Connection> {
  const connections = new Map<string, Connection>();
  for (const { step } of dag.nodes.values())
    if (step.layer === "connect" && step.type === "config_op")
      connections.set(step.name, { name: step.name, uri: step.value });
  return connections;
}

/**
 * Resolves the value of a step to a location: a URI, or a path from the project root, below the connection that
 * `params.connection` names.
 *
 * @throws MillraceError `ADAPTER_UNKNOWN`, `DEFINITION_INVALID_VALUE`
 */
export function resolveLocation(
  step: StepSpec,
  options: {
    readonly projectRoot: string;
    readonly adapters: readonly Adapter[];
    readonly connections: ReadonlyMap<string, Connection>;
  },
): Location {
  const named = step.params["connection"];
  let value = step.value;
  if (typeof named === "string") {
    const connection = options.connections.get(named);
    if (connection === undefined) {
      const suggestion = suggestName(named, [...options.connections.keys()]);
      throw new TerminalError({
        code: "DEFINITION_INVALID_VALUE",
        fault: "config",
        message: `Step "${step.name}": connection "${named}" is not a connect step of this pipeline.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
        context: { step: step.name },
      });
    }
    value = value === "" ? connection.uri : `${connection.uri.replace(/\/+$/, "")}/${value.replace(/^\/+/, "")}`;
  }
  const scheme = schemeOf(value);
  const adapter = options.adapters.find((candidate) => candidate.schemes.includes(scheme));
  if (adapter === undefined) {
    const known = options.adapters.flatMap((candidate) => candidate.schemes);
    throw new TerminalError({
      code: "ADAPTER_UNKNOWN",
      fault: "config",
      message: `Step "${step.name}": no adapter serves "${scheme}:" (${value}). Configured: ${known.length === 0 ? "none" : known.map((name) => `${name}:`).join(", ")}.`,
      context: { step: step.name, scheme },
    });
  }
  return { uri: scheme === "file" ? toPath(value, options.projectRoot) : value, scheme, adapter };
}

/** Scheme of a value; a plain path is `file`. One letter before `:` is a Windows drive, not a scheme. */
export function schemeOf(value: string): string {
  return /^([a-z][a-z0-9+.-]+):/i.exec(value)?.[1]?.toLowerCase() ?? "file";
}

function toPath(value: string, root: string): string {
  if (/^file:\/\//i.test(value)) return fileURLToPath(value);
  const path = value.replace(/^file:/i, "");
  return isAbsolute(path) ? path : resolve(root, path) + (path.endsWith("/") ? "/" : "");
}

/**
 * Format of a source or target: `params.format` (or the seed's `source_type`), else the file name's extension, with a
 * compression suffix looked through.
 *
 * @throws MillraceError `SOURCE_FORMAT_UNKNOWN`
 */
export function resolveFormat(step: StepSpec, uri: string, fallback?: FileFormat): FileFormat {
  const asked = step.params["format"] ?? step.params["source_type"];
  if (typeof asked === "string") {
    const name = asked.toLowerCase();
    const format = formatNames.find((known) => known === name) ?? (name === "jsonl" ? "ndjson" : undefined);
    if (format !== undefined) return format;
    throw unknownFormat(step, `format "${asked}" is not one of ${formatNames.join(", ")}`);
  }
  const name = uri.replace(/[?#].*$/, "").replace(/\.(gz|zst|zstd)$/i, "");
  const format = extensions[/\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ""];
  if (format !== undefined) return format;
  if (fallback !== undefined) return fallback;
  throw unknownFormat(
    step,
    `the format cannot be told from "${step.value}"; set params.format to one of ${formatNames.join(", ")}`,
  );
}

function unknownFormat(step: StepSpec, reason: string): TerminalError {
  return new TerminalError({
    code: "SOURCE_FORMAT_UNKNOWN",
    fault: "config",
    message: `Step "${step.name}": ${reason}.`,
    context: { step: step.name },
  });
}
