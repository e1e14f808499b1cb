/**
 * From a path to a pipeline:
 *
 *   path → regular file? → kind by extension → text → document (value, findings, way back to the text)
 *        → one normalised spec, all findings → places in the author's file
 *
 * A module goes another way to its value: `loadModule` imports it, and knows where its steps were written.
 */
import { basename, extname, resolve } from "node:path";
import { isMillraceError, TerminalError } from "@millrace/foundation";
import type { Issue, LoadedPipeline, PipelineLoader, SourcePosition } from "@millrace/protocols";
import { sortFindings, toIssue } from "./finding.ts";
import type { Finding, Locate, Path } from "./finding.ts";
import { maxCsvBytes, readCsvDocument } from "./forms/csv-document.ts";
import { brokenDocument } from "./forms/definition-document.ts";
import type { DefinitionDocument } from "./forms/definition-document.ts";
import { checkRegularFile, readDefinitionFile } from "./forms/definition-file.ts";
import { maxJsonBytes, readJsonDocument } from "./forms/json-document.ts";
import { readSqliteDocument } from "./forms/sqlite-document.ts";
import type { RowOptions } from "./forms/table-steps.ts";
import { maxYamlBytes, readYamlDocument } from "./forms/yaml-document.ts";
import { readDefinition } from "./normalization.ts";
import type { NormalizeOptions } from "./normalization.ts";
import type { VariableLookup } from "./rules/reference.ts";
import { findLinkedTargets } from "./target-place.ts";

/**
 * Imports a module and gives the pipeline that it exports, with the places of its steps. Its spec need not be checked yet.
 *
 * @throws MillraceError `DEFINITION_MODULE_FAILED`, `DEFINITION_NO_PIPELINE`
 */
export type ModuleLoader = (file: string) => Promise<LoadedPipeline>;

/** What a loader is made of. */
export interface PipelineLoaderOptions {
  /** Imports `.ts` and `.js` files. Without it they are refused. */
  readonly loadModule?: ModuleLoader;
  /** Resolves `${env.NAME}`. @defaultValue every variable is unset */
  readonly variables?: VariableLookup;
  /** Step types of registered handlers. */
  readonly types?: readonly string[];
  /** Which rows of CSV files and SQLite databases are taken. */
  readonly rows?: RowOptions;
  /** Project root, absolute: relative targets count from it. @defaultValue the folder of the pipeline file */
  readonly root?: string;
}

/** Extensions that hold a pipeline. */
export const pipelineExtensions: readonly string[] = [
  ".ts",
  ".mts",
  ".cts",
  ".js",
  ".mjs",
  ".cjs",
  ".json",
  ".yaml",
  ".yml",
  ".csv",
  ".db",
  ".sqlite",
  ".sqlite3",
];

const moduleExtensions = new Set(pipelineExtensions.slice(0, 6));

/** Reads pipelines from modules, JSON, YAML, CSV and SQLite. Everything wrong with a file is an issue; only a module can throw. */
export function createPipelineLoader(options: PipelineLoaderOptions = {}): PipelineLoader {
  return {
    async load(path) {
      const file = resolve(path);
      const extension = extname(file).toLowerCase();
      if (moduleExtensions.has(extension)) return loadModuleFile(file, options);
      return toPipeline(file, await readDocument(file, extension, options), options);
    },
  };
}

async function readDocument(
  file: string,
  extension: string,
  options: PipelineLoaderOptions,
): Promise<DefinitionDocument> {
  switch (extension) {
    case ".json":
      return withText(file, maxJsonBytes, (text) => readJsonDocument(file, text));
    case ".yaml":
    case ".yml":
      return withText(file, maxYamlBytes, (text) => readYamlDocument(file, text));
    case ".csv":
      return withText(file, maxCsvBytes, (text) => readCsvDocument(file, text, options.rows ?? {}));
    case ".db":
    case ".sqlite":
    case ".sqlite3":
      return readSqliteDocument(file, options.rows ?? {});
    default:
      return brokenDocument([(await checkRegularFile(file)) ?? unsupported(file, extension)]);
  }
}

async function withText(
  file: string,
  maxBytes: number,
  read: (text: string) => Promise<DefinitionDocument>,
): Promise<DefinitionDocument> {
  const content = await readDefinitionFile(file, maxBytes);
  return "finding" in content ? brokenDocument([content.finding]) : read(content.text);
}

