import { parseColumn } from "@millrace/foundation";
import type { Column, ComputeSession, RelationId } from "@millrace/protocols";
import type * as arrowModule from "apache-arrow";
import type { Table } from "apache-arrow";
import { expect } from "vitest";
import { arrowCases, cellsOf } from "./arrow-values.ts";
import type { ArrowCase } from "./arrow-values.ts";
import { bytesOf, errorOf } from "./checks.ts";
import { columnsOf, rowsOf } from "./compute-bench.ts";
import type { ComputeBench } from "./compute-bench.ts";
import type { Facts } from "./gap.ts";

// Loaded where it is used: importing the suites must not cost what Arrow costs.
const loadArrow = async (): Promise<typeof arrowModule> => import("apache-arrow");

/** Interchange by Arrow IPC streams. */
export const arrowFacts: Facts<ComputeBench> = {
  ...Object.fromEntries(
    arrowCases.map((each) => [
      `Arrow round trip of ${each.type}`,
      async (bench: ComputeBench) => roundTrip(bench, each),
    ]),
  ),
  "pieces of any size are one stream": async (bench) => {
    const session = await bench.openSession();
    const arrow = await loadArrow();
    const ipc = arrow.tableToIPC(
      new arrow.Table({ t: arrow.vectorFromArray(["ü", null, "漢字"], new arrow.Utf8()) }),
      "stream",
    );
    for (const size of [1, 7, 1000]) {
      const relation = await session.importArrow(pieces(ipc, size), {
        columns: columnsOf({ t: "VARCHAR" }),
        label: `pieces_${size}`,
      });
      expect(await rowsOf(session, relation)).toEqual([["ü"], [null], ["漢字"]]);
    }
  },
  "many batches, slices of batches and empty batches keep every row": async (bench) => {
    const session = await bench.openSession();
    const arrow = await loadArrow();
    const part = (from: number, count: number): Table =>
      new arrow.Table({
        n: arrow.vectorFromArray(
          Array.from({ length: count }, (_, index) => (index % 7 === 0 ? null : from + index)),
          new arrow.Int32(),
        ),
        t: arrow.vectorFromArray(
          Array.from({ length: count }, (_, index) => (index % 5 === 0 ? null : `text ${from + index} ü`)),
          new arrow.Utf8(),
        ),
      });
    const whole = part(0, 5003).concat(
      part(10_000, 3001).slice(13, 2900),
      part(20_000, 8).slice(3, 3),
      part(30_000, 1),
    );
    const columns = columnsOf({ n: "INTEGER", t: "VARCHAR" });
    const relation = await session.importArrow(pieces(arrow.tableToIPC(whole, "stream"), 10_007), {
      columns,
      label: "parts",
    });
    const rows = await rowsOf(
      session,
      await session.query("select n, t from p", { inputs: { p: relation }, label: "all" }),
    );
    const sentTexts = cellsOf(whole, "t");
    const expected = cellsOf(whole, "n").map((n, index) => [n, sentTexts[index]] as const);
    expect(rows.map((row) => JSON.stringify(row)).toSorted()).toEqual(
      expected.map((row) => JSON.stringify(row)).toSorted(),
    );
  },
  "an imported relation can be read again and again": async (bench) => {
    const session = await bench.openSession();
    const relation = await importNumbers(session, 5000);
    expect([await session.count(relation), await session.count(relation)]).toEqual([5000, 5000]);
    const total = await session.query("select cast(sum(n) as bigint) as s from a", {
      inputs: { a: relation },
      label: "total",
    });
    // Gauss: 4999 · 5000 / 2.
    expect(await rowsOf(session, total)).toEqual([["12497500"]]);
  },
  "a stream without rows keeps its columns in both directions": async (bench) => {
    const session = await bench.openSession();
    const relation = await importNumbers(session, 0);
    expect(await session.count(relation)).toBe(0);
    const table = await exported(session, relation);
    expect([table.numRows, table.schema.fields.map((field) => `${field.name} ${String(field.type)}`)]).toEqual([
      0,
      ["n Int32"],
    ]);
  },
  "a cut stream and bytes that are no stream are refused": async (bench) => {
    const session = await bench.openSession();
    const arrow = await loadArrow();
    const table = new arrow.Table({
      n: arrow.vectorFromArray(
        Array.from({ length: 4000 }, (_, index) => index),
        new arrow.Int32(),
      ),
    });
    const ipc = arrow.tableToIPC(table, "stream");
    const columns = columnsOf({ n: "INTEGER" });
    for (const bytes of [
      ipc.subarray(0, ipc.length - 3000),
      new TextEncoder().encode("this is no Arrow stream at all"),
      new Uint8Array(0),
    ]) {
      const error = await errorOf(session.importArrow(pieces(bytes, 1000), { columns, label: "cut" }));
      expect(error.failureClass).toBe("terminal");
    }
    expect(await session.count(await importNumbers(session, 3))).toBe(3);
  },
  "an error of the one who sends is the error of the import": async (bench) => {
    const session = await bench.openSession();
    const boom = new Error("the sender failed");
    async function* failing(): AsyncGenerator<Uint8Array> {
      const arrow = await loadArrow();
      yield arrow
        .tableToIPC(new arrow.Table({ n: arrow.vectorFromArray([1], new arrow.Int32()) }), "stream")
        .subarray(0, 64);
      throw boom;
    }
    const thrown: unknown = await session
      .importArrow(failing(), { columns: columnsOf({ n: "INTEGER" }), label: "failing" })
      .catch((error: unknown) => error);
    expect(thrown === boom || (thrown as Error).cause === boom).toBe(true);
  },
  "columns that are not those declared are refused": async (bench) => {
    const session = await bench.openSession();
    const arrow = await loadArrow();
    const ipc = arrow.tableToIPC(new arrow.Table({ n: arrow.vectorFromArray(["x"], new arrow.Utf8()) }), "stream");
    await errorOf(session.importArrow(pieces(ipc, 1000), { columns: columnsOf({ n: "BIGINT" }), label: "typed" }));
    await errorOf(session.importArrow(pieces(ipc, 1000), { columns: columnsOf({ m: "VARCHAR" }), label: "named" }));
  },
  "rows are exported in the order of the relation": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 300_000);
    const down = await session.query("select n, n % 3 as r from raw order by n desc", {
      inputs: { raw: numbers },
      label: "down",
    });
    const table = await exported(session, down);
    expect(table.numRows).toBe(300_000);
    const values = table.getChild("n")?.toArray() as BigInt64Array;
    expect(values.every((value, index) => value === BigInt(299_999 - index))).toBe(true);
  },
  "columns and batches of an export are those asked for": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 20_000);
    const wide = await session.query("select n, n + 1 as m, n + 2 as o from raw", {
      inputs: { raw: numbers },
      label: "wide",
    });
    const table = await exported(session, wide, { columns: ["o", "n"], batchRows: 5000 });
    expect(table.schema.fields.map((field) => field.name)).toEqual(["o", "n"]);
    expect(table.numRows).toBe(20_000);
    // A compute may round up to its own unit; DuckDB's is 2,048 rows.
    expect(table.batches.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...table.batches.map((batch) => batch.numRows))).toBeLessThanOrEqual(5000 + 2048);
  },
  "an export that fails in its middle never looks complete": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 300_000);
    const typed = await session.query(
      "select n, cast(case when n = 250000 then 'x' else '1' end as integer) as v from raw",
      { inputs: { raw: numbers }, label: "typed" },
    );
    const error = await errorOf(bytesOf(session.exportArrow(typed, { batchRows: 10_000 })));
    expect(error).toMatchObject({ code: "DATA_CONVERSION", fault: "data" });
    expect(await session.count(numbers)).toBe(300_000);
  },
  "an export can be cancelled and left, and the session goes on": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 1_000_000);
    const abort = new AbortController();
    const cancelled = await errorOf(
      (async () => {
        let first = true;
        for await (const piece of session.exportArrow(numbers, { batchRows: 5000, signal: abort.signal })) {
          if (first && piece.length > 0) abort.abort();
          first = false;
        }
      })(),
    );
    expect(cancelled.code).toBe("RUN_CANCELLED");
    for await (const piece of session.exportArrow(numbers, { batchRows: 5000 })) if (piece.length > 0) break;
    expect(await session.count(numbers)).toBe(1_000_000);
  },
};

