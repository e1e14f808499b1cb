import { relative } from "node:path";
import type { CommandContext } from "../command-context.ts";
import type { CommandModule } from "../command-line/command.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { exitCodeOfIssues, toDocumentErrors, type CommandResult } from "../command-result.ts";
import { formatFindings } from "../output/findings.ts";
import { resolvePipelineFiles } from "../project/pipeline-files.ts";
import { openProject, type Project } from "../project/project.ts";
import { generateTypes } from "../types/generated-files.ts";

/** `millrace types`: writes, or with `--check` compares, what is generated for all pipelines. */
export const command: CommandModule = {
  run: async (context) => {
    const { flags } = context;
    const isCheck = flags.has("check");
    if (flags.has("watch") && (isCheck || context.json)) {
      throw new UsageError({
        code: "CLI_USAGE",
        message: `--watch does not go with ${isCheck ? "--check" : "--json"}`,
        command: "types",
      });
    }
    const project = await openProject(context);
    const watch = flags.has("watch") ? await startWatch(context, project) : undefined;
    const result = await refresh(context, project, flags.has("refresh"));
    if (watch === undefined) return result;
    context.io.stderr.write(
      `${result.text}\n watching ${relative(project.workingFolder, project.root) || "."}; ctrl-c ends\n`,
    );
    await watch();
    return { exitCode: 0, data: null, text: "" };
  },
};

async function startWatch(context: CommandContext, project: Project): Promise<() => Promise<void>> {
  const { watchProject } = await import("../types/watch-project.ts");
  return watchProject(project.root, {
    io: context.io,
    ignored: [project.config.stateDir],
    // In a process of its own: modules and SQL are read anew, and what they hold is given back.
    onChange: async (file) => {
      context.io.stderr.write(` ${context.errorStyle.dim(file)}\n`);
      await context.io.runAgain(["types", ...sameFlags(context)]);
    },
  });
}

/** Flags that decide where a project is and how it is read. */
function sameFlags({ flags }: CommandContext): readonly string[] {
  const named = ["state-dir", "config", "env", "log-level"].flatMap((name) => {
    const value = flags.text(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  return [...named, ...(flags.has("no-color") ? ["--no-color"] : [])];
}

/** One round. With an error in a pipeline nothing is written: a slip must not make types loose. */
async function refresh(context: CommandContext, project: Project, isRefresh: boolean): Promise<CommandResult> {
  const { workingFolder, root, config } = project;
  const files = resolvePipelineFiles({
    named: undefined,
    projectRoot: root,
    workingFolder,
    pipelinesDir: config.pipelinesDir,
  });
  const generated = await generateTypes(context, { project, files, refresh: isRefresh });
  const { issues } = generated;
  if (issues.length > 0)
    context.io.stderr.write(
      `${formatFindings(issues, { context, workingFolder, text: (file) => generated.text(file) })}\n`,
    );
  const exitCode = exitCodeOfIssues(issues);
  if (exitCode !== 0) return { exitCode, data: { files: [] }, errors: toDocumentErrors(issues), text: "" };
  const { style } = context;
  const names = generated.stale.map((file) => relative(root, file));
  if (context.flags.has("check")) return toCheckResult(names, context);
  await generated.write();
  const text =
    names.length === 0
      ? ` ${style.green(style.signs.done)} up to date`
      : names.map((name) => ` ${style.green(style.signs.done)} ${name}`).join("\n");
  return { exitCode: 0, data: { files: names }, text };
}

function toCheckResult(stale: readonly string[], { style, io, errorStyle }: CommandContext): CommandResult {
  if (stale.length === 0) return { exitCode: 0, data: { stale: [] }, text: ` ${style.green(style.signs.done)} fresh` };
  const message = `${stale.join(" and ")} ${stale.length === 1 ? "is" : "are"} stale. Run: millrace types`;
  io.stderr.write(`${errorStyle.red("error[TYPES_STALE]")}: ${errorStyle.bold(message)}\n`);
  return {
    exitCode: 20,
    data: { stale: [...stale] },
    errors: [
      { code: "TYPES_STALE", failure_class: "terminal", fault: "config", message, context: { files: [...stale] } },
    ],
    text: "",
  };
}
