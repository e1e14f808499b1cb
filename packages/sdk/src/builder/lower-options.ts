import { suggestName } from "@millrace/foundation";
import type { JsonObject } from "@millrace/protocols";

/** Options of a step, sorted into the parts of a step record. Policies keep the builder's names until they are loaded. */
export interface SortedOptions {
  readonly params: JsonObject;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly unknown: readonly UnknownOption[];
}

/** An option that is not known. */
export interface UnknownOption {
  readonly key: string;
  readonly message: string;
  readonly suggestion?: string;
}

type Place = "params" | "policy" | "metadata";
/** Name in the builder to the part of the record and the name there. */
type OptionTable = Readonly<Record<string, readonly [Place, string]>>;

function table(place: Place, ...names: readonly string[]): OptionTable {
  const toCamel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(names.map((name) => [toCamel(name), [place, name]]));
}

const general: OptionTable = {
  ...table("metadata", "description", "explain", "tags"),
  ...table("policy", "retry", "timeout", "condition"),
  onError: ["policy", "onError"],
};
const dataset: OptionTable = { ...general, ...table("metadata", "medallion"), ...table("policy", "materialize") };
const writing: OptionTable = table("params", "format", "mode", "compression", "header", "delim");

/** A kind of step, as far as its options go. */
export type OptionKind = "connect" | "ingest" | "transform" | "effect" | "store" | "publish";

/** Every option, by kind of step. */
const tables: Readonly<Record<OptionKind, OptionTable>> = {
  connect: general,
  ingest: {
    ...dataset,
    ...table("policy", "columns"),
    ...table("params", "format", "header", "delim", "quote", "escape", "nullstr", "dateformat", "timestampformat"),
    ...table("params", "encoding", "skip", "compression", "decimal_separator", "union_by_name", "hive_partitioning"),
    ...table("params", "filename"),
  },
  transform: dataset,
  effect: general,
  store: { ...general, ...writing, ...table("params", "partition_by") },
  publish: { ...general, ...writing, ...table("params", "key") },
};

/** Sorts the options of one kind of step. Values pass as they are: the loader checks them. */
export function sortOptions(kind: OptionKind, options: object): SortedOptions {
  const known: OptionTable = tables[kind];
  const parts: Record<Place, Record<string, unknown>> = { params: {}, policy: {}, metadata: {} };
  const unknown: UnknownOption[] = [];
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const entry = Object.hasOwn(known, key) ? known[key] : undefined;
    if (entry === undefined) unknown.push(toUnknown(key, Object.keys(known)));
    else parts[entry[0]][entry[1]] = value;
  }
  return { params: parts.params as JsonObject, policy: parts.policy, metadata: parts.metadata, unknown };
}

/** @internal */
export function toUnknown(key: string, known: readonly string[]): UnknownOption {
  const suggestion = suggestName(key, known);
  const message = `option ${JSON.stringify(key)} is not known here; known are ${known.join(", ")}`;
  return { key, message, ...(suggestion === undefined ? {} : { suggestion }) };
}
