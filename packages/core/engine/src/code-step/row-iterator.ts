import type { RowReader } from "./row-reader.ts";

type Row = Readonly<Record<string, unknown>>;
type Answer = IteratorResult<Row, undefined>;

/**
 * Gives rows one by one. Written out because an async generator takes 0.25 µs a row, three times of what making a row of
 * four columns takes; this takes 0.13 µs.
 */
export class RowIterator implements AsyncIterator<Row, undefined, undefined> {
  readonly #batches: AsyncIterator<RowReader>;
  #reader: RowReader | undefined;
  #index = 0;
  #done = false;
  /** Settles, never with an error, when the calls so far are answered; undefined where none waits. */
  #waiting: Promise<void> | undefined;

  constructor(batches: AsyncIterable<RowReader>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  next(): Promise<Answer> {
    const reader = this.#reader;
    if (this.#waiting !== undefined || reader === undefined || this.#index >= reader.length) {
      return this.#enqueue(() => this.#advance());
    }
    try {
      return Promise.resolve({ done: false, value: reader.get(this.#index++) });
    } catch (error) {
      return this.#enqueue(() => this.#fail(error));
    }
  }

  return(): Promise<Answer> {
    return this.#enqueue(() => this.#close());
  }

  /** Answers calls in their order, also where a caller makes the next before one is answered. */
  #enqueue(answer: () => Promise<Answer>): Promise<Answer> {
    const answered = this.#waiting === undefined ? answer() : this.#waiting.then(answer);
    const release = (): void => {
      if (this.#waiting === settled) this.#waiting = undefined;
    };
    const settled: Promise<void> = answered.then(release, release);
    this.#waiting = settled;
    return answered;
  }

  async #advance(): Promise<Answer> {
    try {
      while (!this.#done && (this.#reader === undefined || this.#index >= this.#reader.length)) {
        const batch = await this.#batches.next();
        this.#reader = batch.done === true ? undefined : batch.value;
        this.#done = batch.done === true;
        this.#index = 0;
      }
      if (this.#reader === undefined) return { done: true, value: undefined };
      return { done: false, value: this.#reader.get(this.#index++) };
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** An iterator that threw is finished, and what it read from is closed. */
  async #fail(error: unknown): Promise<never> {
    await this.#close();
    throw error;
  }

  async #close(): Promise<Answer> {
    if (!this.#done) {
      this.#done = true;
      this.#reader = undefined;
      await this.#batches.return?.();
    }
    return { done: true, value: undefined };
  }
}
