import type * as NodeApi from "@duckdb/node-api";
import type bindings from "@duckdb/node-bindings";

/** Both layers of the binding: the classes, and the raw calls that Arrow conversion needs. */
export interface Native {
  readonly api: typeof NodeApi;
  readonly bindings: typeof bindings;
}

/** Loads DuckDB: 60 MB that `--help` must never pay for. Node keeps the modules, so a second call costs nothing. */
export async function loadNative(): Promise<Native> {
  const [api, raw] = await Promise.all([import("@duckdb/node-api"), import("@duckdb/node-bindings")]);
  return { api, bindings: raw.default };
}
