import { suggestName, TerminalError } from "@millrace/foundation";
import type { ByteStore } from "@millrace/protocols";
import type { EngineContext, ReadFrameOptions, WriteFrameOptions } from "./engine-context.ts";
import type { Frame } from "./frame.ts";
import { locateFile } from "./frame-location.ts";

/** What a backend is opened with. */
export interface CloudAdapterOptions {
  /** Reads and writes rows of the adapter's files. */
  readonly context: EngineContext;
  /** Folder or URI below which all paths are. */
  readonly root: string;
}

/** Makes the store of a backend. */
export type CloudBackend = (options: CloudAdapterOptions) => ByteStore;

/** Files of one place, as rows or as names: the adapter of the seed. Paths are relative to its root. */
export class CloudAdapter {
  readonly #options: CloudAdapterOptions;
  readonly #open: () => ByteStore;
  #store: ByteStore | undefined;

  /** @internal */
  constructor(options: CloudAdapterOptions, open: () => ByteStore) {
    this.#options = options;
    this.#open = open;
  }

  /** Opens the store. Everything below does so by itself. */
  async connect(): Promise<this> {
    this.#files();
    return this;
  }

  /** Rows of a file or pattern. */
  async read(path: string, options: ReadFrameOptions = {}): Promise<Frame> {
    return this.#options.context.read(this.#files().uri(path), options);
  }

  /** Writes rows to a file; readers see the old one or the new one, whole. */
  async write(frame: Frame, path: string, options: WriteFrameOptions = {}): Promise<{ readonly rows: number }> {
    return this.#options.context.write(frame, this.#files().uri(path), options);
  }

  async exists(path: string): Promise<boolean> {
    return (await this.#files().stat(path)) !== undefined;
  }

  /** Paths below a folder, sorted. @param pattern - Such as `*.csv`, matched with the path below the folder. */
  async list(folder = "", pattern?: string): Promise<readonly string[]> {
    const prefix = folder === "" ? "" : `${folder.replace(/\/+$/, "")}/`;
    const wanted = pattern === undefined ? undefined : toExpression(pattern);
    const paths: string[] = [];
    for await (const { key } of this.#files().list(prefix)) {
      if (wanted === undefined || wanted.test(key.slice(prefix.length))) paths.push(key);
    }
    return paths;
  }

  /** Deletes a file; nothing there is fine. */
  async delete(path: string): Promise<void> {
    await this.#files().delete(path);
  }

  async disconnect(): Promise<void> {
    this.#store = undefined;
  }

  #files(): ByteStore {
    this.#store ??= this.#open();
    return this.#store;
  }
}

/** `*` and `?` stay inside a folder, `**` goes through. */
function toExpression(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*|\*|\?)/).map((part) => {
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    return part === "?" ? "[^/]" : part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** Backends by name, and the adapters that they make: `CloudAdapter.create(…)` of the seed, without a singleton. */
export class CloudAdapters {
  readonly #backends = new Map<string, CloudBackend>();

  constructor() {
    this.register("local", ({ root, context }) => {
      const { adapter, uri } = locateFile(root, context.location);
      return adapter.openByteStore(uri, context.adapterContext);
    });
  }

  /** Adds a backend. */
  register(name: string, backend: CloudBackend): this {
    this.#backends.set(name, backend);
    return this;
  }

  listBackends(): readonly string[] {
    return [...this.#backends.keys()].toSorted();
  }

  /** @throws MillraceError `ADAPTER_UNKNOWN` */
  create(name: string, options: CloudAdapterOptions): CloudAdapter {
    const backend = this.#backends.get(name);
    if (backend !== undefined) return new CloudAdapter(options, () => backend(options));
    const suggestion = suggestName(name, this.#backends.keys());
    throw new TerminalError({
      code: "ADAPTER_UNKNOWN",
      fault: "config",
      message: `There is no backend "${name}".${suggestion === undefined ? ` There is ${this.listBackends().join(", ")}.` : ` Did you mean "${suggestion}"?`}`,
      context: { backend: name },
    });
  }
}
