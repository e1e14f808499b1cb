import { join } from "node:path";
import { encodeOutput, inferColumns } from "@millrace/engine";
import { TerminalError } from "@millrace/foundation";
import type {
  AdapterContext,
  Column,
  ComputeSession,
  FileFormat,
  JsonObject,
  RelationId,
  Sink,
  StepHandler,
  WriteMode,
} from "@millrace/protocols";
import { createRuntime } from "../runtime/create-runtime.ts";
import type { FunctionRegistry } from "../runtime/function-registry.ts";
import { computeMemoryBytes, resolveLimits } from "../runtime/limits.ts";
import { openSession } from "../runtime/open-session.ts";
import type { OpenedSession } from "../runtime/open-session.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { createRuntimeSecrets } from "../runtime/secret-wiring.ts";
import { resolveRuntimeOptions } from "../runtime/runtime-options.ts";
import type { ResolvedRuntimeOptions, RuntimeOptions } from "../runtime/runtime-options.ts";
import { createFrame, frameRelation } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { formatOfPath, locateFile } from "./frame-location.ts";

/** How rows are read. */
export interface ReadFrameOptions {
  /** @defaultValue by the file's extension */
  readonly format?: FileFormat;
  /** Reading options with the names that steps have: `header`, `delim` … */
  readonly options?: JsonObject;
}

/** How rows are written. */
export interface WriteFrameOptions extends ReadFrameOptions {
  /** @defaultValue "overwrite" */
  readonly mode?: WriteMode;
}

/**
 * Reads, transforms and writes rows by hand, and is what an `Orchestrator` runs in: `EngineContext` of the seed.
 *
 * Opens its compute on first use. Dispose it, or write `await using`.
 */
export class EngineContext implements AsyncDisposable {
  readonly #options: ResolvedRuntimeOptions;
  readonly #handlers: StepHandler[];
  readonly #tables = new Map<string, RelationId>();
  #opened: Promise<OpenedSession> | undefined;
  #runtime: Promise<Runtime> | undefined;
  readonly #given: RuntimeOptions;

  constructor(options: RuntimeOptions) {
    this.#given = options;
    this.#options = resolveRuntimeOptions(options);
    this.#handlers = [...this.#options.handlers];
  }

  /** Functions that steps of type `function` name. */
  get functionRegistry(): FunctionRegistry {
    return this.#options.functions;
  }

  /** Where locations count from, and who serves them. @internal */
  get location(): Pick<ResolvedRuntimeOptions, "adapters" | "projectRoot"> {
    return this.#options;
  }

  /** What adapters are given. @internal */
  get adapterContext(): AdapterContext {
    const { projectRoot, logger, faultPoints } = this.#options;
    return { projectRoot, logger, faultPoints };
  }

  /** Opens the compute. Everything below does so by itself. */
  async connect(): Promise<this> {
    await this.#open();
    return this;
  }

