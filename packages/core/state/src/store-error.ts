import { MillraceError, toMillraceError } from "@millrace/foundation";
import type { FaultPointName, FaultPoints } from "@millrace/protocols";

/** Runs a call of our own to the file system; what it fails with says what could not be done. */
export async function withStoreErrors<T>(action: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const errno = (error as { readonly code?: unknown } | null)?.code;
    if (error instanceof MillraceError || typeof errno !== "string") throw error;
    throw toMillraceError(error, {
      code: "STORE_IO",
      fault: "upstream",
      // A disk error may pass; a full disk or a missing permission needs a person.
      failureClass: errno === "EIO" ? "retryable" : "terminal",
      message: `Cannot ${action}`,
      context: { errno },
    });
  }
}

/** Passes a fault point; a system error that a test asked for there is one of ours, as if the call itself had failed. */
export async function atFaultPoint(faultPoints: FaultPoints, point: FaultPointName, action: string): Promise<void> {
  await withStoreErrors(action, async () => faultPoints.pass(point));
}
