// `millrace run`: plan, execute while the terminal shows it, summary. Nothing is decided here that `plan` does not show.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createIdSource, TerminalError } from "@millrace/foundation";
import { runStateMappings, type ErrorJson, type ExitCode, type JsonValue, type RunRecord } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import type { CommandModule } from "../command-line/command.ts";
import { quoteArgument, UsageError } from "../command-line/usage-error.ts";

import { wantsAnnotations } from "../output/annotation.ts";
import { frameOptions } from "../output/findings.ts";
import { openPipeline, type OpenPipeline } from "../project/open-pipeline.ts";
import { shownPath } from "../project/pipeline-paths.ts";
import { createRunReporter } from "../terminal/run-reporter.ts";
import { formatSummary } from "../terminal/run-summary.ts";
import { refusePlan } from "./refused-plan.ts";
import { annotateFailure, failedSteps, formatFailure } from "./step-failure.ts";
import { watchStop } from "./stop-signals.ts";

/** `millrace run [pipeline]`. */
export const command: CommandModule = {
  run: async (context) => {
    const runId = resolveRunId(context);
    await using stop = watchStop(context.io);
    await using open = await openPipeline(context, context.positionals[0]);
    refuseKnownRun(runId, open);
    const planned = await open.runtime.plan(open.loaded, open.settings);
    if (planned.plan === undefined) {
      await planned[Symbol.asyncDispose]();
      return refusePlan(planned.issues, { context, open });
    }
    const { plan } = planned;
    const reporter = createRunReporter({
      plan,
      runId,
      io: context.io,
      style: context.errorStyle,
      monotonicMs: () => performance.now(),
      isQuiet: context.flags.text("log-level") === "silent",
    });
    stop.start(() => reporter.stopping());
    try {
      const run = await open.runtime.execute(planned, {
        runId,
        signal: stop.graceful,
        immediate: stop.immediate,
        onEvent: (event) => reporter.emit(event),
      });
      reporter.close();
      const exitCode = exitCodeOfRun(run.record, context.flags.has("allow-warnings"));
      const failures = failedSteps(run.record);
      const frame = {
        ...frameOptions({ context, workingFolder: open.project.workingFolder, text: (file) => open.loaded.text(file) }),
        style: context.style,
      };
      if (wantsAnnotations(context.io.environment)) {
        for (const failure of failures) context.io.stderr.write(`${annotateFailure(failure, { open, frame })}\n`);
      }
      const show = (path: string): string => shownPath(path, open.project.workingFolder);
      return {
        exitCode,
        data: { ...(run.record as unknown as Readonly<Record<string, JsonValue>>), folder: run.folder },
        errors: errorsOf(run.record),
        text: formatSummary({
          record: run.record,
          plan,
          view: reporter.view,
          style: context.style,
          exitCode,
          dataFolder: show(`${open.runtime.stateDir}/data`),
          runFolder: show(run.folder),
          shownPath: show,
          failures: failures.map((failure) => formatFailure(failure, { open, frame })),
        }),
      };
    } finally {
      reporter.close();
    }
  },
};

/** What failed, for programs: each step, else the run as a whole. */
function errorsOf(record: RunRecord): readonly ErrorJson[] {
  const errors = failedSteps(record).map(({ error }) => error);
  return errors.length > 0 || record.error === undefined ? errors : [record.error];
}

/** Exit code of a run by its state. */
export function exitCodeOfRun(record: RunRecord, isWarningAllowed: boolean): ExitCode {
  if (record.state === "warning" && isWarningAllowed) return 0;
  return runStateMappings[record.state].exit ?? 30;
}

/** A second run would write over the record of the first. */
function refuseKnownRun(runId: string, { runtime }: OpenPipeline): void {
  if (!existsSync(join(runtime.stateDir, "runs", runId))) return;
  throw new TerminalError({
    code: "RUN_EXISTS",
    fault: "caller",
    message: `There is a run "${runId}" already. Choose another --run-id, or leave it out.`,
    context: { run: runId },
  });
}

function resolveRunId({ flags }: CommandContext): string {
  const asked = flags.text("run-id");
  if (asked === undefined) return createIdSource().uuid();
  // It becomes the name of a folder.
  if (/^[A-Za-z0-9](?:[\w.-]{0,126}[\w-])?$/.test(asked)) return asked;
  throw new UsageError({
    code: "CLI_USAGE",
    message: `--run-id has letters, digits, "_", "-" and ".", at most 128; received ${quoteArgument(asked)}`,
    command: "run",
  });
}
