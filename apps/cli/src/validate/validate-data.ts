import type { JsonValue } from "@millrace/protocols";
import { shownPath } from "../project/pipeline-paths.ts";
import type { ValidateResult } from "./stored-result.ts";

/** `data` of the document: the same with and without findings. */
export function toValidateData(results: readonly ValidateResult[], workingFolder: string): JsonValue {
  return {
    pipelines: results.map((result) => ({
      file: shownPath(result.file, workingFolder),
      pipeline: result.pipeline ?? null,
      steps: result.steps,
      valid: result.issues.every(({ severity }) => severity !== "error"),
      issues: result.issues as unknown as JsonValue,
    })),
  };
}
