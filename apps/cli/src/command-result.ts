import { errorCodes, type ErrorJson, type ExitCode, type Fault, type Issue, type JsonValue } from "@millrace/protocols";

/** What a command found out: printed as text for people, or as one JSON document. */
export interface CommandResult {
  readonly exitCode: ExitCode;
  /** The `data` of the document. */
  readonly data: JsonValue;
  /** What stdout shows without `--json`. Empty: nothing. */
  readonly text: string;
  /** The `errors` of the document: why the exit code is 20 or more. */
  readonly errors?: readonly ErrorJson[];
}

/** A finding in the form of `errors`, with itself as the one issue: its place and suggestion are there. */
function toDocumentError(issue: Issue): ErrorJson {
  return {
    code: issue.code,
    failure_class: "terminal",
    fault: faultOf(issue.code),
    message: issue.message,
    context: issue.step === undefined ? {} : { step: issue.step },
    issues: [issue],
  };
}

/** The errors among findings, in the form of `errors`. */
export function toDocumentErrors(issues: readonly Issue[]): readonly ErrorJson[] {
  return issues.filter(({ severity }) => severity === "error").map(toDocumentError);
}

/** Findings before a run are the author's to mend; those about data name it. */
function faultOf(code: string): Fault {
  return code.startsWith("DATA_") || code.startsWith("SOURCE_") ? "data" : "config";
}

/** Exit code of a code; 30 for what is not known. */
export function exitCodeOf(code: string): ExitCode {
  return Object.hasOwn(errorCodes, code) ? errorCodes[code as keyof typeof errorCodes].exit : 30;
}

/** Exit code of findings: 20 where one can be mended before anything is read, 0 without errors. */
export function exitCodeOfIssues(issues: readonly Issue[]): ExitCode {
  const codes = issues.filter(({ severity }) => severity === "error").map(({ code }) => exitCodeOf(code));
  return codes.length === 0 ? 0 : (codes.find((code) => code === 20) ?? codes[0] ?? 20);
}
