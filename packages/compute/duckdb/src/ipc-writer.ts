import type { RecordBatch, Schema } from "apache-arrow";
import type { Arrow } from "./arrow-type.ts";

/** The last bytes of a stream. **Source** Arrow columnar format 1.5, IPC streaming format. */
export const endOfStream: Uint8Array = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** Writes one Arrow IPC stream in pieces: the head, each batch, the end mark. `apache-arrow` itself only fills a queue. */
export class IpcWriter {
  readonly #arrow: Arrow;
  /** The schema's message; a stream of any batch begins with the same bytes. */
  readonly head: Uint8Array;

  constructor(arrow: Arrow, schema: Schema) {
    this.#arrow = arrow;
    const empty = arrow.RecordBatchStreamWriter.writeAll(new arrow.Table(schema)).toUint8Array(true);
    this.head = empty.subarray(0, empty.length - endOfStream.length);
  }

  /** The message of a batch. Copies it: the memory of the batch is free afterwards. */
  batch(batch: RecordBatch): Uint8Array {
    const stream = this.#arrow.RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true);
    return stream.subarray(this.head.length, stream.length - endOfStream.length);
  }

  end(): Uint8Array {
    return endOfStream.slice();
  }
}
