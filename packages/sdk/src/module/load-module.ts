import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { pathToFileURL } from "node:url";
import type { Issue, LoadedPipeline, PipelineSpec, RowFunction, StepFunction } from "@millrace/protocols";
import type { PipelineDefinition } from "../builder/draft.ts";
import { isPipeline, pipelineState } from "../builder/pipeline.ts";
import type { Pipeline } from "../builder/pipeline.ts";
import { findExportName } from "./export-name.ts";
import { readImportGraph } from "./import-graph.ts";
import type { ImportGraph } from "./import-graph.ts";
import { createLocator } from "./locate.ts";
import { toModuleIssue } from "./module-failure.ts";
import { freshModuleUrl } from "./resolution-hook.ts";
import { SourceTexts } from "./source-text.ts";

/** How a pipeline is loaded. */
export interface LoadOptions {
  /** Step types of registered handlers. */
  readonly types?: readonly string[];
  /** Resolves `${env.NAME}` in paths and params. @defaultValue every variable is unset */
  readonly variables?: (name: string) => string | undefined;
  /** Folder from which data paths count, absolute. */
  readonly root?: string;
}

/** An inline function of a pipeline. */
export interface InlineFunction {
  readonly fn: StepFunction | RowFunction;
  /** File in which it stands, or the name of its pipeline where that is not known. */
  readonly origin: string;
  /** Digest of its module and of what that imports. */
  readonly digest?: string;
}

/** A loaded pipeline with what only this process has of it. */
export interface LoadedCode extends LoadedPipeline {
  /** Absent for files of rows. */
  readonly pipeline?: Pipeline;
  /** File that it was read from; `./other.ts#export` resolves from its folder. */
  readonly file?: string;
  /** Inline functions by the `value` of their step. */
  readonly functions: ReadonlyMap<string, InlineFunction>;
}

/**
 * Loads a pipeline from a file: a module that exports it by default, or rows as JSON, YAML, CSV or SQLite. What an
 * author can mend comes back as issues.
 *
 * A module is imported again when it, or a file that it imports, has changed since the last time.
 */
export async function loadPipelineFile(path: string, options: LoadOptions = {}): Promise<LoadedCode> {
  const { createPipelineLoader } = await import("@millrace/definitions");
  let code: LoadedCode | undefined;
  const loader = createPipelineLoader({
    ...options,
    loadModule: async (file) => {
      code = await importPipeline(file);
      return code;
    },
  });
  const loaded = await loader.load(path);
  const { spec, issues, files } = loaded;
  return {
    spec,
    issues,
    files,
    locate: (where, offset) => loaded.locate(where, offset),
    text: (file) => loaded.text(file),
    functions: code?.functions ?? new Map(),
    ...(code?.pipeline === undefined ? {} : { pipeline: code.pipeline }),
    ...(code?.file === undefined ? { file: path } : { file: code.file }),
  };
}

/** Loads a pipeline of this process. Its module is read for places and digests, and not imported again. */
export async function loadPipeline(pipeline: Pipeline, options: LoadOptions = {}): Promise<LoadedCode> {
  const { site } = pipelineState(pipeline).definition;
  const exportName = site === undefined ? undefined : await findExportName(site, new SourceTexts());
  const code = await readPipeline(pipeline, {
    ...(site === undefined ? {} : { file: site.file, graph: await readImportGraph(site.file) }),
    ...(exportName === undefined ? {} : { exportName }),
  });
  if (code.spec === undefined) return code;
  const { normalizeSpec } = await import("@millrace/definitions");
  const { spec, issues } = normalizeSpec(code.spec, { variables: () => undefined, ...options });
  const placed = issues.map((issue): Issue => {
    const position = issue.position ?? code.locate(issue.path);
    return position === undefined ? issue : { ...issue, position };
  });
  return { ...code, spec, issues: [...code.issues, ...placed] };
}

