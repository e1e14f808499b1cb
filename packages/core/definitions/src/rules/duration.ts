import { isMillraceError, parseDurationMs } from "@millrace/foundation";
import { wrongType, wrongValue } from "./field.ts";
import type { Scope } from "./field.ts";

/** Longest duration: timers of JavaScript run at once beyond it. Almost 25 days. */
export const maxDurationMs: number = 2 ** 31 - 1;

/** A duration as people write it. */
export function parseDuration(value: unknown, key: string, scope: Scope): number | undefined {
  const expected = 'a duration such as "30s", "10m" or "2 days", from 1 ms to 24 days';
  if (typeof value !== "string" && typeof value !== "number") return wrongType(scope, key, { value, expected });
  const ms = typeof value === "number" && !Number.isInteger(value) ? undefined : attempt(() => parseDurationMs(value));
  return ms !== undefined && ms >= 1 && ms <= maxDurationMs ? ms : wrongValue(scope, key, { value, expected });
}

/** The result, or undefined where the function refuses its input. */
export function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    // Parsers of foundation refuse with an error of ours; anything else is a defect and passes.
    if (isMillraceError(error)) return undefined;
    throw error;
  }
}
