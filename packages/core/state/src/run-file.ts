import { TerminalError } from "@millrace/foundation";
import type { RunRecord } from "@millrace/protocols";

/** The record of a run from `run.json`. @throws MillraceError `MANIFEST_INVALID` where it is damaged. */
export function parseRunRecord(text: string, key: string): RunRecord {
  const value = parseJson(text, key) as Partial<RunRecord> | null;
  const complete =
    typeof value === "object" &&
    value?.schema === "millrace.run" &&
    value.version === 1 &&
    typeof value.run_id === "string" &&
    typeof value.started_at === "string" &&
    Array.isArray(value.steps);
  if (!complete) throw damaged(key, 'it does not say "millrace.run" version 1, or a field is missing');
  return value as RunRecord;
}

/** The plan of a run from `plan.json`. @throws MillraceError `MANIFEST_INVALID` where it is damaged. */
export function parsePlan(text: string, key: string): unknown {
  return parseJson(text, key);
}

/** Values of a file of JSON lines. A last line without its end is one that a process died at, and no value. */
export function* parseLines<T>(text: string, key: string): Generator<T> {
  const lines = text.split("\n");
  // After the last line end there is nothing, or a part of a line.
  for (const [index, line] of lines.slice(0, -1).entries()) yield parseJson(line, `${key}:${index + 1}`) as T;
}

function parseJson(text: string, key: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw damaged(key, "it is not JSON", error);
  }
}

function damaged(key: string, what: string, cause?: unknown): TerminalError {
  return new TerminalError({
    code: "MANIFEST_INVALID",
    fault: "data",
    message: `${key} is damaged: ${what}.`,
    context: { key },
    ...(cause === undefined ? {} : { cause }),
  });
}
