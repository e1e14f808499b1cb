import type { JsonObject, WriteMode } from "@millrace/protocols";
import type { PublishMode } from "./options.ts";

/** Where rows come from, as an adapter describes it. A plain path or URI is written as a string instead. */
export interface Source {
  /** Path, URI, or what the handler of `type` understands. */
  readonly value: string;
  /** Step type; other than `config_op` it is served by a `StepHandler`. @defaultValue "config_op" */
  readonly type?: string;
  readonly params?: JsonObject;
}

/** Where rows go, as an adapter describes it, with the modes that it can. */
export interface Target<M extends PublishMode = WriteMode> extends Source {
  readonly modes: readonly M[];
}

/** What `connect` takes: where a system is, and what can be opened there. Made by adapters. */
export interface Connection<S> {
  readonly uri: string;
  readonly params?: JsonObject;
  /** What steps use, given the name of the connection. */
  open(name: string): S;
}

/** A URL must not carry its password: name a secret instead. */
export interface PasswordInUrl {
  readonly hint: "write secret:NAME, or leave the password to the adapter";
}

/** The URI itself, or a type that says what is wrong with it. */
export type SafeUri<U extends string> = U extends `${string}://${string}:${string}@${string}` ? PasswordInUrl : U;

/** A folder that steps read from and write to. */
export interface Folder {
  /** A file, files by a pattern, or a folder below it. */
  file(path: string): Target;
}

/**
 * A folder as a connection: one place says where the data is.
 *
 * @example
 * ```ts no-run
 * const lake = p.connect("lake", folder("data/lake"));
 * const raw = p.ingest("raw", lake.file("orders/*.csv"));
 * ```
 */
export function folder<const U extends string>(uri: U & SafeUri<U>): Connection<Folder> {
  return {
    uri,
    open: (connection) => ({
      file: (path) => ({ value: path, params: { connection }, modes: ["overwrite", "append", "error_if_exists"] }),
    }),
  };
}
