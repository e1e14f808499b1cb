import { TerminalError } from "./error.ts";
import { decodeKeySegment, encodeKeySegment } from "./key-segment.ts";

/** Stages that an artefact can belong to. */
export const PipelineStage = {
  CONNECT: "connect",
  INGEST: "ingest",
  TRANSFORM: "transform",
  STORE: "store",
  PUBLISH: "publish",
  QUARANTINE: "quarantine",
} as const;

/** Stage of a pipeline. */
export type PipelineStage = (typeof PipelineStage)[keyof typeof PipelineStage];

/** What an artefact belongs to: one message of a stage of a route in an execution. */
export interface StorageContext {
  readonly execution: string;
  /** The pipeline. */
  readonly route: string;
  readonly stage: PipelineStage;
  /** A dataset, a partition, or another name that is unique in its stage. */
  readonly message: string;
  /** Letters and digits, without a dot. */
  readonly extension?: string;
}

/** Where keys begin and how sidecars end. */
export interface PathConfig {
  /** First part of every key. @defaultValue "executions" */
  readonly root?: string;
  /** @defaultValue ".meta.json" */
  readonly sidecarSuffix?: string;
}

/**
 * Keys of artefacts: `executions/<execution>/<route>/<stage>/<message>[.ext]`, with sidecars beside them.
 *
 * Different contexts have different keys, a key gives its context back (where no part is longer than a segment), and
 * nothing leaves the root: parts with a separator, `.`, `..` or control characters are refused, other unusual characters are percent-encoded.
 */
export class ExecutionPathResolver {
  readonly #root: string;
  readonly #suffix: string;

  /** @throws MillraceError `STORE_KEY_INVALID` where the configuration itself would leave the store. */
  constructor(config: PathConfig = {}) {
    this.#root = (config.root ?? "executions")
      .split("/")
      .map((part) => toPart("root", part))
      .join("/");
    this.#suffix = config.sidecarSuffix ?? ".meta.json";
    if (!/^(?:\.[A-Za-z0-9]+){2,}$/.test(this.#suffix))
      throw invalid("sidecarSuffix", this.#suffix, "two or more endings such as .meta.json");
  }

  /** The key of an artefact. */
  resolve(context: StorageContext): string {
    return `${this.prefix(context)}${this.#fileName(context)}`;
  }

  /** The key of the metadata of an artefact. */
  resolveSidecar(context: StorageContext): string {
    return `${this.resolve(context)}${this.#suffix}`;
  }

  /** What keys of an execution, a route or a stage start with; ends in `/`. */
  prefix(context: Pick<StorageContext, "execution"> & Partial<Pick<StorageContext, "route" | "stage">>): string {
    const parts = [this.#root, toPart("execution", context.execution)];
    if (context.route !== undefined) parts.push(toPart("route", context.route));
    if (context.route !== undefined && context.stage !== undefined) parts.push(toStage(context.stage));
    return `${parts.join("/")}/`;
  }

  /** Whether a key is one of a sidecar. */
  isSidecar(key: string): boolean {
    return key.endsWith(this.#suffix);
  }

  /** The context of a key, of a sidecar that of its artefact; undefined for a key that this resolver did not make. */
  parse(key: string): StorageContext | undefined {
    if (!key.startsWith(`${this.#root}/`)) return undefined;
    const plain = this.isSidecar(key) ? key.slice(0, -this.#suffix.length) : key;
    const parts = plain.slice(this.#root.length + 1).split("/");
    const [execution, route, stage, file] = parts.map((part, index) => (index === 3 ? part : decodeKeySegment(part)));
    if (parts.length !== 4 || execution === undefined || route === undefined || file === undefined || !isStage(stage))
      return undefined;
    const dot = file.lastIndexOf(".");
    // Dots that the resolver encoded; a leading one is encoded by the segment itself.
    const message = decodeKeySegment((dot > 0 ? file.slice(0, dot) : file).replaceAll(/(?!^)%2E/g, "."));
    if (message === undefined) return undefined;
    const context = { execution, route, stage, message, ...(dot > 0 ? { extension: file.slice(dot + 1) } : {}) };
    return this.#tryResolve(context) === plain ? context : undefined;
  }

  #tryResolve(context: StorageContext): string | undefined {
    try {
      return this.resolve(context);
    } catch {
      // A key with parts that resolve refuses was not made by it: the caller gets undefined.
      return undefined;
    }
  }

  #fileName({ message, extension }: StorageContext): string {
    const part = toPart("message", message);
    // A dot of the name is not an ending, and a name is no sidecar: dots that would say so are encoded.
    if (extension === undefined) return part.replaceAll(".", "%2E");
    if (!/^[A-Za-z0-9]{1,20}$/.test(extension)) throw invalid("extension", extension, "letters and digits");
    return this.isSidecar(`${part}.${extension}`)
      ? `${part.replace(/\.(?=[^.]*$)/, "%2E")}.${extension}`
      : `${part}.${extension}`;
  }
}

function toStage(stage: string): PipelineStage {
  if (isStage(stage)) return stage;
  throw invalid("stage", stage, Object.values(PipelineStage).join(", "));
}

function isStage(text: string | undefined): text is PipelineStage {
  return Object.values(PipelineStage).some((stage) => stage === text);
}

/** Encoding would make any text safe; text that tries to leave its place is a mistake or an attack, and is refused. */
function toPart(field: string, text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text === "" || text === "." || text === ".." || /[/\\\u0000-\u001f\u007f]/.test(text))
    throw invalid(field, text, "a name without separators, control characters, . and ..");
  return encodeKeySegment(text);
}

function invalid(field: string, received: string, expected: string): TerminalError {
  return new TerminalError({
    code: "STORE_KEY_INVALID",
    fault: "caller",
    message: `A key cannot be made: ${field} must be ${expected}; received ${JSON.stringify(received.slice(0, 100))}.`,
    context: { field, received, expected },
  });
}
