import { formatColumn } from "@millrace/foundation";
import type { ColumnType } from "@millrace/protocols";
import { Decimal } from "./decimal.ts";

/** Which cells a writer takes: for errors, and whether it takes null. */
export interface CellPlace {
  /** Name of the column of the dataset. */
  readonly column: string;
  /** The column, or the part of it: `items[].price`. */
  readonly path: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** A value that a column does not take. The row is added where it is known. */
export class CellMismatch extends Error {
  readonly column: string;
  readonly path: string;
  readonly expected: string;
  readonly received: string;
  /** What to write instead. */
  readonly advice: string;

  constructor(place: CellPlace, value: unknown, advice: string) {
    super("cell mismatch");
    this.column = place.column;
    this.path = place.path;
    this.expected = formatColumn(place);
    this.received = describeValue(value);
    this.advice = advice;
  }
}

/** Longest text of a value in a message. */
const mostCharacters = 40;

/** A value in words, short: `the string "abc"`, `an array of 3`. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "nothing";
    case "string":
      return `the string ${JSON.stringify(value.length > mostCharacters ? `${value.slice(0, mostCharacters)}…` : value)}`;
    case "number":
    case "boolean":
      return `the ${typeof value} ${Object.is(value, -0) ? "-0" : value}`;
    case "bigint":
      return `the bigint ${cut(`${value}n`)}`;
    case "object":
      return describeObject(value);
    case "function":
    case "symbol":
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object | null): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? "an invalid Date" : `the Date ${value.toISOString()}`;
  if (value instanceof Decimal) return `the Decimal ${cut(value.toString())}`;
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  if (typeof name === "string" && name !== "Object" && name !== "")
    return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? "an empty object" : `an object with ${cut(keys.join(", "))}`;
}

function cut(text: string): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}
