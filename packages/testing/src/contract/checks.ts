import { isMillraceError } from "@millrace/foundation";
import type { MillraceError } from "@millrace/foundation";
import { expect } from "vitest";

/** The error that an operation rejects with; fails where it resolves, or rejects with something else. */
export async function errorOf(operation: Promise<unknown>): Promise<MillraceError> {
  const thrown: unknown = await operation.then(
    () => new Error("it resolved"),
    (error: unknown) => error,
  );
  expect(isMillraceError(thrown), String(thrown)).toBe(true);
  return thrown as MillraceError;
}

/** Pieces of an asynchronous iterable of bytes as one array. */
export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

/** Everything that an asynchronous iterable gives, in order. */
export async function itemsOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
