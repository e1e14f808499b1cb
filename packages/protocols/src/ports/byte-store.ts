/** An object of a store. */
export interface ObjectStat {
  /** Key relative to the store's root, with `/`. */
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  /** Changes whenever the content may have changed. */
  readonly etag: string;
}

/** What a store can do. The engine asks this and never the store's name. */
export interface ByteStoreCapabilities {
  /** `move` is one atomic step. Where false it is a copy and a delete, and only a manifest makes it visible. */
  readonly atomicMove: boolean;
  /** `createIfAbsent` is atomic among all writers. */
  readonly conditionalCreate: boolean;
  /** Longest key, in UTF-8 bytes. */
  readonly maxKeyBytes: number;
}

/** Objects as bytes below one root. Keys have no leading `/`, no `.` or `..` part, and `/` between parts. */
export interface ByteStore {
  readonly scheme: string;
  readonly capabilities: ByteStoreCapabilities;
  /** The absolute URI or path of a key: what a compute that can read this location is given. */
  uri(key: string): string;
  /** Undefined when there is no such object. */
  stat(key: string): Promise<ObjectStat | undefined>;
  /** Objects whose key starts with the prefix, sorted by key. An unknown prefix is empty, not an error. */
  list(prefix: string): AsyncIterable<ObjectStat>;
  /** Bytes of an object. `start` counts from 0, `end` is exclusive. @throws `STORE_OBJECT_NOT_FOUND` */
  read(key: string, range?: { readonly start?: number; readonly end?: number }): AsyncIterable<Uint8Array>;
  /** Writes a whole object, durable when it resolves. Readers see the old object or the new one, never a part. */
  write(key: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<ObjectStat>;
  /** Writes only where nothing is. False when something is there, which stays as it was. */
  createIfAbsent(key: string, body: Uint8Array): Promise<boolean>;
  /** Moves an object, durable when it resolves. With `ifAbsent`, false when the target is there. @throws `STORE_OBJECT_NOT_FOUND` */
  move(from: string, to: string, options?: { readonly ifAbsent?: boolean }): Promise<boolean>;
  /** Deletes an object; nothing there is fine. */
  delete(key: string): Promise<void>;
}
