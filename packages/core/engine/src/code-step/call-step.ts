import { cancelledError } from "@millrace/foundation";
import type { StepContext, StepFunction, StepInput } from "@millrace/protocols";
import { wrapUserError } from "./user-error.ts";

/**
 * Calls the function of a code step and awaits what it returns: the one boundary to user code.
 *
 * @throws {@link MillraceError} `STEP_CODE_FAILED` with the author's frame in `context.frame` and the original as cause;
 *   errors of Millrace and the cancellation of the run as they are
 */
export async function callStepFunction(
  fn: StepFunction,
  inputs: Readonly<Record<string, StepInput>>,
  context: StepContext,
): Promise<unknown> {
  if (context.signal.aborted) throw cancelledError(context.signal.reason);
  try {
    return await fn(inputs, context);
  } catch (error) {
    // The author's error gets its place; nothing is swallowed.
    throw wrapUserError(error, { step: context.stepName, signal: context.signal });
  }
}