function unsupported(file: string, extension: string): Finding {
  return {
    code: "DEFINITION_FILE_UNSUPPORTED",
    message: `${file}: ${extension === "" ? "a file without extension" : `a ${extension} file`} holds no pipeline. Expected one of ${pipelineExtensions.join(", ")}.`,
    path: [],
    place: { position: { file } },
    received: extension,
    expected: pipelineExtensions.join(", "),
  };
}

async function toPipeline(
  file: string,
  document: DefinitionDocument,
  options: PipelineLoaderOptions,
): Promise<LoadedPipeline> {
  const { value, findings, locate, text } = document;
  const read =
    value === undefined
      ? { spec: undefined, findings: [] }
      : readDefinition(value, basename(file, extname(file)), normalizeOptions(file, options));
  const linked = read.spec === undefined ? [] : await findLinkedTargets(read.spec, rootOf(file, options));
  const all = sortFindings([...findings, ...withoutEchoes(read.findings, findings), ...linked]);
  return result({
    spec: read.spec,
    issues: all.map((finding) => toIssue(finding, locate)),
    files: [file],
    locate,
    text,
  });
}

function normalizeOptions(file: string, options: PipelineLoaderOptions): NormalizeOptions {
  return {
    ...(options.types === undefined ? {} : { types: options.types }),
    variables: options.variables ?? (() => undefined),
    root: rootOf(file, options),
  };
}

function rootOf(file: string, options: PipelineLoaderOptions): string {
  return options.root ?? resolve(file, "..");
}

/** A cell that is not JSON is not an object either: said once. */
function withoutEchoes(findings: readonly Finding[], earlier: readonly Finding[]): readonly Finding[] {
  const said = new Set(earlier.filter(({ path }) => path.length > 0).map(({ path }) => JSON.stringify(path)));
  return said.size === 0 ? findings : findings.filter(({ path }) => !said.has(JSON.stringify(path)));
}

function result(parts: {
  readonly spec: LoadedPipeline["spec"];
  readonly issues: readonly Issue[];
  readonly files: readonly string[];
  readonly locate: Locate;
  readonly text: DefinitionDocument["text"];
}): LoadedPipeline {
  const { issues, files, locate, text } = parts;
  const broken = issues.some(({ severity }) => severity === "error");
  return {
    spec: broken ? undefined : parts.spec,
    issues,
    files,
    locate: (path, offset) => locate(path, offset === undefined ? {} : { offset })?.position,
    text,
  };
}

async function loadModuleFile(file: string, options: PipelineLoaderOptions): Promise<LoadedPipeline> {
  const unreadable = await checkRegularFile(file);
  if (unreadable !== undefined || options.loadModule === undefined)
    return toPipeline(
      file,
      brokenDocument([
        unreadable ?? { ...unsupported(file, extname(file)), message: `${file}: no loader of modules is given.` },
      ]),
      options,
    );
  const loaded = await importModule(file, options.loadModule);
  if (loaded.spec === undefined) return loaded;
  const read = readDefinition(loaded.spec, basename(file, extname(file)), normalizeOptions(file, options));
  const linked = read.spec === undefined ? [] : await findLinkedTargets(read.spec, rootOf(file, options));
  const locate = (path: Path, offset?: number): SourcePosition | undefined => loaded.locate(path, offset);
  const found = [...sortFindings(read.findings), ...linked].map((finding) =>
    toIssue(finding, (path, request) => {
      const position = locate(path, request?.offset);
      return position === undefined ? undefined : { position };
    }),
  );
  const issues = [...loaded.issues, ...found];
  const broken = issues.some(({ severity }) => severity === "error");
  return {
    spec: broken ? undefined : read.spec,
    issues,
    files: loaded.files,
    locate,
    text: (name) => loaded.text(name),
  };
}

async function importModule(file: string, loadModule: ModuleLoader): Promise<LoadedPipeline> {
  try {
    return await loadModule(file);
  } catch (cause) {
    if (isMillraceError(cause)) throw cause;
    // Code of the author: their stack stays with the cause.
    throw new TerminalError({
      code: "DEFINITION_MODULE_FAILED",
      fault: "caller",
      message: `Cannot import ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      context: { file },
      cause,
    });
  }
}
