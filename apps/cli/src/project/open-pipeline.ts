// One pipeline of a project, loaded and ready to be bound with what the command line says.
import { resolveEngine } from "./engine-override.ts";
import { withTargets } from "@millrace/definitions";
import { TerminalError } from "@millrace/foundation";
import type { Issue } from "@millrace/protocols";
import type { LoadedCode, PlanSettings, Runtime } from "@millrace/sdk";
import type { CommandContext } from "../command-context.ts";
import { openRuntime } from "./open-runtime.ts";
import { parseParams } from "./param-values.ts";
import { resolvePipelineFile } from "./pipeline-files.ts";
import { openProject, type Project } from "./project.ts";

/** A pipeline with the runtime that it is bound and run in. */
export interface OpenPipeline extends AsyncDisposable {
  readonly project: Project;
  readonly runtime: Runtime;
  readonly file: string;
  readonly loaded: LoadedCode;
  readonly settings: PlanSettings;
}

/** Opens the pipeline that a command means: the one that is named, else the only one of the project. */
export async function openPipeline(context: CommandContext, named: string | undefined): Promise<OpenPipeline> {
  const project = await openProject(context, named);
  const file = resolvePipelineFile({
    named,
    projectRoot: project.root,
    workingFolder: project.workingFolder,
    pipelinesDir: project.config.pipelinesDir,
  });
  const runtime = await openRuntime(context, project);
  try {
    const loaded = await loadPipeline(context, { runtime, project, file });
    return {
      project,
      runtime,
      file,
      loaded,
      settings: toSettings(context, { project, loaded }),
      [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
    };
  } catch (error) {
    await runtime[Symbol.asyncDispose]();
    throw error;
  }
}

/** Loads a file, with the targets of the environment and the engine of the command line in place. */
export async function loadPipeline(
  context: CommandContext,
  { runtime, project, file }: { readonly runtime: Runtime; readonly project: Project; readonly file: string },
): Promise<LoadedCode> {
  const loaded = await runtime.load(file);
  if (loaded.spec === undefined) return loaded;
  const moved = withTargets(loaded.spec, project.config.targets);
  return {
    ...loaded,
    spec: resolveEngine(moved.spec, project, context),
    issues: [...loaded.issues, ...moved.issues.map((issue) => place(issue, loaded))],
  };
}

function place(issue: Issue, loaded: LoadedCode): Issue {
  const position = issue.position ?? loaded.locate(issue.path);
  return position === undefined ? issue : { ...issue, position };
}

/** What flags and configuration say about binding, planning and limits. */
export function toSettings(
  context: CommandContext,
  { project, loaded }: { readonly project: Project; readonly loaded: LoadedCode },
): PlanSettings {
  const { flags } = context;
  const { config } = project;
  const at = flags.text("at");
  const params = parseParams(flags.all("param"), loaded.spec?.params ?? {});
  const select = flags.words("select");
  const exclude = flags.words("exclude");
  // What a person says now wins over what the pipeline says of itself; what a file says does not.
  const isSaid = (key: string): boolean =>
    project.loaded.settings.some((setting) => setting.key === key && ["variable", "flag"].includes(setting.source));
  return {
    params,
    observe: config.observe,
    ...(at === undefined ? {} : { at: parseTime(at) }),
    ...(select.length === 0 ? {} : { select }),
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(flags.has("deterministic") ? { deterministic: true } : {}),
    ...(flags.has("sandbox") ? { sandbox: true } : {}),
    ...(flags.has("strict") ? { strict: true } : {}),
    ...(flags.has("sequential") ? { sequential: true } : {}),
    ...(flags.has("level-barrier") ? { levelBarrier: true } : {}),
    ...(isSaid("workers") ? { workers: config.workers } : {}),
    ...(isSaid("threads") && config.threads !== undefined ? { threads: config.threads } : {}),
    ...(isSaid("memory") && config.memoryBytes !== undefined ? { memory: config.memoryBytes } : {}),
    ...(isSaid("timeout") && config.timeoutMs !== undefined ? { timeout: config.timeoutMs } : {}),
  };
}

/** An instant of `--at`: a day, or a time with its zone; without one it counts as UTC. */
function parseTime(text: string): Date {
  const isPlain = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?(Z|[+-]\d{2}:\d{2})?$/.test(text);
  const hasZone = /(Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = new Date(text.includes("T") && !hasZone ? `${text}Z` : text);
  // 2026-02-30 is taken for 2 March by Date: the day must come back as it was written.
  const isSame = !Number.isNaN(time.getTime()) && (hasZone || time.toISOString().startsWith(text.slice(0, 10)));
  if (isPlain && isSame) return time;
  throw new TerminalError({
    code: "PARAMETER_INVALID",
    fault: "caller",
    message: `--at ${JSON.stringify(text.slice(0, 60))} is no time. Write ISO 8601, such as 2026-01-31 or 2026-01-31T06:00:00Z.`,
  });
}
