import { setImmediate } from "node:timers/promises";
import { cancelledError } from "@millrace/foundation";
import type { Column, RowFunction, StepContext, StepInput } from "@millrace/protocols";
import { loadArrow } from "./arrow-type.ts";
import { BatchEncoder } from "./batch-encoder.ts";
import { isThenable } from "./output-shape.ts";
import { isRowSource } from "./step-input.ts";
import { wrapUserError } from "./user-error.ts";

/** Rows between two turns of the event loop: timers, cancellation and other steps go on while a function computes. */
const rowsPerTurn = 1024;
/** Names of columns that tell which row it is. */
const keyName = /(?:^|_)[iI][dD]$|[a-z]I[dD]$/;
const mostKeys = 2;
const longestKey = 64;

/** What rows are mapped to, and for whom. */
export interface MapOptions {
  readonly columns: readonly Column[];
  readonly context: StepContext;
}

/**
 * Calls a function for each row of an input, in order, and encodes what it returns as one Arrow IPC stream: a row, rows,
 * or undefined for a row that is filtered. A function that returns no promise is not awaited.
 *
 * @throws {@link MillraceError} `STEP_CODE_FAILED` with the row, its keys and the author's frame in the context;
 *   `STEP_OUTPUT_INVALID` naming the row of the input and the column
 */
export async function* mapRows(input: StepInput, fn: RowFunction, options: MapOptions): AsyncGenerator<Uint8Array> {
  const { columns, context } = options;
  const encoder = new BatchEncoder(await loadArrow(), { columns, step: context.stepName });
  yield encoder.head;
  let rowNumber = 0;
  for await (const rows of rowBatchesOf(input)) {
    for (let index = 0; index < rows.length; index++) {
      if (rowNumber++ % rowsPerTurn === 0) await turn(context.signal);
      const row = rows.get(index);
      encoder.inputRow = rowNumber;
      let result: unknown;
      try {
        result = fn(row, context);
        if (isThenable(result)) result = await result;
      } catch (error) {
        // The author's error gets the row; nothing is swallowed.
        throw wrapUserError(error, {
          step: context.stepName,
          signal: context.signal,
          facts: { row: rowNumber, ...keysOf(row) },
        });
      }
      if (result === undefined) continue;
      if (!Array.isArray(result)) {
        encoder.addRow(result);
        if (encoder.isFull) yield encoder.flush();
        continue;
      }
      for (const one of result as readonly unknown[]) {
        encoder.addRow(one);
        if (encoder.isFull) yield encoder.flush();
      }
    }
  }
  yield* encoder.finish();
}

interface Rows {
  readonly length: number;
  get(index: number): Readonly<Record<string, unknown>>;
}

function rowBatchesOf(input: StepInput): AsyncIterable<Rows> {
  return isRowSource(input) ? input.rowBatches() : collectRows(input);
}

/** Rows of an input that gives them one by one. */
async function* collectRows(input: StepInput): AsyncGenerator<Rows> {
  for await (const row of input.rows()) yield { length: 1, get: () => row };
}

async function turn(signal: AbortSignal): Promise<void> {
  await setImmediate();
  if (signal.aborted) throw cancelledError(signal.reason);
}

/** The first columns of a row that look like its key, small enough for an error. */
function keysOf(row: Readonly<Record<string, unknown>>): { readonly keys?: Readonly<Record<string, unknown>> } {
  const names = Object.keys(row)
    .filter((name) => keyName.test(name))
    .slice(0, mostKeys);
  const keys = Object.fromEntries(names.map((name) => [name, toSmallKey(row[name])]));
  return names.length === 0 ? {} : { keys };
}

function toSmallKey(value: unknown): string | number | null {
  if (typeof value === "number" || value === null) return value;
  const text = typeof value === "string" || typeof value === "bigint" ? String(value) : typeof value;
  return text.length > longestKey ? `${text.slice(0, longestKey)}…` : text;
}
