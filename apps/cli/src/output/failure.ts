// Anything that a command threw, as text for people, as entries of a document, and as an exit code.
import { isMillraceError, suggestName, toErrorJson, type MillraceError } from "@millrace/foundation";
import type { ErrorJson, ExitCode, Issue } from "@millrace/protocols";
import { exitCodeOf, toDocumentErrors } from "../command-result.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { widthOf, type Io } from "../io.ts";
import { shownPath } from "../project/pipeline-paths.ts";
import { cleanText, formatIssues } from "./frame.ts";
import { readSmallFile } from "./small-file.ts";
import type { Style } from "./style.ts";

/** A failure, ready to be printed. */
export interface FailureReport {
  readonly text: string;
  readonly errors: readonly ErrorJson[];
  readonly exitCode: ExitCode;
}

/** Reports what was thrown. Stacks are shown for `--log-level debug` only. */
export function reportFailure(
  caught: unknown,
  options: { readonly io: Io; readonly style: Style; readonly isDebug: boolean },
): FailureReport {
  const thrown = firstError(caught);
  if (thrown instanceof UsageError) return reportUsage(thrown, options.style);
  const json = toErrorJson(thrown);
  const known = isMillraceError(thrown) ? thrown : undefined;
  if (known?.issues !== undefined && known.issues.length > 0) return reportIssues(known, known.issues, options);
  const { style } = options;
  const lines = [`${style.red(`error[${json.code}]`)}: ${style.bold(cleanText(json.message))}`];
  for (let cause = json.cause; cause !== undefined; cause = cause.cause) {
    if (!json.message.includes(cause.message)) lines.push(`   ${style.cyan("=")} ${cleanText(cause.message)}`);
  }
  if (options.isDebug && thrown instanceof Error && thrown.stack !== undefined) lines.push(style.dim(thrown.stack));
  else
    lines.push(
      style.dim(known === undefined ? " --log-level debug shows the stack" : `   millrace explain ${json.code}`),
    );
  return { text: lines.join("\n"), errors: [json], exitCode: exitCodeOf(json.code) };
}

/** A clean-up that fails too hides what went wrong first. */
function firstError(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstError(thrown.suppressed) : thrown;
}

function reportIssues(
  error: MillraceError,
  issues: readonly Issue[],
  { io, style }: { readonly io: Io; readonly style: Style },
): FailureReport {
  const text = formatIssues(issues, {
    style,
    text: readSmallFile,
    shownPath: (file) => shownPath(file, workingFolderOf(io)),
    width: widthOf(io.stderr),
    durationMs: performance.now(),
  });
  return { text, errors: toDocumentErrors(issues), exitCode: exitCodeOf(error.code) };
}

function workingFolderOf(io: Io): string {
  try {
    return io.workingFolder();
  } catch {
    // Deleted: paths are shown as they are.
    return "/";
  }
}

function reportUsage(error: UsageError, style: Style): FailureReport {
  const { lookup } = error;
  const suggestion = lookup === undefined ? undefined : suggestName(lookup.received.slice(0, 200), lookup.candidates);
  const help = error.command === undefined ? "millrace --help" : `millrace help ${error.command}`;
  const lines = [
    `${style.red(`error[${error.code}]`)}: ${style.bold(error.message)}`,
    ...(lookup === undefined || suggestion === undefined
      ? []
      : [`   ${style.cyan("=")} did you mean "${lookup.prefix}${suggestion}"?`]),
    style.dim(`   ${help}`),
  ];
  return {
    text: lines.join("\n"),
    errors: [
      {
        code: error.code,
        failure_class: "terminal",
        fault: "caller",
        message: error.message,
        context:
          lookup === undefined || suggestion === undefined ? {} : { suggestion: `${lookup.prefix}${suggestion}` },
      },
    ],
    exitCode: 20,
  };
}
