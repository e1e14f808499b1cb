import { resolve } from "node:path";
import { findProjectRoot } from "@millrace/definitions";
import { formatCount, formatDuration, TerminalError } from "@millrace/foundation";
import type { Issue, JsonValue } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import type { CommandModule } from "../command-line/command.ts";
import { toDocumentErrors, type CommandResult } from "../command-result.ts";
import { frameOptions } from "../output/findings.ts";
import { formatIssue } from "../output/frame.ts";
import { placeInProject } from "../output/stack-place.ts";

import { shownPath } from "../project/pipeline-paths.ts";
import { resolveWorkingFolder } from "../project/working-folder.ts";
import type { TestResult } from "../step-tests/run-suite.ts";
import { runTestFiles } from "../step-tests/run-test-files.ts";
import { findVitest, runVitest } from "../step-tests/run-vitest.ts";
import { listTestFiles } from "../step-tests/test-files.ts";

/** `millrace test [file]`. */
export const command: CommandModule = {
  run: async (context) => {
    const here = resolveWorkingFolder(context.io);
    const named = context.positionals[0];
    const projectRoot = await findProjectRoot(here);
    const nameFilter = context.flags.text("name");
    const files = named === undefined ? [] : [resolve(here, named)];
    const entry = findVitest(projectRoot);
    if (entry !== undefined) {
      const { exitCode, results } = await runVitest({
        entry,
        projectRoot,
        files,
        nameFilter,
        environment: context.io.environment,
      });
      return toResult(results, {
        context,
        projectRoot,
        here,
        runner: "vitest",
        isFailure: exitCode !== 0,
        isShown: true,
      });
    }
    const found = files.length > 0 ? files : listTestFiles(projectRoot);
    if (found.length === 0) {
      throw new TerminalError({
        code: "CLI_USAGE",
        fault: "caller",
        message: `There is no *.test.ts in ${shownPath(projectRoot, here)}.`,
        context: { projectRoot },
      });
    }
    const results = await runTestFiles({
      files: found,
      nameFilter,
      onResult: (result) => context.io.stderr.write(`${formatResult(result, context)}\n`),
    });
    return toResult(results, { context, projectRoot, here, runner: "built-in", isFailure: false, isShown: false });
  },
};

interface Outcome {
  readonly context: CommandContext;
  readonly projectRoot: string;
  readonly here: string;
  readonly runner: "vitest" | "built-in";
  /** The runner itself says that it failed. */
  readonly isFailure: boolean;
  /** The runner has printed failures already. */
  readonly isShown: boolean;
}

function formatResult(result: TestResult, { errorStyle: style }: CommandContext): string {
  const sign = {
    passed: style.green(style.signs.done),
    failed: style.red(style.signs.failed),
    skipped: style.dim(style.signs.skipped),
  }[result.state];
  return ` ${sign} ${result.name}  ${style.dim(formatDuration(result.durationMs))}`;
}

function toResult(results: readonly TestResult[], outcome: Outcome): CommandResult {
  const { context } = outcome;
  const count = (state: TestResult["state"]): number => results.filter((result) => result.state === state).length;
  const failures = results.filter(({ state }) => state === "failed");
  const isNothing = results.every(({ state }) => state === "skipped") && !outcome.isFailure;
  const issues = failures.map((failure) => toIssue(failure, outcome.projectRoot));
  const frames = outcome.isShown
    ? []
    : issues.map((issue) =>
        formatIssue(issue, {
          ...frameOptions({ context, workingFolder: outcome.here }),
          style: context.style,
        }),
      );
  const counts = [
    `${formatCount(count("passed"))} passed`,
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
    ...(count("skipped") > 0 ? [`${count("skipped")} skipped`] : []),
  ];
  const sign =
    failures.length > 0 || outcome.isFailure
      ? context.style.red(context.style.signs.failed)
      : context.style.green(context.style.signs.done);
  const closing = ` ${sign} ${isNothing ? "no test ran" : counts.join(", ")} in ${formatDuration(context.elapsedMs())}`;
  return {
    exitCode: failures.length > 0 || outcome.isFailure ? 30 : 0,
    data: {
      runner: outcome.runner,
      passed: count("passed"),
      failed: failures.length,
      skipped: count("skipped"),
      tests: results.map((result): JsonValue => ({
        file: shownPath(result.file, outcome.here),
        name: result.name,
        state: result.state,
        duration_ms: Math.round(result.durationMs),
      })),
    },
    errors: toDocumentErrors(issues),
    text: [...frames, closing].join("\n"),
  };
}

function toIssue(failure: TestResult, projectRoot: string): Issue {
  const message = failure.error instanceof Error ? failure.error.message : String(failure.error);
  const position = placeInProject(failure.error, projectRoot);
  return {
    severity: "error",
    code: "TEST_FAILED",
    message: `${failure.name}\n${message}`,
    path: [],
    ...(position === undefined ? { position: { file: failure.file } } : { position }),
  };
}