/** Imports the module of a pipeline. Its spec is not checked yet. */
async function importPipeline(file: string): Promise<LoadedCode> {
  const graph = await readImportGraph(file);
  const texts = new SourceTexts();
  const failed = (issue: Issue): LoadedCode => ({
    file,
    functions: new Map(),
    spec: undefined,
    issues: [issue],
    files: graph.files,
    locate: () => issue.position,
    text: (one) => texts.text(one),
  });
  let exported: unknown;
  try {
    const module = (await import(freshModuleUrl(pathToFileURL(file).href, graph.content))) as {
      readonly default?: unknown;
    };
    exported = module.default;
  } catch (error) {
    return failed(toModuleIssue(error, file, graph.files));
  }
  if (isPipeline(exported)) return readPipeline(exported, { file, graph, exportName: "default" });
  const received =
    exported === undefined ? "no default export" : `a default export that is no pipeline, but ${typeof exported}`;
  return failed({
    severity: "error",
    code: "DEFINITION_NO_PIPELINE",
    message: `${basename(file)} has ${received}`,
    path: [],
    position: { file },
    expected: 'export default pipeline("name", (p) => …)',
  });
}

interface Origin {
  readonly file?: string;
  readonly graph?: ImportGraph;
  /** Absent where the pipeline cannot be had by importing its module: its functions are bound to this process. */
  readonly exportName?: string;
}

/** What the builder said, in the wire's names. Undefined spec where the builder itself refused something. */
async function readPipeline(pipeline: Pipeline, { file, graph, exportName }: Origin): Promise<LoadedCode> {
  const state = pipelineState(pipeline);
  const { definition } = state;
  const texts = new SourceTexts();
  const locate = createLocator(definition, texts);
  const issues = [...definition.issues, ...checkPurity(pipeline.name, definition, () => state.rebuild())].map(
    (issue): Issue => {
      const position = issue.position ?? locate(issue.path);
      return position === undefined ? issue : { ...issue, position };
    },
  );
  const address = (step: string): string =>
    file === undefined || exportName === undefined
      ? `${pipeline.name}#${step}`
      : `./${basename(file)}#${exportName}/${step}`;
  const digest = graph?.digest === undefined ? {} : { digest: graph.digest };
  const functions = [...definition.functions].map(([step, fn]): [string, InlineFunction] => [
    address(step),
    { fn, origin: file ?? pipeline.name, ...digest },
  ]);
  const sqlFiles = definition.origins.flatMap(({ sql }) => (sql?.kind === "file" ? [sql.file] : []));
  return {
    pipeline,
    ...(file === undefined ? {} : { file }),
    functions: new Map(functions),
    spec: issues.some(({ severity }) => severity === "error") ? undefined : await lowerDocument(definition, address),
    issues,
    files: [...new Set([...(graph?.files ?? []), ...sqlFiles])].toSorted(),
    locate,
    text: (one) => texts.text(one),
  };
}

type Row = Readonly<Record<string, unknown>>;

/** The document in the wire's names. What it claims to be is checked by who normalises it. */
async function lowerDocument(
  { form, document, functions }: PipelineDefinition,
  address: (step: string) => string,
): Promise<PipelineSpec> {
  if (form === "rows") return document as unknown as PipelineSpec;
  const { lowerPipelinePolicy, lowerPolicy } = await import("@millrace/definitions");
  const steps = document.steps.map((row) => {
    const { name, metadata } = row as { readonly name: string; readonly metadata: { readonly policy?: object } };
    return {
      ...row,
      ...(functions.has(name) ? { value: address(name) } : {}),
      ...(metadata.policy === undefined ? {} : { metadata: { ...metadata, policy: lowerPolicy(metadata.policy) } }),
    };
  });
  return { ...document, steps, policy: lowerPipelinePolicy(document.policy) } as unknown as PipelineSpec;
}

/** A callback that gives other steps the second time would give others again when a run is resumed. */
function checkPurity(name: string, first: PipelineDefinition, rebuild: () => PipelineDefinition): readonly Issue[] {
  const impure = (reason: string, index?: number): readonly Issue[] => [
    {
      severity: "error",
      code: "DEFINITION_NOT_PURE",
      message: `pipeline "${name}": its callback ${reason}; take times, random values and outside data as params`,
      path: index === undefined ? [] : ["steps", index],
    },
  ];
  let second: PipelineDefinition;
  try {
    second = rebuild();
  } catch (error) {
    return impure(`throws when it is called again: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (isDeepStrictEqual(first.document, second.document)) return [];
  const index = first.document.steps.findIndex((row, at) => !isDeepStrictEqual(row, second.document.steps[at]));
  if (index === -1) return impure("gives other steps or settings when it is called again");
  return impure(
    `gives another step "${String((first.document.steps[index] as Row)["name"])}" when it is called again`,
    index,
  );
}
