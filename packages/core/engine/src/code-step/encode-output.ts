import { cancelledError, TerminalError } from "@millrace/foundation";
import type { Column } from "@millrace/protocols";
import { loadArrow } from "./arrow-type.ts";
import { BatchEncoder } from "./batch-encoder.ts";
import { describeValue } from "./cell-mismatch.ts";
import {
  holdsColumns,
  isArrowBatch,
  isArrowTable,
  isAsyncIterable,
  isIterable,
  isThenable,
  tellingColumns,
} from "./output-shape.ts";
import { wrapUserError } from "./user-error.ts";

/** What output is encoded for. */
export interface OutputContext {
  readonly step: string;
  /** Stops between batches. */
  readonly signal?: AbortSignal;
}

/**
 * What a function returned as one Arrow IPC stream, in pieces: the schema, batches of at most 65,536 rows, the end mark.
 *
 * Takes rows, an object of columns, Arrow tables and batches, a promise of these, and iterables, asynchronous or not, of
 * these. Nothing is read ahead: the next batch is made when the piece before it is taken.
 *
 * @throws {@link MillraceError} `STEP_OUTPUT_INVALID` naming row, column, expected and received;
 *   `STEP_CODE_FAILED` where an iterable of the author's throws
 */
export async function* encodeOutput(
  output: unknown,
  columns: readonly Column[],
  context: OutputContext,
): AsyncGenerator<Uint8Array> {
  const encoder = new BatchEncoder(await loadArrow(), { columns, step: context.step });
  yield encoder.head;
  yield* new OutputEncoding(encoder, columns, context).encode(await settle(output, context));
  yield* encoder.finish();
}

class OutputEncoding {
  readonly #encoder: BatchEncoder;
  readonly #context: OutputContext;
  readonly #telling: readonly string[];

  constructor(encoder: BatchEncoder, columns: readonly Column[], context: OutputContext) {
    this.#encoder = encoder;
    this.#context = context;
    this.#telling = tellingColumns(columns);
  }

  async *encode(output: unknown): AsyncGenerator<Uint8Array> {
    if (typeof output !== "object" || output === null || ArrayBuffer.isView(output)) throw this.#refuse(output);
    if (isArrowTable(output) || isArrowBatch(output)) yield* this.#addPiece(output);
    else if (isAsyncIterable(output)) yield* this.#addStream(output);
    else if (isIterable(output)) yield* this.#addItems(output);
    else yield* this.#addWhole(this.#encoder.addColumns(output));
  }

  async *#addStream(items: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
    for await (const item of watchStream(items, this.#context)) {
      if (!this.#isRow(item)) yield* this.#addPiece(item);
      else this.#encoder.addRow(item);
      if (this.#encoder.isFull) yield this.#flush();
    }
  }

  async *#addItems(items: Iterable<unknown>): AsyncGenerator<Uint8Array> {
    for (const item of Array.isArray(items) ? (items as readonly unknown[]) : watchItems(items, this.#context)) {
      if (!this.#isRow(item)) yield* this.#addPiece(item);
      else this.#encoder.addRow(item);
      if (this.#encoder.isFull) yield this.#flush();
    }
  }

  /** Whether an item is none of the other forms; that it is a row is checked when it is added. */
  #isRow(item: unknown): boolean {
    if (typeof item !== "object" || item === null) return true;
    return !Array.isArray(item) && !isThenable(item) && !isArrow(item) && !holdsColumns(item, this.#telling);
  }

  /** A piece of an iterable that is no row: a promise, an array of rows, Arrow, or columns. */
  async *#addPiece(piece: unknown): AsyncGenerator<Uint8Array> {
    if (isThenable(piece)) {
      const settled = await settle(piece, this.#context);
      if (this.#isRow(settled)) this.#encoder.addRow(settled);
      else yield* this.#addPiece(settled);
    } else if (Array.isArray(piece)) {
      for (const row of piece as readonly unknown[]) {
        this.#encoder.addRow(row);
        if (this.#encoder.isFull) yield this.#flush();
      }
    } else if (isArrowTable(piece as object)) {
      for (const batch of (piece as { batches: readonly object[] }).batches) yield* this.#addPiece(batch);
    } else if (isArrowBatch(piece as object)) {
      yield* this.#addWhole(this.#encoder.addArrow(piece as Parameters<BatchEncoder["addArrow"]>[0]));
    } else {
      yield* this.#addWhole(this.#encoder.addColumns(piece as object));
    }
  }

  async *#addWhole(batches: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for (const batch of batches) {
      this.#checkSignal();
      yield batch;
    }
  }

  #flush(): Uint8Array {
    this.#checkSignal();
    return this.#encoder.flush();
  }

  #checkSignal(): void {
    const { signal } = this.#context;
    if (signal?.aborted === true) throw cancelledError(signal.reason);
  }

  #refuse(output: unknown): TerminalError {
    const { step } = this.#context;
    const advice = output === undefined ? " Return [] for no rows." : "";
    return new TerminalError({
      code: "STEP_OUTPUT_INVALID",
      fault: "caller",
      message: `Step "${step}" returned ${describeValue(output)}; expected rows, columns or Arrow.${advice}`,
      context: { step, received: describeValue(output) },
    });
  }
}

function isArrow(item: object): boolean {
  return "schema" in item && (isArrowTable(item) || isArrowBatch(item));
}

async function settle(value: unknown, context: OutputContext): Promise<unknown> {
  return isThenable(value) ? awaitUser(() => value, context) : value;
}

// Promises, generators and iterators of the author's are the author's code: their errors get step and frame.

async function awaitUser<T>(call: () => PromiseLike<T> | T, context: OutputContext): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw wrapUserError(error, context);
  }
}

function callUser<T>(call: () => T, context: OutputContext): T {
  try {
    return call();
  } catch (error) {
    throw wrapUserError(error, context);
  }
}

const finished = { done: true, value: undefined } as const;

function watchStream(items: AsyncIterable<unknown>, context: OutputContext): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = callUser(() => items[Symbol.asyncIterator](), context);
      return {
        next: () => awaitUser(() => iterator.next(), context),
        return: () => awaitUser(() => iterator.return?.() ?? finished, context),
      };
    },
  };
}

function watchItems(items: Iterable<unknown>, context: OutputContext): Iterable<unknown> {
  return {
    [Symbol.iterator]() {
      const iterator = callUser(() => items[Symbol.iterator](), context);
      return {
        next: () => callUser(() => iterator.next(), context),
        return: () => callUser(() => iterator.return?.() ?? finished, context),
      };
    },
  };
}