  /** Adds a node type: runs steps of its layer and type. @throws MillraceError `STEP_TYPE_UNKNOWN` after the first run. */
  registerNode(handler: StepHandler): this {
    if (this.#runtime !== undefined)
      throw new TerminalError({
        code: "STEP_TYPE_UNKNOWN",
        fault: "caller",
        message: `Node "${handler.layer}/${handler.type}" is registered after the context has run a pipeline. Register it before.`,
      });
    this.#handlers.push(handler);
    return this;
  }

  /** Rows of a file, a pattern or a URI. Nothing is read before they are used. */
  async read(source: string, { format, options = {} }: ReadFrameOptions = {}): Promise<Frame> {
    const { adapter, uri } = locateFile(source, this.#options);
    const resolved = format ?? formatOfPath(source);
    const files = await adapter.listFiles(uri, this.adapterContext);
    if (files.length === 0)
      throw new TerminalError({
        code: "SOURCE_NOT_FOUND",
        fault: "config",
        message: `No file at "${source}" (looked for ${uri}).`,
        context: { location: uri },
      });
    const session = await this.#open();
    const request = { uris: files.map((file) => file.uri), format: resolved, options };
    const described = await session.describeSource(request);
    const relation = await session.scan({ ...request, options: described.options, columns: described.columns }, source);
    return createFrame(session, relation, described.columns);
  }

  /** Writes rows; readers see the old file or the new one, whole. */
  async write(
    frame: Frame,
    target: string,
    { format, mode = "overwrite", options = {} }: WriteFrameOptions = {},
  ): Promise<{ readonly rows: number }> {
    const session = await this.#open();
    const resolved = format ?? formatOfPath(target, "parquet");
    const { adapter, uri } = locateFile(target, this.#options);
    const folder = target.endsWith("/") || options["partition_by"] !== undefined;
    const sink: Sink = adapter.createSink(
      {
        uri: uri.replace(/(?<=.)\/+$/, ""),
        format: resolved,
        form: folder ? "folder" : "file",
        mode,
        options,
        stagingDirectory: join(this.#options.stateDir, "staging"),
      },
      this.adapterContext,
    );
    const id = this.#options.ids.uuid();
    const writer = await sink.begin({ runId: id, step: "write", attempt: 1 });
    try {
      const { rows, files } = await session.materialise(frameRelation(frame), {
        ...writer.staging,
        format: resolved,
        options,
      });
      await writer.commit(id, files);
      return { rows };
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  /** Rows of a SELECT over the registered tables. Nothing runs before they are used. */
  async executeSql(query: string): Promise<Frame> {
    const session = await this.#open();
    const relation = await session.query(query, { inputs: Object.fromEntries(this.#tables), label: "query" });
    const { columns } = await session.sample(relation, 0);
    return createFrame(session, relation, columns);
  }

  /** Gives rows a name for `executeSql`: a frame, or objects whose columns are told by their values. */
  async registerTemp(name: string, rows: Frame | readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    this.#tables.set(name, isFrame(rows) ? frameRelation(rows) : await this.#import(name, rows));
  }

  /** The first rows, as values of JavaScript. @param rows - @defaultValue 5 */
  async collectSample(frame: Frame, rows = 5): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const sample: Readonly<Record<string, unknown>>[] = [];
    if (rows <= 0) return sample;
    for await (const row of frame.rows()) {
      sample.push(row);
      if (sample.length >= rows) break;
    }
    return sample;
  }

  /** The value of a secret. It is kept out of logs and records. @throws MillraceError `CONFIG_SECRET_NOT_FOUND` */
  async getSecret(name: string): Promise<string> {
    return createRuntimeSecrets(this.#options).resolve(`secret:${name}`);
  }

  /** The runtime in which pipelines of this context run. */
  async runtime(): Promise<Runtime> {
    this.#runtime ??= createRuntime({ ...this.#given, functions: this.#options.functions, handlers: this.#handlers });
    return this.#runtime;
  }

  /** Step types that were registered. */
  get nodeTypes(): readonly string[] {
    return this.#handlers.map(({ type }) => type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tables.clear();
    await (await this.#opened)?.[Symbol.asyncDispose]();
    await (await this.#runtime)?.[Symbol.asyncDispose]();
  }

  async #open(): Promise<ComputeSession> {
    const { compute, clock, limits } = this.#options;
    const resolved = resolveLimits({}, limits, undefined);
    const kind = {
      threads: resolved.threads,
      memoryBytes: computeMemoryBytes(resolved),
      logicalTime: clock.now(),
      deterministic: false,
    };
    this.#opened ??= openSession(compute[0], kind, this.#options);
    return (await this.#opened).session;
  }

  async #import(name: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<RelationId> {
    const session = await this.#open();
    const { columns, output }: { readonly columns: readonly Column[]; readonly output: unknown } = await inferColumns(
      rows,
      { step: name },
    );
    return session.importArrow(encodeOutput(output, columns, { step: name }), { columns, label: name });
  }
}

function isFrame(rows: Frame | readonly unknown[]): rows is Frame {
  return !Array.isArray(rows);
}
