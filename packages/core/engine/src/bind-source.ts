import { basename, dirname } from "node:path";
import type {
  Column,
  ComputeSession,
  DagNode,
  FileSource,
  Issue,
  JsonObject,
  JsonValue,
  LockedSource,
  PinnedFile,
  PinnedSource,
  SourceLock,
} from "@millrace/protocols";
import {
  columnsFromText,
  formatColumnType,
  isMillraceError,
  isSameColumnType,
  isWidening,
  suggestName,
  TerminalError,
} from "@millrace/foundation";
import type { EngineEnvironment } from "./environment.ts";
import { resolveFormat, resolveLocation } from "./location.ts";
import type { Connection } from "./location.ts";

/** Params of an ingest that are not reading options. */
const controlParams = new Set(["format", "source_type", "columns", "connection", "mode"]);
/** Names that other tools use for reading options. */
const optionAliases: Readonly<Record<string, string>> = {
  sep: "delim",
  delimiter: "delim",
  quotechar: "quote",
  escapechar: "escape",
  na_values: "nullstr",
  skiprows: "skip",
};

/** A source as bound, and what was noticed about it. */
export interface BoundSource {
  readonly source: PinnedSource;
  readonly issues: readonly Issue[];
}

/** Declared columns of a step, from its policy or, as the seed writes them, its params. */
export function declaredColumns(node: DagNode): readonly Column[] | undefined {
  const text = node.step.metadata.policy?.columns ?? node.step.params["columns"];
  if (text === undefined || text === null || typeof text !== "object" || Array.isArray(text)) return undefined;
  return columnsFromText(text as Readonly<Record<string, string>>);
}

/**
 * Binds an ingest: from the lock where asked and known, else from the files' metadata.
 *
 * @throws MillraceError `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`, `SOURCE_FORMAT_UNKNOWN`, `ADAPTER_UNKNOWN` …
 */
export async function bindSource(
  node: DagNode,
  environment: EngineEnvironment,
  options: {
    readonly pipeline: string;
    readonly connections: ReadonlyMap<string, Connection>;
    readonly lock?: SourceLock;
    readonly sources: "lock" | "live";
  },
): Promise<BoundSource> {
  const { step } = node;
  const dataset = Object.values(step.outputs)[0] ?? step.name;
  const location = resolveLocation(step, {
    ...options,
    projectRoot: environment.projectRoot,
    adapters: environment.adapters,
  });
  const format = resolveFormat(step, location.uri);
  const declared = declaredColumns(node);
  const given = readingOptions(step.params);
  const locked = options.lock?.sources[`${options.pipeline}.${dataset}`];
  const usable =
    locked !== undefined &&
    locked.location === step.value &&
    locked.format === format &&
    sameOptions(given, locked.options);
  const reading = environment.compute.capabilities.locations.includes(location.scheme) ? "native" : "spool";
  const base = { step: step.name, dataset, location: location.uri, format, reading } as const;

  if (options.sources === "lock" && usable)
    return {
      source: {
        ...base,
        options: locked.options,
        columns: withDeclared(columnsFromText(locked.columns), declared),
        files: [],
      },
      issues: [],
    };

  const context = {
    projectRoot: environment.projectRoot,
    logger: environment.logger,
    faultPoints: environment.faultPoints,
  };
  const files = await location.adapter.listFiles(location.uri, context);
  if (files.length === 0)
    throw await notFound(node, location.uri, (pattern) => location.adapter.listFiles(pattern, context));
  if (reading === "spool")
    throw new TerminalError({
      code: "ADAPTER_UNKNOWN",
      fault: "config",
      message: `Step "${step.name}": ${environment.compute.name} cannot read "${location.scheme}:" by itself.`,
      context: { step: step.name },
    });
  const session = await environment.session();
  const request: FileSource = {
    uris: files.map((file) => file.uri),
    format,
    options: given,
    ...(declared === undefined ? {} : { columns: declared }),
  };
  const described = await describe(session, request, node);
  const columns = withDeclared(described.columns, declared);
  return {
    source: {
      ...base,
      options: described.options,
      columns,
      files: mergeFiles(files, described.files),
      ...(described.rows === undefined ? {} : { rows: described.rows }),
    },
    issues: usable && declared === undefined ? compareWithLock(node, { dataset, locked, now: columns }) : [],
  };
}

