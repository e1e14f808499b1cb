import type { ErrorJson, FailureClass, Fault, Issue, RunRecord, SourcePosition, StepRecord } from "@millrace/protocols";
import type { OpenPipeline } from "../project/open-pipeline.ts";

/** A step that failed: for people as a finding with its frame, for programs as it was recorded. */
export interface StepFailure {
  readonly issue: Issue;
  readonly error: ErrorJson;
}

/** Who can mend it, in words. */
const faults: Readonly<Record<Fault, string>> = {
  caller: "bug in code",
  config: "configuration",
  data: "the data",
  upstream: "an outside system",
  internal: "a defect of Millrace",
};

const attempts: Readonly<Record<FailureClass, (tries: number) => string>> = {
  retryable: (tries) => `failed ${tries} ${tries === 1 ? "time" : "times"}`,
  terminal: () => "failed, not retried",
  quarantine: () => "failed, rows to set aside",
};

/** Every step that failed or ran into a timeout, in the order of the plan. */
export function toFailures(record: RunRecord, open: OpenPipeline): readonly StepFailure[] {
  const failed = record.steps.filter((step) => (step.state === "failed" || step.state === "timed_out") && step.error !== undefined);
  const steps = failed.flatMap((step) => (step.error === undefined ? [] : [{ step, error: step.error }]));
  const failures = steps.map(({ step, error }) => ({ error, issue: toIssue(step, error, open) }));
  if (failures.length > 0 || record.error === undefined) return failures;
  return [{ error: record.error, issue: { severity: "error", code: record.error.code, message: record.error.message, path: [] } }];
}

function toIssue(step: StepRecord, error: ErrorJson, open: OpenPipeline): Issue {
  const position = positionOf(step, error, open);
  return {
    severity: "error",
    code: error.code,
    message: `${step.name}  ${attempts[error.failure_class](step.attempts)} (${faults[error.fault]}): ${error.message}`,
    path: [],
    step: step.name,
    ...(position === undefined ? {} : { position }),
    notes: notesOf(error),
  };
}

/** Where code threw, or the place in the step's SQL, as its author wrote it. */
function positionOf(step: StepRecord, { context }: ErrorJson, open: OpenPipeline): SourcePosition | undefined {
  const { file, line, column, offset } = context;
  if (typeof file === "string" && typeof line === "number") return { file, line, ...(typeof column === "number" ? { column } : {}) };
  const index = open.loaded.spec?.steps.findIndex(({ name }) => name === step.name) ?? -1;
  return index === -1 ? undefined : open.loaded.locate(["steps", index, "value"], typeof offset === "number" ? offset : undefined);
}

/** Small facts that help to find the data that is meant. */
const factNames: readonly string[] = ["row", "key", "column", "value", "file", "line", "location", "target"];

function notesOf({ context, cause, message }: ErrorJson): readonly string[] {
  const facts = factNames.flatMap((name) => {
    const value = context[name];
    if (value === undefined || value === null || (name === "file" && context["line"] !== undefined)) return [];
    return [`${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`];
  });
  const causes: string[] = [];
  for (let next = cause; next !== undefined; next = next.cause) if (!message.includes(next.message)) causes.push(next.message);
  return [...(facts.length === 0 ? [] : [facts.join(", ")]), ...causes];
}
