// The slow half of `validate`: loads, binds and plans, and keeps the result where it depends on files alone.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Issue } from "@millrace/protocols";
import { lockFileName, type LoadedCode } from "@millrace/sdk";
import { buildDigest } from "../build-info.ts";
import type { CommandContext } from "../command-context.ts";
import { loadPipeline, toSettings } from "../project/open-pipeline.ts";
import { openRuntime } from "../project/open-runtime.ts";
import { resolvePipelineFiles } from "../project/pipeline-files.ts";
import { openProject, type Project } from "../project/project.ts";
import { projectFileNames } from "./light-project.ts";
import { flagsOf, writeStoredResult, type ValidateResult } from "./stored-result.ts";

/** Results of a validation, with what their frames are made of. */
export interface Validation {
  readonly results: readonly ValidateResult[];
  readonly workingFolder: string;
  /** Text of a file as it was read. */
  readonly text: (file: string) => string | undefined;
}

/** Validates the pipeline that is named, else all of the project. */
export async function validatePipelines(context: CommandContext, named: string | undefined): Promise<Validation> {
  const project = await openProject(context, named);
  const files = resolvePipelineFiles({
    named,
    projectRoot: project.root,
    workingFolder: project.workingFolder,
    pipelinesDir: project.config.pipelinesDir,
  });
  await using runtime = await openRuntime(context, project);
  const results: ValidateResult[] = [];
  const loadedFiles: LoadedCode[] = [];
  for (const file of files) {
    const loaded = await loadPipeline(context, { runtime, project, file });
    loadedFiles.push(loaded);
    const found =
      loaded.spec === undefined
        ? loaded.issues
        : await runtime.validate(loaded, toSettings(context, { project, loaded }));
    const issues = [...project.loaded.issues, ...found];
    const result: ValidateResult = { file, pipeline: loaded.spec?.name, steps: loaded.spec?.steps.length ?? 0, issues };
    results.push(result);
    store(result, { context, project, loaded });
  }
  return {
    results,
    workingFolder: project.workingFolder,
    text: (file) => loadedFiles.map((loaded) => loaded.text(file)).find((text) => text !== undefined),
  };
}

function store(
  result: ValidateResult,
  {
    context,
    project,
    loaded,
  }: { readonly context: CommandContext; readonly project: Project; readonly loaded: LoadedCode },
): void {
  const build = buildDigest();
  if (build === undefined || loaded.spec === undefined || !isLocked(loaded, project.root) || importsFiles(project))
    return;
  const modules = loaded.spec.steps.flatMap((step) => {
    const path = /^(\.{1,2}\/[^#]+)#/.exec(step.type === "function" ? step.value : "")?.[1];
    return path === undefined ? [] : [resolve(dirname(result.file), path)];
  });
  const beside = projectFileNames.map((name) => join(project.root, name));
  writeStoredResult(
    join(project.config.stateDir, "bind"),
    {
      build,
      pipelineFile: result.file,
      projectRoot: project.root,
      flags: flagsOf(context.flags),
      environment: context.io.environment,
    },
    { files: [...new Set([...loaded.files, ...modules, ...beside, result.file])], result },
  );
}

/** Whether the lock knows every source: otherwise the result depends on data, which has no digest here. */
function isLocked({ spec }: LoadedCode, projectRoot: string): boolean {
  const datasets = spec?.steps.flatMap((step) => (step.layer === "ingest" ? Object.values(step.outputs) : [])) ?? [];
  if (datasets.length === 0) return true;
  try {
    const lock = JSON.parse(readFileSync(join(projectRoot, lockFileName), "utf8")) as {
      readonly sources?: Readonly<Record<string, unknown>>;
    };
    return datasets.every((dataset) => Object.hasOwn(lock.sources ?? {}, `${spec?.name}.${dataset}`));
  } catch {
    // No lock yet, or a damaged one, which is an issue of its own.
    return false;
  }
}

/** A configuration that is spread over files is not followed. */
function importsFiles(project: Project): boolean {
  return project.loaded.files.some(
    (file) => /\.[mc]?[jt]s$/.test(file) && /from\s*["']\.|import\s*\(/.test(readFileSync(file, "utf8")),
  );
}

/** All findings of all results, each once. */
export function issuesOf(results: readonly ValidateResult[]): readonly Issue[] {
  const seen = new Map(results.flatMap(({ issues }) => issues.map((issue) => [JSON.stringify(issue), issue] as const)));
  return [...seen.values()];
}
