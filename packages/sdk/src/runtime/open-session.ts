import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ComputeEngine, ComputeSession, SessionOptions } from "@millrace/protocols";
import { ensureStateFolder } from "@millrace/state";
import type { ResolvedRuntimeOptions } from "./runtime-options.ts";

/** A session with a scratch folder of its own, which goes when it is disposed. */
export interface OpenedSession extends AsyncDisposable {
  readonly session: ComputeSession;
}

/** Opens a session in the state folder. */
export async function openSession(
  compute: ComputeEngine,
  kind: Omit<SessionOptions, "scratchDirectory" | "logger" | "faultPoints">,
  { stateDir, ids, logger, faultPoints }: ResolvedRuntimeOptions,
): Promise<OpenedSession> {
  // Spilled rows are the user's: the folder is made for its owner alone before anything is in it.
  await ensureStateFolder(stateDir);
  const scratchDirectory = join(stateDir, "scratch", ids.uuid());
  const session = await compute.openSession({ ...kind, scratchDirectory, logger, faultPoints });
  return {
    session,
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      await rm(scratchDirectory, { recursive: true, force: true });
    },
  };
}
