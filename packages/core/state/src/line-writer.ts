import type { ByteStore } from "@millrace/protocols";
import type { ObjectAppender } from "./object-appender.ts";

/**
 * Lines of one object, written in their order without the caller waiting: appended as they come where that is
 * possible, else the whole object when asked.
 */
export class LineWriter {
  readonly #key: string;
  readonly #store: ByteStore;
  readonly #appender: ObjectAppender | undefined;
  /** All lines where nothing can be appended, else those that wait. */
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  #failed: { readonly error: unknown } | undefined;
  #started = false;

  constructor(
    key: string,
    { store, appender }: { readonly store: ByteStore; readonly appender?: ObjectAppender | undefined },
  ) {
    this.#key = key;
    this.#store = store;
    this.#appender = appender;
  }

  add(value: object): void {
    this.#lines.push(`${JSON.stringify(value)}\n`);
    if (this.#appender !== undefined) this.#writing ??= this.#drain(this.#appender);
  }

  /** Resolves when every line is written. Rejects with the first failure: a log that fails does not stop a run before. */
  async flush(): Promise<void> {
    if (this.#appender === undefined) await this.#store.write(this.#key, encode(this.#lines));
    else {
      // An object without lines is there too.
      if (!this.#started) this.#writing ??= this.#drain(this.#appender);
      while (this.#writing !== undefined) await this.#writing;
    }
    if (this.#failed !== undefined) throw this.#failed.error;
  }

  async #drain(appender: ObjectAppender): Promise<void> {
    do {
      // Lines of one turn of the event loop go together.
      await Promise.resolve();
      const body = encode(this.#lines.splice(0));
      this.#started = true;
      try {
        if (this.#failed === undefined) await appender.append(this.#key, body);
      } catch (error) {
        // Told by flush; further lines would leave a gap that nobody sees.
        this.#failed = { error };
      }
    } while (this.#lines.length > 0);
    this.#writing = undefined;
  }
}

function encode(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.join(""));
}
