import type { Unbound } from "./register.ts";

declare const columns: unique symbol;
declare const whenMissing: unique symbol;
const owner: unique symbol = Symbol("owner");

/** The output of a step: what other steps read. Its type carries its columns. */
export interface Dataset<C = Unbound> {
  /** Only a type: nothing is stored here. */
  readonly [columns]?: C;
  /** Dataset key: the name of the step that produces it. */
  readonly name: string;
  /** The builder that made it: datasets do not cross pipelines. */
  readonly [owner]: object;
}

/** An input that may be missing. Made by `optional`. */
export interface OptionalInput<C = Unbound> {
  /** Only a type: nothing is stored here. */
  readonly [whenMissing]?: C;
  readonly optional: Dataset<C>;
}

/** What a step reads, by logical name: the name of the table in its SQL, the name of the input in its function. */
export interface StepInputs {
  readonly [logical: string]: Dataset<unknown> | OptionalInput<unknown>;
}

/**
 * Marks an input as one that may be missing: where its step failed or was skipped, the reader gets no rows
 * with the same columns instead of being skipped too.
 */
export function optional<C>(dataset: Dataset<C>): OptionalInput<C> {
  return { optional: dataset };
}

/** @internal */
export function createDataset<C>(name: string, builder: object): Dataset<C> {
  return { name, [owner]: builder };
}

/** @internal */
export function isDataset(value: unknown): value is Dataset<unknown> {
  return typeof value === "object" && value !== null && owner in value;
}

/** Whether a dataset is of the pipeline that this builder makes. @internal */
export function isOwnedBy(dataset: Dataset<unknown>, builder: object): boolean {
  return dataset[owner] === builder;
}
