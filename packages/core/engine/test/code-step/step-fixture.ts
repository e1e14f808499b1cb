import { columnsFromText } from "@millrace/foundation";
import type { Column, ColumnsText, StepContext, StepInput } from "@millrace/protocols";
import { silentLogger } from "@millrace/foundation";
import { createStepInput, encodeOutput } from "../../src/code-step/index.ts";

/** All pieces of a stream. */
export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

/** All items of an async iterable. */
export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** An input over the pieces of an Arrow IPC stream. */
export function inputOf(columns: readonly Column[], pieces: readonly Uint8Array[], rows = 0): StepInput {
  return createStepInput({
    schema: { origin: "declared", columns },
    present: true,
    count: () => Promise.resolve(rows),
    async *ipc() {
      yield* pieces;
    },
  });
}

/** What an output becomes when the next step reads it. */
export async function throughIpc(output: unknown, columns: ColumnsText): Promise<StepInput> {
  const typed = columnsFromText(columns);
  return inputOf(typed, await collect(encodeOutput(output, typed, { step: "s" })));
}

/** Encodes an output and forgets it: for outputs that are refused. */
export async function encode(output: unknown, columns: ColumnsText): Promise<Uint8Array[]> {
  return collect(encodeOutput(output, columnsFromText(columns), { step: "s" }));
}

/** The context of a step that runs once. */
export function contextOf(signal: AbortSignal = new AbortController().signal): StepContext {
  return {
    params: {},
    idempotencyKey: "key",
    signal,
    logger: silentLogger,
    runId: "run",
    stepName: "scored",
    attempt: 1,
    state: new Map(),
    now: new Date(0),
  };
}