async function describe(
  session: ComputeSession,
  request: FileSource,
  node: DagNode,
): ReturnType<ComputeSession["describeSource"]> {
  try {
    return await session.describeSource(request);
  } catch (error) {
    if (!isMillraceError(error) || error.context["step"] !== undefined) throw error;
    throw new TerminalError({
      code: error.code,
      fault: error.fault,
      message: `Step "${node.step.name}": ${error.message}`,
      context: { ...error.context, step: node.step.name },
      cause: error,
    });
  }
}

function readingOptions(params: JsonObject): JsonObject {
  const options: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(params))
    if (!controlParams.has(name)) options[optionAliases[name] ?? name] = value;
  return options;
}

/** Everything the author wrote must still say the same in the lock. */
function sameOptions(given: JsonObject, locked: JsonObject): boolean {
  return Object.entries(given).every(([name, value]) => JSON.stringify(locked[name]) === JSON.stringify(value));
}

function withDeclared(found: readonly Column[], declared: readonly Column[] | undefined): readonly Column[] {
  return declared ?? found;
}

/** The adapter's view of a file is the pin; what the compute saw fills gaps. */
function mergeFiles(listed: readonly PinnedFile[], described: readonly PinnedFile[]): readonly PinnedFile[] {
  const seen = new Map(described.map((file) => [file.uri, file]));
  return listed.map((file) => ({ ...seen.get(file.uri), ...file }));
}

async function notFound(
  node: DagNode,
  uri: string,
  list: (pattern: string) => Promise<readonly PinnedFile[]>,
): Promise<TerminalError> {
  const nearby = /[*?[{]/.test(uri) ? [] : await list(`${dirname(uri)}/*`).catch(() => []);
  const suggestion = suggestName(
    basename(uri),
    nearby.map((file) => basename(file.uri)),
  );
  const hint =
    suggestion === undefined
      ? ""
      : ` Did you mean "${node.step.value.slice(0, node.step.value.length - basename(node.step.value).length)}${suggestion}"?`;
  return new TerminalError({
    code: "SOURCE_NOT_FOUND",
    fault: "config",
    message: `Step "${node.step.name}": no file at "${node.step.value}" (looked for ${uri}).${hint}`,
    context: { step: node.step.name, location: uri, ...(suggestion === undefined ? {} : { suggestion }) },
  });
}

/** Drift between the lock and what a source has now: removed, renamed or narrowed columns are errors, a new one is a note. */
function compareWithLock(
  node: DagNode,
  source: { readonly dataset: string; readonly locked: LockedSource; readonly now: readonly Column[] },
): Issue[] {
  const { dataset, locked, now } = source;
  const before = columnsFromText(locked.columns);
  const added = now.filter((column) => !before.some((other) => other.name === column.name));
  const issues: Issue[] = [];
  const about = { path: ["steps", node.index, "value"], step: node.step.name, length: node.step.value.length };
  const note = `millrace.lock.json has it as of ${locked.read_at}`;
  for (const column of before) {
    const current = now.find((other) => other.name === column.name);
    if (current === undefined) {
      const renamed =
        added.find(
          (other) => isSameColumnType(other.type, column.type) && suggestName(column.name, [other.name]) !== undefined,
        ) ?? (added.length === 1 ? added[0] : undefined);
      issues.push({
        severity: "error",
        code: "SOURCE_CHANGED",
        message: `source "${dataset}" no longer has column "${column.name}"${renamed === undefined ? "" : `; it may be "${renamed.name}" now`}`,
        ...about,
        received: now.map((other) => other.name).join(", "),
        notes: [note, "run `millrace types --refresh` when the change is wanted"],
      });
    } else if (!isSameColumnType(current.type, column.type) && !isWidening(column.type, current.type))
      issues.push({
        severity: "error",
        code: "SOURCE_CHANGED",
        message: `column "${column.name}" of source "${dataset}" became ${formatColumnType(current.type)}`,
        ...about,
        expected: formatColumnType(column.type),
        received: formatColumnType(current.type),
        notes: [note, "run `millrace types --refresh` when the change is wanted"],
      });
  }
  for (const column of added)
    issues.push({
      severity: "info",
      code: "SOURCE_COLUMN_ADDED",
      message: `source "${dataset}" has a new column "${column.name}" ${formatColumnType(column.type)}`,
      ...about,
      notes: ["run `millrace types --refresh` to take it in"],
    });
  return issues;
}
