import type { Issue, JsonValue } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import { exitCodeOfIssues, toDocumentErrors, type CommandResult } from "../command-result.ts";
import { formatFindings } from "../output/findings.ts";
import type { OpenPipeline } from "../project/open-pipeline.ts";

/** The result of a command whose pipeline cannot run as it is written: findings on stderr, nothing on stdout. */
export function refusePlan(
  issues: readonly Issue[],
  { context, open }: { readonly context: CommandContext; readonly open: OpenPipeline },
): CommandResult {
  printFindings(issues, { context, open });
  return {
    exitCode: exitCodeOfIssues(issues),
    data: { issues: issues as unknown as JsonValue },
    errors: toDocumentErrors(issues),
    text: "",
  };
}

/** Prints findings on stderr; nothing where there are none. */
export function printFindings(
  issues: readonly Issue[],
  { context, open }: { readonly context: CommandContext; readonly open: OpenPipeline },
): void {
  if (issues.length === 0) return;
  const text = formatFindings(issues, {
    context,
    workingFolder: open.project.workingFolder,
    text: (file) => open.loaded.text(file),
  });
  context.io.stderr.write(`${text}\n`);
}
