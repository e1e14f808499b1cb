import type {
  ConditionOperator,
  EffectGuarantee,
  ErrorStrategy,
  FileFormat,
  JsonValue,
  Medallion,
  StepExplanation,
  WriteMode,
} from "@millrace/protocols";
import type { Columns } from "./columns.ts";
import type { RunMillraceTypes, Unbound } from "./register.ts";

/** A time span: `"500ms"`, `"10m"`, `"2h"`, or milliseconds. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** Retry of one query group, code step or sink. Only errors of class `retryable` are tried again. */
export interface RetryOptions {
  /** Attempts in all. Range 1–100. @defaultValue 3 */
  readonly attempts?: number;
  /** Pause before the second attempt. @defaultValue "1s" */
  readonly base?: Duration;
  /** Growth of the pause. Range 1–100. @defaultValue 2 */
  readonly factor?: number;
  /** Longest pause. @defaultValue "60s" */
  readonly cap?: Duration;
  /** `full`: each pause is uniform between 0 and the computed one. @defaultValue "full" */
  readonly jitter?: "full" | "none";
}

/** Decides before a step starts whether it runs. False: it is skipped, and so is what needs it. */
export interface Condition<P, I> {
  /** A parameter, or the number of rows of an input. */
  readonly field: `params.${keyof P & string}` | `inputs.${keyof I & string}.rows`;
  readonly operator: ConditionOperator;
  readonly value?: JsonValue;
}

/** What every step may be told. `P` are the parameters, `I` the inputs that a condition may name. */
export interface StepOptions<P = unknown, I = unknown> {
  readonly description?: string;
  /** Words for people, shown by `millrace docs`. */
  readonly explain?: StepExplanation;
  /** For `--select tag:…`. */
  readonly tags?: readonly string[];
  /** A number is `attempts`. */
  readonly retry?: number | RetryOptions;
  /** Longest time of one attempt. */
  readonly timeout?: Duration;
  /** What happens to the rest of the run when the step fails. @defaultValue "fail_later" */
  readonly onError?: ErrorStrategy;
  readonly condition?: Condition<P, I>;
}

/** What a step with an output may be told. */
export interface DatasetOptions<P = unknown, I = unknown> extends StepOptions<P, I> {
  /** Medallion stage of the dataset. */
  readonly medallion?: Medallion;
  /** `always`: the dataset is stored even where a query could run through. @defaultValue "auto" */
  readonly materialize?: "auto" | "always" | "never";
}

/** How files are read. What is not said is sniffed once and pinned into the plan. */
export interface ReadOptions {
  /** @defaultValue by the file's extension */
  readonly format?: FileFormat;
  /** CSV: the first line has the names. */
  readonly header?: boolean;
  /** CSV: what stands between values. */
  readonly delim?: string;
  readonly quote?: string;
  readonly escape?: string;
  /** CSV: texts that mean null. */
  readonly nullstr?: string | readonly string[];
  /** CSV: form of dates, as `strptime` has it. */
  readonly dateformat?: string;
  /** CSV: form of timestamps, as `strptime` has it. */
  readonly timestampformat?: string;
  readonly encoding?: string;
  /** CSV: lines to leave out at the start. */
  readonly skip?: number;
  readonly compression?: "none" | "gzip" | "zstd";
  readonly decimalSeparator?: "," | ".";
  /** Files with different columns: match them by name. */
  readonly unionByName?: boolean;
  /** Folders such as `day=2026-01-01` become columns. */
  readonly hivePartitioning?: boolean;
  /** Adds a column `filename`. */
  readonly filename?: boolean;
}

/** What an ingest may be told. */
export interface IngestOptions<C extends Columns, P = unknown> extends DatasetOptions<P>, ReadOptions {
  /** Columns of the source: typed with nothing generated, and checked when rows are read. */
  readonly columns?: C;
}

/** The names of columns, as far as they are known. */
export type ColumnOf<C> = C extends Unbound ? string : C extends RunMillraceTypes<string> ? string : keyof C & string;

/** How files are written. */
export interface WriteOptions {
  /** @defaultValue by the target's extension; `parquet` for a folder */
  readonly format?: FileFormat;
  readonly compression?: "none" | "gzip" | "zstd" | "snappy";
  /** CSV: write the names first. @defaultValue true */
  readonly header?: boolean;
  /** CSV: what stands between values. @defaultValue "," */
  readonly delim?: string;
}

/** What a store may be told. */
export interface StoreOptions<C, P = unknown, I = unknown> extends StepOptions<P, I>, WriteOptions {
  /** @defaultValue "overwrite" */
  readonly mode?: WriteMode;
  /** Folder targets: one folder for each value of these columns. */
  readonly partitionBy?: readonly ColumnOf<C>[];
}

/** How a target may be written: the modes of files, and those that match rows by a key. */
export type PublishMode = WriteMode | "upsert" | "merge";

/** The mode of a publish with what it needs: `upsert` and `merge` match rows by a key of at least one column. */
export type PublishOptions<C, M extends PublishMode, P = unknown, I = unknown> = StepOptions<P, I> &
  WriteOptions &
  (M extends "upsert" | "merge"
    ? { readonly mode: M; readonly key: readonly [ColumnOf<C>, ...ColumnOf<C>[]] }
    : { readonly mode: M; readonly key?: never });

/** What a pipeline may be told: its parameters, defaults of all steps, and limits of a run. */
export interface PipelineOptions<S> {
  /** Parameters by a Standard Schema: zod, valibot, arktype or another. */
  readonly params?: S;
  readonly description?: string;
  /** A number is `attempts`. */
  readonly retry?: number | RetryOptions;
  /** Longest time of a run. */
  readonly timeout?: Duration;
  /** Longest time of one attempt of a step. */
  readonly stepTimeout?: Duration;
  readonly onError?: ErrorStrategy;
  /** Groups that run at the same time. @defaultValue 4 */
  readonly workers?: number;
  /** Levels start only when the level before is done. @defaultValue false */
  readonly levelBarrier?: boolean;
  /** A sink with a weaker guarantee is an error. */
  readonly requireGuarantee?: EffectGuarantee;
}
