import type { CommandContext } from "../command-context.ts";
import { exitCodeOfIssues, toDocumentErrors, type CommandResult } from "../command-result.ts";
import { formatFindings } from "../output/findings.ts";
import { toValidateData } from "./validate-data.ts";
import { issuesOf, type Validation } from "./validate-pipelines.ts";

/** Findings on stderr, and the result. Warnings alone leave the exit code at 0; `--strict` makes them errors. */
export function toValidateResult(validation: Validation, context: CommandContext): CommandResult {
  const { results, workingFolder, text } = validation;
  const issues = issuesOf(results);
  context.io.stderr.write(`${formatFindings(issues, { context, workingFolder, text })}\n`);
  return {
    exitCode: exitCodeOfIssues(issues),
    data: toValidateData(results, workingFolder),
    errors: toDocumentErrors(issues),
    text: "",
  };
}
