import type { Decimal } from "@millrace/engine";
import type { RowOptions } from "@millrace/protocols";
import type { RunMillraceTypes, Unbound } from "./register.ts";

/** Types of 64-bit integers. */
export type Integer64 = "BIGINT" | "UBIGINT";
/** Types of points in time. */
export type Instant = "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" | "TIMESTAMPTZ";
/** Types that are always a number. */
export type Number32 = "TINYINT" | "SMALLINT" | "INTEGER" | "UTINYINT" | "USMALLINT" | "UINTEGER" | "FLOAT" | "DOUBLE";

/** The value of a type without parts that is not null. */
export type Base<T, O extends RowOptions> = T extends "BOOLEAN"
  ? boolean
  : T extends Number32
    ? number
    : T extends Integer64
      ? O extends { readonly int64: "bigint" }
        ? bigint
        : number
      : T extends "HUGEINT" | "UHUGEINT"
        ? bigint
        : T extends `DECIMAL(${string})`
          ? Decimal
          : T extends Instant
            ? O extends { readonly time: "micros" }
              ? bigint
              : Date
            : T extends "BLOB"
              ? Uint8Array
              : T extends "NULL"
                ? null
                : string;

/** The value of a type with parts that is not null. */
export type Nested<T, O extends RowOptions> = T extends { readonly list: infer E }
  ? readonly Value<E, O>[]
  : T extends { readonly struct: infer F }
    ? { readonly [K in keyof F]: Value<F[K], O> }
    : T extends { readonly map: { readonly key: infer K; readonly value: infer V } }
      ? ReadonlyMap<Exclude<Value<K, O>, null>, Value<V, O>>
      : T extends { readonly enum: readonly (infer E)[] }
        ? E
        : unknown;

/** The JavaScript value of a column type under the given reading options. */
export type Value<T, O extends RowOptions = RowOptions> = T extends `${infer S}!`
  ? Base<S, O>
  : T extends string
    ? Base<T, O> | null
    : T extends { readonly notNull: true }
      ? Nested<T, O>
      : Nested<T, O> | null;

/** A row of a dataset with columns `C`. Loose before `millrace types` has run. */
export type Row<C, O extends RowOptions = RowOptions> = C extends Unbound
  ? // Loose on purpose: in the first hour nothing is generated yet, and `unknown` would mark every line red.
    // oxlint-disable-next-line typescript/no-explicit-any
    { readonly [column: string]: any }
  : C extends RunMillraceTypes<string>
    ? C
    : { readonly [K in keyof C]: Value<C[K], O> };

/** A value as a step may give it: 64-bit integers as number or bigint, times as `Date` or bigint microseconds. */
export type ValueIn<T> = T extends `${infer S}!` ? BaseIn<S> : T extends string ? BaseIn<T> | null : Value<T>;

/** A value that a step may give for a type without parts. */
export type BaseIn<T> = T extends Integer64 | "HUGEINT" | "UHUGEINT"
  ? number | bigint
  : T extends `DECIMAL(${string})`
    ? Decimal | number | bigint | string
    : T extends Instant
      ? Date | bigint | string
      : T extends "DATE"
        ? string | Date
        : Base<T, RowOptions>;

/** A row that a step gives for an output with columns `C`: columns that may be null may be left out. */
export type RowIn<C> = {
  readonly [K in keyof C as null extends ValueIn<C[K]> ? never : K]: ValueIn<C[K]>;
} & { readonly [K in keyof C as null extends ValueIn<C[K]> ? K : never]?: ValueIn<C[K]> | undefined };

/** What a whole column is: a typed array where its type has one. */
export type TypedArray<T> = T extends `${infer S}!`
  ? TypedArray<S>
  : T extends "DOUBLE"
    ? Float64Array
    : T extends "FLOAT"
      ? Float32Array
      : T extends "INTEGER" | "DATE"
        ? Int32Array
        : T extends "BIGINT" | Instant
          ? BigInt64Array
          : T extends "UBIGINT"
            ? BigUint64Array
            : T extends "BOOLEAN"
              ? Uint8Array
              : ArrayLike<Value<T>>;

/** A column of a dataset, whole: a typed array where its type has one. */
export interface ColumnValues<T> {
  readonly data: TypedArray<T>;
  /** 1 where the value is null. Null where no value is. */
  readonly nulls: T extends `${string}!` ? null : Uint8Array | null;
  at(row: number): Value<T>;
}

/** Columns that a step gives whole, each an array of the same length. */
export type ColumnsIn<C> = {
  readonly [K in keyof C as null extends ValueIn<C[K]> ? never : K]: ArrayLike<ValueIn<C[K]>> | TypedArray<C[K]>;
} & {
  readonly [K in keyof C as null extends ValueIn<C[K]> ? K : never]?:
    ArrayLike<ValueIn<C[K]> | undefined> | TypedArray<C[K]> | undefined;
};
