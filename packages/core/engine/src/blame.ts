import type { Plan, QueryGroup } from "@millrace/protocols";
import { isMillraceError, MillraceError, toMillraceError } from "@millrace/foundation";
import { authorOffset } from "./sql-parameters.ts";

/** The step of a group that an error belongs to, where it can be told. */
export interface Blame {
  /** Undefined: the whole group. */
  readonly step: string | undefined;
  readonly error: MillraceError;
}

/**
 * Finds the failing step of a group. The compute names the label and the place in that step's SQL; here the place is
 * carried back over parameters, and the message names the step.
 */
export function blameStep(thrown: unknown, group: QueryGroup, plan: Plan): Blame {
  const error = isMillraceError(thrown)
    ? thrown
    : toMillraceError(thrown, { code: "ENGINE_STEP_FAILED", fault: "internal" });
  const label = error.context["label"] ?? error.context["step"];
  const step =
    typeof label === "string" && group.steps.includes(label)
      ? label
      : group.steps.length === 1
        ? group.steps[0]
        : undefined;
  const offset = error.context["offset"];
  const author =
    typeof offset === "number" && step !== undefined
      ? authorOffset(plan.bound.steps.get(step)?.parameterSpans ?? [], offset)
      : undefined;
  const where =
    step === undefined
      ? `Steps ${group.steps.map((name) => `"${name}"`).join(", ")} run as one query`
      : `Step "${step}"`;
  const { label: _label, offset: _offset, ...context } = error.context;
  return {
    step,
    error: new MillraceError({
      code: error.code,
      failureClass: error.failureClass,
      fault: error.fault,
      message: error.message.startsWith('Step "') ? error.message : `${where}: ${error.message}`,
      context: {
        ...context,
        group: group.id,
        ...(step === undefined ? { steps: [...group.steps] } : { step }),
        ...(author === undefined ? {} : { offset: author }),
      },
      cause: error.cause ?? error,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.issues === undefined ? {} : { issues: error.issues }),
    }),
  };
}
