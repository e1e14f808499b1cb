import { TerminalError } from "@millrace/foundation";
import type { RecordBatch, Schema } from "apache-arrow";
import type { Arrow } from "./arrow-type.ts";

/** The last bytes of an Arrow IPC stream. **Source** Arrow columnar format 1.5, IPC streaming format. */
const endOfStream = [255, 255, 255, 255, 0, 0, 0, 0];

/**
 * Batches of one Arrow IPC stream; empty batches are left out.
 *
 * @throws {@link MillraceError} `COMPUTE_STREAM_CUT` where the stream ends before its end mark: Arrow's own reader takes
 *   a stream that was cut between two batches for a complete one.
 */
export async function* readBatches(arrow: Arrow, ipc: AsyncIterable<Uint8Array>): AsyncGenerator<RecordBatch> {
  const source = new WatchedSource(ipc);
  const pieces = source.pieces();
  try {
    const reader = await arrow.RecordBatchReader.from(pieces);
    for await (const batch of reader) {
      if (batch.numRows > 0) yield batch;
    }
  } catch (error) {
    if (source.isCut) throw streamCut(error);
    throw error;
  } finally {
    // Arrow does not close what it reads from when it stops early.
    await pieces.return(undefined);
  }
  if (source.isCut) throw streamCut();
}

/** Passes pieces on and keeps the last bytes, to tell a complete stream from one that was cut. */
class WatchedSource {
  readonly #ipc: AsyncIterable<Uint8Array>;
  readonly #tail = new Uint8Array(endOfStream.length);
  #ended = false;

  constructor(ipc: AsyncIterable<Uint8Array>) {
    this.#ipc = ipc;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#ipc) {
      const added = Math.min(piece.length, this.#tail.length);
      this.#tail.copyWithin(0, added);
      this.#tail.set(piece.subarray(piece.length - added), this.#tail.length - added);
      yield piece;
    }
    this.#ended = true;
  }

  /** All bytes were given and the last are not the end mark. */
  get isCut(): boolean {
    return this.#ended && this.#tail.some((byte, index) => byte !== endOfStream[index]);
  }
}

function streamCut(cause?: unknown): TerminalError {
  return new TerminalError({
    code: "COMPUTE_STREAM_CUT",
    fault: "upstream",
    message: "The rows of an input ended early: their Arrow stream has no end mark. Run again.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Writes one Arrow IPC stream in pieces: the schema, each batch, the end mark. */
export class IpcWriter {
  readonly #arrow: Arrow;
  /** Schema message; the stream of every batch begins with the same bytes. */
  readonly head: Uint8Array;

  constructor(arrow: Arrow, schema: Schema) {
    this.#arrow = arrow;
    const empty = arrow.RecordBatchStreamWriter.writeAll(new arrow.Table(schema)).toUint8Array(true);
    this.head = empty.subarray(0, empty.length - endOfStream.length);
  }

  /** The message of a batch. Copies it: the buffers of the batch are free afterwards. */
  batch(batch: RecordBatch): Uint8Array {
    const stream = this.#arrow.RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true);
    return stream.subarray(this.head.length, stream.length - endOfStream.length);
  }

  end(): Uint8Array {
    return Uint8Array.from(endOfStream);
  }
}
