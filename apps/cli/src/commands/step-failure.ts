import { isAbsolute, resolve } from "node:path";
import type {
  ErrorJson,
  FailureClass,
  Fault,
  JsonValue,
  RunRecord,
  SourcePosition,
  StepRecord,
} from "@millrace/protocols";
import { formatAnnotation } from "../output/annotation.ts";
import { cleanText, frameLines, type FrameOptions } from "../output/frame.ts";
import type { OpenPipeline } from "../project/open-pipeline.ts";

/** Who can mend it, in words. */
const faults: Readonly<Record<Fault, string>> = {
  caller: "bug in code",
  config: "configuration",
  data: "the data",
  upstream: "an outside system",
  internal: "a defect of Millrace",
};

const attempts: Readonly<Record<FailureClass, (tries: number) => string>> = {
  retryable: (tries) => `failed, tried ${tries} ${tries === 1 ? "time" : "times"}`,
  terminal: () => "failed, not retried",
  quarantine: () => "failed, rows to set aside",
};

/** Steps that failed or ran into a timeout, in the order of the plan, each with its error. */
export function failedSteps(record: RunRecord): readonly { readonly step: StepRecord; readonly error: ErrorJson }[] {
  const failed = record.steps.filter(({ state }) => state === "failed" || state === "timed_out");
  return failed.flatMap((step) => (step.error === undefined ? [] : [{ step, error: step.error }]));
}

/**
 * What failed, where, and what is known of the data: the line of code that threw, the place in the step's SQL, or the
 * line of the file.
 */
export function formatFailure(
  { step, error }: { readonly step: StepRecord; readonly error: ErrorJson },
  { open, frame }: { readonly open: OpenPipeline; readonly frame: FrameOptions },
): string {
  const { style } = frame;
  const prefix = `Step "${step.name}": `;
  const message = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  const words = step.state === "timed_out" ? "ran into its timeout" : attempts[error.failure_class](step.attempts);
  const position = positionOf(step, error, open);
  const facts = factsOf(error);
  return [
    ` ${style.red(style.signs.failed)} ${style.bold(step.name)}  ${words} (${faults[error.fault]}): ${cleanText(message)}`,
    ...(position === undefined ? [] : [placeLine(position, frame), ...frameLines({}, position, frame)]),
    ...(facts === "" ? [] : [`   ${style.cyan("=")} ${facts}`]),
    style.dim(`   millrace explain ${error.code}`),
  ].join("\n");
}

/** The same for a host that shows annotations beside the lines of a change. */
export function annotateFailure(
  { step, error }: { readonly step: StepRecord; readonly error: ErrorJson },
  { open, frame }: { readonly open: OpenPipeline; readonly frame: FrameOptions },
): string {
  const position = positionOf(step, error, open);
  return formatAnnotation(
    {
      severity: "error",
      code: error.code,
      message: error.message,
      path: [],
      ...(position === undefined ? {} : { position }),
    },
    frame.shownPath,
  );
}

function placeLine(position: SourcePosition, { style, shownPath }: FrameOptions): string {
  const parts = [shownPath(position.file), position.line, position.column].filter((part) => part !== undefined);
  return `  ${style.cyan("-->")} ${parts.join(":")}`;
}

function positionOf(step: StepRecord, { context }: ErrorJson, open: OpenPipeline): SourcePosition | undefined {
  const thrown = toPosition(context["frame"]);
  if (thrown !== undefined) return thrown;
  const { file, fileLine, offset } = context;
  if (typeof file === "string" && typeof fileLine === "number") {
    return { file: isAbsolute(file) ? file : resolve(open.project.root, file), line: fileLine };
  }
  const index = open.loaded.spec?.steps.findIndex(({ name }) => name === step.name) ?? -1;
  if (index === -1) return undefined;
  return open.loaded.locate(["steps", index, "value"], typeof offset === "number" ? offset : undefined);
}

function toPosition(value: JsonValue | undefined): SourcePosition | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { file, line, column } = value as Readonly<Record<string, JsonValue>>;
  if (typeof file !== "string" || typeof line !== "number") return undefined;
  return { file, line, ...(typeof column === "number" ? { column } : {}) };
}

/** Small facts that help to find the data that is meant: `row 37, order_id 57`. */
function factsOf({ context }: ErrorJson): string {
  const { row, keys, column, file, fileLine } = context;
  const known = typeof keys === "object" && keys !== null && !Array.isArray(keys) ? Object.entries(keys) : [];
  return [
    ...(typeof row === "number" ? [`row ${row}`] : []),
    ...known.map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`),
    ...(typeof column === "string" ? [`column ${column}`] : []),
    ...(typeof file === "string" && fileLine === undefined ? [`file ${file}`] : []),
  ]
    .map(cleanText)
    .join(", ");
}