async function roundTrip(bench: ComputeBench, { type, vector, sample }: ArrowCase): Promise<void> {
  const session = await bench.openSession();
  const arrow = await loadArrow();
  const sent = new arrow.Table({ v: vector(arrow) });
  const columns: Column[] = [parseColumn("v", type)];
  const relation = await session.importArrow(pieces(arrow.tableToIPC(sent, "stream"), 500), { columns, label: "sent" });
  const seen = await session.sample(relation, 100);
  expect(seen.columns.map((column) => column.type)).toEqual(columns.map((column) => column.type));
  if (sample !== undefined) expect(seen.rows.map((row) => row[0])).toEqual(sample);
  const received = await exported(session, relation);
  expect(cellsOf(received, "v")).toEqual(cellsOf(sent, "v"));
  expect(String(received.schema.fields[0]?.type)).toBe(String(sent.schema.fields[0]?.type));
}

async function importNumbers(session: ComputeSession, count: number): Promise<RelationId> {
  const arrow = await loadArrow();
  const vector = arrow.vectorFromArray(
    Array.from({ length: count }, (_, index) => index),
    new arrow.Int32(),
  );
  const ipc = arrow.tableToIPC(new arrow.Table({ n: vector }), "stream");
  return session.importArrow(pieces(ipc, 4096), { columns: columnsOf({ n: "INTEGER" }), label: "numbers_in" });
}

async function exported(
  session: ComputeSession,
  relation: RelationId,
  options: Parameters<ComputeSession["exportArrow"]>[1] = {},
): Promise<Table> {
  const { tableFromIPC } = await loadArrow();
  return tableFromIPC(await bytesOf(session.exportArrow(relation, options)));
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
