// `millrace validate`: a stored result where nothing changed, else load, bind and plan. The first half loads nothing.
import { join, resolve } from "node:path";
import { buildDigest } from "../build-info.ts";
import type { CommandContext } from "../command-context.ts";
import type { CommandModule } from "../command-line/command.ts";
import type { CommandResult } from "../command-result.ts";
import { listPipelineFiles, shownPath } from "../project/pipeline-paths.ts";
import { findLightProject } from "../validate/light-project.ts";
import { flagsOf, readStoredResult, type ValidateResult } from "../validate/stored-result.ts";
import { toValidateData } from "../validate/validate-data.ts";

/** `millrace validate [pipeline]`. */
export const command: CommandModule = {
  run: async (context) => {
    const named = context.positionals[0];
    const stored = readStored(context, named);
    // A clean result needs no frames; anything else is printed by the heavy half.
    if (stored !== undefined && stored.results.every(({ issues }) => issues.length === 0))
      return toCleanResult(stored.results, stored.workingFolder, context);
    const [{ validatePipelines }, { toValidateResult }] = await Promise.all([
      import("../validate/validate-pipelines.ts"),
      import("../validate/validate-result.ts"),
    ]);
    const validation =
      stored === undefined ? await validatePipelines(context, named) : { ...stored, text: () => undefined };
    if (validation.results.every(({ issues }) => issues.length === 0))
      return toCleanResult(validation.results, validation.workingFolder, context);
    return toValidateResult(validation, context);
  },
};

interface StoredResults {
  readonly results: readonly ValidateResult[];
  readonly workingFolder: string;
}

function readStored(context: CommandContext, named: string | undefined): StoredResults | undefined {
  const build = buildDigest();
  const project = build === undefined ? undefined : findLightProject(context, named);
  if (build === undefined || project === undefined) return undefined;
  const files = named === undefined ? listPipelineFiles(project) : [resolve(project.workingFolder, named)];
  if (files.length === 0) return undefined;
  const flags = flagsOf(context.flags);
  const results = files.map((pipelineFile) =>
    readStoredResult(join(project.stateDir, "bind"), {
      build,
      pipelineFile,
      projectRoot: project.projectRoot,
      flags,
      environment: context.io.environment,
    }),
  );
  const found = results.filter((result) => result !== undefined);
  return found.length === files.length ? { results: found, workingFolder: project.workingFolder } : undefined;
}

function toCleanResult(
  results: readonly ValidateResult[],
  workingFolder: string,
  context: CommandContext,
): CommandResult {
  const { style } = context;
  const seconds = (context.elapsedMs() / 1000).toFixed(1);
  const lines = results.map(
    ({ file, pipeline, steps }) =>
      ` ${style.green(style.signs.done)} ${pipeline ?? shownPath(file, workingFolder)}  ${steps} ${steps === 1 ? "step" : "steps"}`,
  );
  return {
    exitCode: 0,
    data: toValidateData(results, workingFolder),
    text: [...lines, ` 0 errors, 0 warnings in ${seconds}s`].join("\n"),
  };
}
