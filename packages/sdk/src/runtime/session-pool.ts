import { TerminalError } from "@millrace/foundation";
import type { ComputeSession } from "@millrace/protocols";
import type { OpenedSession } from "./open-session.ts";

/** A session in use. Disposing gives it back. */
export interface SessionLease extends AsyncDisposable {
  readonly session: ComputeSession;
}

interface Entry {
  readonly key: string;
  readonly opened: Promise<OpenedSession>;
  users: number;
}

/**
 * Compute sessions by the options they were opened with. One that nobody uses stays open until another kind is asked
 * for: what is read after a run is read in the session of that run.
 */
export class SessionPool implements AsyncDisposable {
  #entries: readonly Entry[] = [];
  #closing: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  /** A session of this kind, shared with others who asked for it. */
  async acquire(key: string, open: () => Promise<OpenedSession>): Promise<SessionLease> {
    if (this.#isDisposed) {
      throw new TerminalError({
        code: "RUNTIME_DISPOSED",
        fault: "caller",
        message: "The runtime was disposed. Read outputs of its runs before the block of `await using` ends.",
      });
    }
    const known = this.#entries.find((entry) => entry.key === key);
    const entry = known ?? { key, opened: open(), users: 0 };
    if (known === undefined) this.#entries = [...this.#entries, entry];
    entry.users += 1;
    let released = false;
    const release = async (): Promise<void> => {
      if (released) return;
      released = true;
      entry.users -= 1;
      await this.#closeIdle(entry);
    };
    try {
      const { session } = await entry.opened;
      return { session, [Symbol.asyncDispose]: release };
    } catch (error) {
      // It never opened: the next who asks tries again.
      this.#entries = this.#entries.filter((one) => one !== entry);
      throw error;
    }
  }

  /** Keeps `latest` alone of those that nobody uses. */
  async #closeIdle(latest: Entry): Promise<void> {
    const idle = this.#entries.filter((entry) => entry.users === 0 && entry !== latest);
    this.#entries = this.#entries.filter((entry) => !idle.includes(entry));
    this.#closing = Promise.all([this.#closing, ...idle.map(closeEntry)]);
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const entries = this.#entries;
    this.#entries = [];
    await Promise.all([this.#closing, ...entries.map(closeEntry)]);
  }
}

async function closeEntry(entry: Entry): Promise<void> {
  const opened = await entry.opened;
  await opened[Symbol.asyncDispose]();
}
