import { spawn } from "node:child_process";
import { once } from "node:events";
import { MillraceError, RetryableError, systemClock, TerminalError } from "@millrace/foundation";
import type { FailureClass, StepFunction } from "@millrace/protocols";
import { createSeededIds } from "./seeded-ids.ts";

/** A step that does nothing. */
export function noopStep(): StepFunction {
  return () => undefined;
}

/** A step that takes a while and ends early when it is cancelled. */
export function sleepStep(ms: number): StepFunction {
  return async (_inputs, context) => systemClock.sleep(ms, context.signal);
}

/** A step whose first `times` attempts fail with an error of a class. */
export function failingStep(failureClass: FailureClass, times: number = Infinity): StepFunction {
  return (_inputs, context) => {
    if (context.attempt > times) return undefined;
    throw new MillraceError({
      code: "STEP_CODE_FAILED",
      fault: "caller",
      failureClass,
      message: `Attempt ${context.attempt} of "${context.stepName}" fails on purpose.`,
    });
  };
}

/** A step that fails with a probability, the same way for the same seed. */
export function flakyStep(probability: number, seed = 1): StepFunction {
  const ids = createSeededIds(seed);
  return (_inputs, context) => {
    if (ids.random() >= probability) return undefined;
    throw new RetryableError({
      code: "STEP_CODE_FAILED",
      fault: "upstream",
      message: `Attempt ${context.attempt} of "${context.stepName}" fails by chance.`,
    });
  };
}

/** A step that runs a program, without a shell, and fails with its exit code. */
export function execStep(argv: readonly [string, ...string[]]): StepFunction {
  return async (_inputs, context) => {
    const [command, ...args] = argv;
    const child = spawn(command, args, { stdio: "ignore", shell: false, signal: context.signal });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (code === 0) return;
    throw new TerminalError({
      code: "STEP_CODE_FAILED",
      fault: "caller",
      message: `${command} ended with ${code === null ? `signal ${signal}` : `code ${code}`}.`,
    });
  };
}

/** A step with an outside effect: one PUT with the idempotency key, retryable where the server is busy. */
export function httpPutStep(url: string): StepFunction {
  return async (_inputs, context) => {
    const response = await fetch(url, {
      method: "PUT",
      headers: { "Idempotency-Key": context.idempotencyKey, "Content-Type": "application/json" },
      body: JSON.stringify({ run_id: context.runId, step: context.stepName, attempt: context.attempt }),
      signal: context.signal,
    });
    if (response.ok) return;
    const failed = {
      code: "STEP_CODE_FAILED",
      fault: "upstream",
      message: `${url} answered ${response.status}.`,
    } as const;
    throw response.status === 429 || response.status >= 500 ? new RetryableError(failed) : new TerminalError(failed);
  };
}
