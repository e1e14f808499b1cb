import { columnsFromText } from "@millrace/foundation";
import * as arrow from "apache-arrow";
import { expect, test } from "vitest";
import { encodeOutput } from "../../src/code-step/index.ts";
import { readBatches } from "../../src/code-step/ipc-stream.ts";
import { collect, listOf } from "./step-fixture.ts";

const columns = columnsFromText({ id: "INTEGER!", name: "VARCHAR" });

async function* give(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** A stream of three batches. */
async function threeBatches(): Promise<Uint8Array[]> {
  const rows = Array.from({ length: 140_000 }, (_, id) => ({ id, name: `n${id}` }));
  return collect(encodeOutput(rows, columns, { step: "s" }));
}

test("a stream that is cut anywhere is an error, between two batches too", async () => {
  const [head, first, second, third, end] = (await threeBatches()) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  expect(await listOf(readBatches(arrow, give(head, first, second, third, end)))).toHaveLength(3);
  const cuts = [
    [],
    [head],
    [head, first],
    [head, first, second],
    [head.subarray(0, 40)],
    [head, first.subarray(0, 9000)],
    [head, first, end.subarray(0, 7)],
  ];
  for (const pieces of cuts) {
    await expect(listOf(readBatches(arrow, give(...pieces)))).rejects.toMatchObject({ code: "COMPUTE_STREAM_CUT" });
  }
});

test("a stream of no rows has a schema and no batches", async () => {
  const pieces = await collect(encodeOutput([], columns, { step: "s" }));
  expect(arrow.tableFromIPC(pieces).schema.names).toEqual(["id", "name"]);
  expect(await listOf(readBatches(arrow, give(...pieces)))).toEqual([]);
});

test("pieces are aligned, so that a reader need not copy them", async () => {
  for (const piece of await threeBatches()) expect([piece.byteOffset % 8, piece.length % 8]).toEqual([0, 0]);
});

test("a batch ends early where its texts are large", async () => {
  const rows = Array.from({ length: 40 }, (_, id) => ({ id, name: "x".repeat(4_000_000) }));
  const sizes: number[] = [];
  for await (const batch of readBatches(arrow, encodeOutput(rows, columns, { step: "s" }))) sizes.push(batch.numRows);
  // 32 MiB hold eight texts of 4 MB and a part of the ninth.
  expect(sizes).toEqual([9, 9, 9, 9, 4]);
});

test("a batch ends early where its lists are large", async () => {
  const lists = columnsFromText({ v: "TINYINT[]" });
  const rows = Array.from({ length: 6 }, () => ({ v: new Int8Array(2_000_000) }));
  const sizes: number[] = [];
  for await (const batch of readBatches(arrow, encodeOutput(rows, lists, { step: "s" }))) sizes.push(batch.numRows);
  expect(sizes).toEqual([3, 3]);
});
