import type { Logger, RowOptions } from "@millrace/protocols";
import type { Dataset, OptionalInput, StepInputs } from "./dataset.ts";
import type { RunMillraceTypes, Unbound } from "./register.ts";
import type { ColumnsIn, ColumnValues, Row, RowIn } from "./row.ts";

/** Names of the columns of an input, as far as they are known. */
export type ColumnName<C> = C extends Unbound ? string : C extends RunMillraceTypes<string> ? never : keyof C & string;
/** A column of an input. */
export type ColumnAt<C, K> = C extends Unbound ? ColumnValues<unknown> : K extends keyof C ? ColumnValues<C[K]> : never;

/** An Arrow record batch, as `apache-arrow` has it: cast it to `RecordBatch` for the rest. */
export interface ArrowBatch<C> {
  readonly numRows: number;
  getChild(name: ColumnName<C>): ArrowVector | null;
}

/** A column of an Arrow batch. */
export interface ArrowVector {
  readonly length: number;
  get(index: number): unknown;
  toArray(): ArrayLike<unknown>;
}

/** An input of a code step, or an output of a run. Each method reads from the start. */
export interface Input<C> {
  /** False for an optional input that is missing: it has no rows. */
  readonly present: boolean;
  /** Row by row. Loud where a 64-bit integer or a time does not fit; see `RowOptions`. */
  rows<const O extends RowOptions = RowOptions>(options?: O): AsyncIterable<Row<C, O>>;
  /** Whole columns as typed arrays; all of them where none is named. */
  columns<K extends ColumnName<C> = ColumnName<C>>(
    ...names: readonly K[]
  ): Promise<{ readonly [N in K]: ColumnAt<C, N> }>;
  /** Arrow record batches. */
  batches(): AsyncIterable<ArrowBatch<C>>;
  /** Number of rows, exact. */
  count(): Promise<number>;
}

/** The inputs of a step as its function gets them. */
export type FunctionInputs<I extends StepInputs> = {
  readonly [K in keyof I]: I[K] extends OptionalInput<infer C>
    ? Input<C>
    : I[K] extends Dataset<infer C>
      ? Input<C>
      : never;
};

/** A parameter as a run records it. */
export type ParamValue<T> = T extends Date
  ? string
  : T extends bigint
    ? number | string
    : T extends readonly (infer E)[]
      ? readonly ParamValue<E>[]
      : T extends object
        ? { readonly [K in keyof T]: ParamValue<T[K]> }
        : T;

/** Parameters as a run records them: JSON values. A date is its ISO text; one that was left out is null. */
export type Params<P> = {
  readonly [K in keyof P]-?: undefined extends P[K] ? ParamValue<Exclude<P[K], undefined>> | null : ParamValue<P[K]>;
};

/** What a step function is told besides its inputs. */
export interface Context<P> {
  readonly params: Params<P>;
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

/** Rows of a step: an array, or an iterable that is drawn as it is written. */
export type RowStream<C> = Iterable<RowIn<C>> | AsyncIterable<RowIn<C>>;

/** What a `transform` gives: rows, whole columns, an Arrow table, or an iterable of Arrow batches. */
export type TransformOutput<C> =
  RowStream<C> | ColumnsIn<C> | ArrowTable | Iterable<ArrowTable> | AsyncIterable<ArrowTable>;

/** An Arrow table or record batch, recognised by its shape. */
export interface ArrowTable {
  readonly numRows: number;
  readonly numCols: number;
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
}

/** The function of a `map`: a row gives a row, several rows, or undefined for a row that is filtered. */
export type MapFunction<A, C, P> = (
  row: Row<A>,
  context: Context<P>,
) => RowIn<C> | readonly RowIn<C>[] | undefined | Promise<RowIn<C> | readonly RowIn<C>[] | undefined>;

/** The function of a `transform`: all inputs give rows, columns or Arrow. */
export type TransformFunction<I extends StepInputs, C, P> = (
  inputs: FunctionInputs<I>,
  context: Context<P>,
) => TransformOutput<C> | Promise<TransformOutput<C>>;

/** The function of an `effect`: it reads its inputs and changes something outside. */
export type EffectFunction<I extends StepInputs, P> = (
  inputs: FunctionInputs<I>,
  context: Context<P>,
) => void | Promise<void>;
