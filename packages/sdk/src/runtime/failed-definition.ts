import { TerminalError } from "@millrace/foundation";
import type { Issue } from "@millrace/protocols";

/** The error of a pipeline that cannot run as it is written: the first finding, with all of them as `issues`. */
export function toDefinitionError(name: string, issues: readonly Issue[]): TerminalError {
  const errors = issues.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const place =
    first?.position === undefined
      ? ""
      : ` (${[first.position.file, first.position.line, first.position.column].filter((part) => part !== undefined).join(":")})`;
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : "";
  return new TerminalError({
    code: first?.code ?? "INTERNAL",
    fault: "config",
    message: `Pipeline "${name}" cannot run: ${first?.message ?? "it has no plan"}${place}.${more}`,
    context: { pipeline: name, ...(first?.step === undefined ? {} : { step: first.step }) },
    issues,
  });
}
