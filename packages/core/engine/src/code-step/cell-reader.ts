import { formatCount, TerminalError } from "@millrace/foundation";
import type { RowOptions } from "@millrace/protocols";
import type { Data } from "apache-arrow";

/** How values reach JavaScript, complete. */
export type ResolvedRowOptions = Required<RowOptions>;

/** Reads the cells of one column. Bound to each batch in turn; made once a column, so that its code stays monomorphic. */
export interface CellReader {
  bind(data: Data): void;
  /** The value of a row of the bound batch, or null. */
  get(index: number): unknown;
}

/** A value that the JavaScript type asked for cannot hold. Row and column are added where they are known. */
export class LossyValue extends Error {
  /** What to ask for instead. */
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** The error for a value that was lossy, with its place. Anything else stays as it is. */
export function locateLossyValue(error: unknown, column: string, row: number): unknown {
  if (!(error instanceof LossyValue)) return error;
  return new TerminalError({
    code: "STEP_VALUE_OUT_OF_RANGE",
    fault: "caller",
    message: `Column "${column}", row ${formatCount(row)} of the input: ${error.message}. ${error.advice}`,
    context: { column, row },
  });
}

/** The validity bits of a column, or null where no row is null. Arrow: bit 1 is a value, least significant bit first. */
export function validityOf(data: Data): Uint8Array | null {
  return data.nullCount > 0 ? data.nullBitmap : null;
}

/** Whether the value at a position (row + offset of a slice) is null. */
export function isNullAt(validity: Uint8Array | null, position: number): boolean {
  return validity !== null && ((validity[position >> 3] as number) & (1 << (position & 7))) === 0;
}

/** What all readers of columns with a validity bitmap share. */
export abstract class BoundReader implements CellReader {
  protected validity: Uint8Array | null = null;
  protected offset = 0;

  bind(data: Data): void {
    this.validity = validityOf(data);
    // Values of a slice are cut to it, its bits are not.
    this.offset = data.offset;
  }

  abstract get(index: number): unknown;
}

/** A column of NULL. */
export class NullReader implements CellReader {
  bind(): void {
    // There is nothing to read.
  }

  get(): null {
    return null;
  }
}
