import type { Issue } from "@millrace/protocols";
import type { Environment } from "./style.ts";

/** Whether the process runs under GitHub Actions, which shows annotations beside the changed lines. */
export function wantsAnnotations(environment: Environment): boolean {
  return environment["GITHUB_ACTIONS"] === "true";
}

/**
 * A finding as a workflow command.
 *
 * **Source** GitHub, "Workflow commands for GitHub Actions": `%`, line ends and, in properties, `:` and `,` are escaped.
 */
export function formatAnnotation(issue: Issue, shownPath: (file: string) => string): string {
  const level = issue.severity === "info" ? "notice" : issue.severity;
  const { position } = issue;
  const properties = [
    ...(position === undefined ? [] : [`file=${escapeProperty(shownPath(position.file))}`]),
    ...(position?.line === undefined ? [] : [`line=${position.line}`]),
    ...(position?.column === undefined ? [] : [`col=${position.column}`]),
    `title=${escapeProperty(issue.code)}`,
  ];
  const hint = issue.suggestion === undefined ? "" : `\ndid you mean "${issue.suggestion}"?`;
  return `::${level} ${properties.join(",")}::${escapeData(issue.message + hint)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
