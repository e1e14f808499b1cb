import type { WriteMode } from "@millrace/protocols";
import type { Columns } from "./columns.ts";
import type { Connection, Source, Target } from "./connection.ts";
import type { Dataset, StepInputs } from "./dataset.ts";
import type { SqlFragment } from "./fragment.ts";
import type {
  DatasetOptions,
  IngestOptions,
  PublishMode,
  PublishOptions,
  StepOptions,
  StoreOptions,
} from "./options.ts";
import type { ColumnsOf } from "./register.ts";
import type { CheckedSql } from "./sql-text.ts";
import type { EffectFunction, MapFunction, TransformFunction } from "./step-function.ts";

/**
 * Adds the steps of a pipeline, inside the callback of `pipeline`. Each step's name is also that of its dataset.
 *
 * `N` is the name of the pipeline, `P` its parameters.
 */
export interface Builder<N extends string, P> {
  /** Checks a connection before the run, and gives what steps use of it. */
  connect<S>(name: string, connection: Connection<S>, options?: StepOptions<P>): S;

  /** Reads files: a path from the project root, a pattern, a URI, or what a connection gives. */
  ingest<D extends string, const C extends Columns = ColumnsOf<N, D> & Columns>(
    name: D,
    source: string | Source,
    options?: IngestOptions<C, P>,
  ): Dataset<C>;

  /** One SELECT. Tables are the logical names of `inputs`; `$name` is a parameter. */
  sql<D extends string, const I extends StepInputs, const S extends string | SqlFragment>(
    name: D,
    inputs: I,
    text: S & CheckedSql<S, keyof P & string>,
    options?: DatasetOptions<P, I>,
  ): Dataset<ColumnsOf<N, D>>;

  /** One SELECT in a file, whose path is relative to the file that calls this. */
  sqlFile<D extends string, const I extends StepInputs>(
    name: D,
    inputs: I,
    path: string,
    options?: DatasetOptions<P, I>,
  ): Dataset<ColumnsOf<N, D>>;

  /** Code, row by row: each row gives a row, several rows, or undefined where it is filtered. */
  map<A, const C extends Columns>(
    name: string,
    input: Dataset<A>,
    columns: C,
    fn: MapFunction<A, NoInfer<C>, P>,
    options?: DatasetOptions<P>,
  ): Dataset<C>;

  /** Code over whole inputs: rows, columns as typed arrays, or Arrow. */
  transform<const I extends StepInputs, const C extends Columns>(
    name: string,
    inputs: I,
    columns: C,
    fn: TransformFunction<I, NoInfer<C>, P>,
    options?: DatasetOptions<P, I>,
  ): Dataset<C>;

  /** Code that changes something outside. Runs again after a failure: send `context.idempotencyKey`. */
  effect<const I extends StepInputs>(
    name: string,
    inputs: I,
    fn: EffectFunction<I, P>,
    options?: StepOptions<P, I>,
  ): void;

  /** Writes a file, or a folder where the target ends in `/` or is partitioned. Readers see the old or the new, whole. */
  store<C>(
    name: string,
    data: Dataset<C>,
    target: string | Target,
    options?: StoreOptions<NoInfer<C>, P, { readonly data: unknown }>,
  ): void;

  /** Writes to an outside system, in a mode that the target can. */
  publish<C, const M extends PublishMode = WriteMode>(
    name: string,
    data: Dataset<C>,
    target: string | Target<M>,
    options: PublishOptions<NoInfer<C>, NoInfer<M>, P, { readonly data: unknown }>,
  ): void;
}
