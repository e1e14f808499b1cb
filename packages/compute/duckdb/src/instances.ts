import type { SessionOptions } from "@millrace/protocols";
import { Instance } from "./instance.ts";
import { logicalTimeMacros } from "./logical-time.ts";
import type { Native } from "./native.ts";
import { sandboxStatements } from "./sandbox.ts";

/** Share of the memory that ordered reading gets once it is used: code steps stream, previews may sort. */
const orderedShare = 1 / 3;

/**
 * The two instances of a session: `groups` may reorder rows, which keeps counted statements parallel, and `ordered`
 * keeps them in order for people and code steps. The second one opens when it is first asked for.
 */
export class Instances {
  readonly groups: Instance;
  readonly #openOrdered: () => Promise<Instance>;
  #ordered: Promise<Instance> | undefined;

  private constructor(groups: Instance, openOrdered: () => Promise<Instance>) {
    this.groups = groups;
    this.#openOrdered = openOrdered;
  }

  static async open(native: Native, options: SessionOptions, spillDirectory: string): Promise<Instances> {
    const { deterministic, memoryBytes, sandbox } = options;
    const setup = [
      ...logicalTimeMacros(options.logicalTime),
      ...(sandbox === undefined ? [] : await sandboxStatements(sandbox, options.scratchDirectory)),
    ];
    const open = (keepsOrder: boolean, bytes: number): Promise<Instance> =>
      Instance.open(native, {
        threads: deterministic ? 1 : options.threads,
        memoryBytes: bytes,
        spillDirectory,
        keepsOrder,
        setup,
      });
    // One thread with order kept gives the same bytes each time; a second instance would add nothing.
    const groups = await open(deterministic, memoryBytes);
    return new Instances(groups, async () => {
      if (deterministic) return groups;
      await groups.limitMemory(Math.floor(memoryBytes * (1 - orderedShare)));
      return open(true, Math.floor(memoryBytes * orderedShare));
    });
  }

  ordered(): Promise<Instance> {
    return (this.#ordered ??= this.#openOrdered());
  }

  /** Instances that are open. One that failed to open told whoever asked for it. */
  async opened(): Promise<readonly Instance[]> {
    const ordered = await this.#ordered?.catch(() => undefined);
    return [...new Set([this.groups, ...(ordered === undefined ? [] : [ordered])])];
  }

  /** Closes both. Every statement must have ended. */
  async close(): Promise<void> {
    await Promise.all((await this.opened()).map(async (instance) => instance.close()));
  }
}
