import type { PinnedFile } from "../dag.ts";
import type { EffectGuarantee, WriteMode } from "../effect.ts";
import type { JsonObject } from "../json.ts";
import type { ByteStore } from "./byte-store.ts";
import type { FileFormat, WrittenFile } from "./compute.ts";
import type { FaultPoints, Logger } from "./world.ts";

/** What an adapter is given once by the runtime. */
export interface AdapterContext {
  readonly projectRoot: string;
  readonly logger: Logger;
  readonly faultPoints: FaultPoints;
}

/** A target to write, as a store or publish step describes it. */
export interface SinkRequest {
  readonly uri: string;
  readonly format: FileFormat;
  readonly form: "file" | "folder";
  readonly mode: WriteMode;
  readonly options: JsonObject;
  /** Scratch folder of the run, used for staging where it is on the target's file system. */
  readonly stagingDirectory: string;
}

/** Who writes, for staging names and commit keys. */
export interface EffectContext {
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
}

/** What a commit made visible. */
export interface SinkReceipt {
  readonly files: readonly WrittenFile[];
  readonly bytesWritten: number;
}

/** One attempt to write. Ends in `commit` or `abort`; after a kill, nothing of it is visible. */
export interface SinkWriter {
  /** Where the compute puts the files of this attempt: its own rows alone, also for an append. */
  readonly staging: { readonly form: "file" | "folder"; readonly uri: string };
  /** Makes the effect visible, durable when it resolves. `key` identifies the effect over attempts. */
  commit(key: string, files: readonly WrittenFile[]): Promise<SinkReceipt>;
  abort(): Promise<void>;
}

/** Where rows go. */
export interface Sink {
  readonly guarantee: EffectGuarantee;
  begin(context: EffectContext): Promise<SinkWriter>;
}

/** What reaches an outside system. */
export interface Adapter {
  readonly name: string;
  /** URI schemes it serves, without `:`. `file` also serves plain paths. */
  readonly schemes: readonly string[];
  /** Objects below a root URI. */
  openByteStore(root: string, context: AdapterContext): ByteStore;
  /**
   * Files behind a location, which may have `*`, `**`, `?`, `[…]` and `{a,b}`, sorted by URI. Nothing there, or a folder
   * that no manifest describes, is an empty list.
   */
  listFiles(location: string, context: AdapterContext): Promise<readonly PinnedFile[]>;
  /** Checks a connection of a `connect` step; resolves when it can be used. */
  checkConnection(uri: string, params: JsonObject, context: AdapterContext): Promise<void>;
  /** Describes a sink without touching it; refuses what it cannot do. */
  createSink(request: SinkRequest, context: AdapterContext): Sink;
}
