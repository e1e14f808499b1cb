import type { ComputeSession } from "@millrace/protocols";

/** A session in use. Disposing gives it back. */
export interface SessionLease extends AsyncDisposable {
  readonly session: ComputeSession;
}

interface Entry {
  readonly key: string;
  readonly session: Promise<ComputeSession>;
  users: number;
}

/**
 * Compute sessions by the options they were opened with. One that nobody uses stays open until another kind is asked
 * for: what is read after a run is read in the session of that run.
 */
export class SessionPool implements AsyncDisposable {
  #entries: readonly Entry[] = [];
  #closing: Promise<unknown> = Promise.resolve();

  /** A session of this kind, shared with others who asked for it. */
  async acquire(key: string, open: () => Promise<ComputeSession>): Promise<SessionLease> {
    const known = this.#entries.find((entry) => entry.key === key);
    const entry = known ?? { key, session: open(), users: 0 };
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
      return { session: await entry.session, [Symbol.asyncDispose]: release };
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
    const entries = this.#entries;
    this.#entries = [];
    await Promise.all([this.#closing, ...entries.map(closeEntry)]);
  }
}

async function closeEntry(entry: Entry): Promise<void> {
  const session = await entry.session;
  await session[Symbol.asyncDispose]();
}
