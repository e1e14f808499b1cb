import type { DatasetSchema } from "../column-type.ts";
import type { JsonObject } from "../json.ts";
import type { Logger } from "./world.ts";

/** How 64-bit integers and timestamps reach JavaScript. The defaults are loud where they would lose something. */
export interface RowOptions {
  /** `number`: an error above 2^53. @defaultValue "number" */
  readonly int64?: "number" | "bigint";
  /** `date`: an error where microseconds would be lost. `micros`: bigint microseconds since 1970. @defaultValue "date" */
  readonly time?: "date" | "micros";
}

/** A column as a typed array, or as values where the type has none. */
export interface ColumnData {
  /** Float64Array, Float32Array, Int32Array, BigInt64Array, Uint8Array (booleans) or an array of values. */
  readonly data: ArrayLike<unknown>;
  /** 1 where the value is null; null where no value is. */
  readonly nulls: Uint8Array | null;
  at(row: number): unknown;
}

/** An input of a code step. Each method reads from the start; inputs are boundaries, so nothing runs twice. */
export interface StepInput {
  readonly schema: DatasetSchema;
  /** False for an optional input that is missing: it has no rows. */
  readonly present: boolean;
  rows(options?: RowOptions): AsyncIterable<Readonly<Record<string, unknown>>>;
  columns(...names: string[]): Promise<Readonly<Record<string, ColumnData>>>;
  /** Arrow record batches (`apache-arrow`). */
  batches(): AsyncIterable<unknown>;
  count(): Promise<number>;
}

/** What a step function is told. There is no other context in the author's way. */
export interface StepContext {
  readonly params: JsonObject;
  /** The same for every attempt of this effect: send it as `Idempotency-Key`. */
  readonly idempotencyKey: string;
  /** Aborts on cancel and timeout. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly runId: string;
  readonly stepName: string;
  /** From 1. */
  readonly attempt: number;
  /** Values that steps of this run share in the process. Not durable. */
  readonly state: Map<string, unknown>;
  /** Logical time of the run. */
  readonly now: Date;
}

/**
 * A code step of `mode: batch` or an effect: gets all inputs by logical name. Gives rows, columns, Arrow, an async iterable
 * of one of them, an object of these by logical output name where there are several, or nothing.
 */
export type StepFunction = (inputs: Readonly<Record<string, StepInput>>, context: StepContext) => unknown;

/** A code step of `mode: row`: gives a row, rows, or undefined for a row that is filtered. */
export type RowFunction = (row: Readonly<Record<string, unknown>>, context: StepContext) => unknown;

/** A function found by the `value` of a step. */
export interface ResolvedFunction {
  readonly fn: StepFunction | RowFunction;
  /** Where it is defined, for messages: a file or a registry name. */
  readonly origin: string;
  /** Digest of its module and what that imports; undefined where it cannot be computed. */
  readonly digest?: string;
}

/** Finds step functions: registry names, `./module.ts#export`, and inline functions of a loaded pipeline. */
export interface FunctionResolver {
  resolve(
    value: string,
    options: { readonly step: string; readonly pipelineFile?: string },
  ): Promise<ResolvedFunction | undefined>;
  /** Names that are registered, for suggestions. */
  names(): readonly string[];
}
