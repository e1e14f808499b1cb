import * as arrow from "apache-arrow";
import * as fc from "fast-check";
import { formatColumn, parseColumn } from "@millrace/foundation";
import type { ComputeSession, RelationId } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { columnsOf, errorOf, withSession } from "./session-fixture.ts";

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

async function* piecesOf(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const exported = async (
  session: ComputeSession,
  relation: RelationId,
  options: Parameters<ComputeSession["exportArrow"]>[1] = {},
): Promise<arrow.Table> => arrow.tableFromIPC(await bytesOf(session.exportArrow(relation, options)));

/** SQL for a column of `rows` rows that is null where `n % nulls = 0`, sorted by a hash so that texts lie anywhere. */
const scattered = (value: string, rows: number, nulls: number): string =>
  `select case when range % ${nulls} = 0 then null else ${value} end as v from range(${rows}) order by hash(range)`;

/** Every type with an expression over `range` whose values differ, some long, some multi-byte. */
const types: readonly (readonly [type: string, value: string])[] = [
  ["BOOLEAN", "range % 3 = 1"],
  ["TINYINT", "(range % 255 - 127)::tinyint"],
  ["SMALLINT", "(range % 65535 - 32767)::smallint"],
  ["INTEGER", "(range * 7919)::integer"],
  ["BIGINT", "range * 922337203685477 - 4611686018427387904"],
  ["HUGEINT", "range::hugeint * 34028236692093846346337460743176820"],
  ["UTINYINT", "(range % 256)::utinyint"],
  ["USMALLINT", "(range % 65536)::usmallint"],
  ["UINTEGER", "(range * 65537)::uinteger"],
  ["UBIGINT", "range::ubigint * 3689348814741909::ubigint"],
  ["UHUGEINT", "range::uhugeint * 68056473384187692692674921486353642::uhugeint"],
  ["FLOAT", "(range / 3)::float"],
  ["DOUBLE", "case range % 5 when 0 then 'nan'::double when 1 then '-inf'::double else range / 7 end"],
  ["DECIMAL(4,1)", "(range % 9999 / 10 - 400)::decimal(4,1)"],
  ["DECIMAL(9,2)", "(range * 1000.01 - 300)::decimal(9,2)"],
  ["DECIMAL(18,4)", "((range - 500) * 1234567890.1234)::decimal(18,4)"],
  ["DECIMAL(38,10)", "((range - 500)::decimal(38,10) * 12345678901234567::decimal(20,0))::decimal(38,10)"],
  ["VARCHAR", "repeat('ü漢😀x', (range % 9)::integer) || range"],
  ["BLOB", "encode(repeat('ab', (range % 40)::integer)) || '\\x00\\xff'::blob"],
  ["DATE", "date '1970-01-01' + (range - 500)::integer"],
  ["TIME", "time '00:00:00' + to_microseconds(range * 86399999)"],
  ["TIMESTAMP", "timestamp '2024-02-29 12:00:00' + to_microseconds(range * 1000003)"],
  ["TIMESTAMP_S", "(timestamp '1969-12-31 23:00:00' + to_seconds(range))::timestamp_s"],
  ["TIMESTAMP_MS", "(timestamp '1969-12-31 23:00:00' + to_milliseconds(range))::timestamp_ms"],
  ["TIMESTAMP_NS", "make_timestamp_ns(range * 1000000007)"],
  ["TIMESTAMPTZ", "timestamptz '2024-02-29 12:00:00+02' + to_microseconds(range)"],
  ["UUID", "(md5(range::varchar))::uuid"],
  ["JSON", "to_json({a: range, b: [null, 'ü']})"],
  ["INTERVAL", "to_months((range % 30)::integer) + to_days(3) + to_microseconds(range)"],
  ["BIT", "(range::integer)::bit"],
  ["ENUM('a', 'ü', 'it''s')", "(['a', 'ü', 'it''s'])[1 + range % 3]::enum('a', 'ü', 'it''s')"],
  ["INTEGER[]", "[i for i in range(range % 5)]::integer[]"],
  ["VARCHAR[][]", "[[repeat('long text ', (range % 4)::integer), null], [], null]"],
  ["INTEGER[2]", "[range, range + 1]"],
  [
    "STRUCT(a BIGINT, b VARCHAR, c BOOLEAN[])",
    "{a: range, b: repeat('x', (range % 20)::integer), c: [range % 2 = 0, null]}",
  ],
  ["MAP(VARCHAR, DOUBLE)", "map {'k' || range: range / 3, 'l': null}"],
  [
    "STRUCT(a DECIMAL(9,2), b UUID, c HUGEINT)[]",
    "[{a: 1.25::decimal(9,2), b: md5(range::varchar)::uuid, c: range::hugeint * 18446744073709551616}, null]",
  ],
];

describe("every type goes out and comes in again", () => {
  test.each(types)("%s", async (type, value) => {
    await withSession(async ({ session, query, rows }) => {
      // More than two vectors and several batches, with a batch size that no vector fits.
      const source = await query("source", `select v from (${scattered(value, 5000, 7)}) union all select null`);
      const typed = await query("typed", `select v::${type} as v from src`, { src: source });
      const bytes = await bytesOf(session.exportArrow(typed, { batchRows: 1500 }));
      const back = await session.importArrow(piecesOf(bytes, 10_007), {
        columns: [parseColumn("v", type)],
        label: "back",
      });
      expect((await session.sample(back, 1)).columns.map(formatColumn)).toEqual([type]);
      const [sent, received] = [await rows(typed), await rows(back)];
      expect(received).toHaveLength(5001);
      expect(received).toEqual(sent);
      // The same once more: what came in goes out with the same bytes.
      const again = await bytesOf(session.exportArrow(back, { batchRows: 1500 }));
      expect(arrow.tableFromIPC(again).numRows).toBe(5001);
    });
  });

  test("TIMETZ goes out as its time in UTC", async () => {
    await withSession(async ({ session, query, rows }) => {
      const zoned = await query(
        "zoned",
        "select * from (values ('12:00:00+02'::timetz), ('01:00:00+02'), ('23:00:00-02:30'), (null)) t(v)",
      );
      const bytes = await bytesOf(session.exportArrow(zoned));
      const back = await session.importArrow(piecesOf(bytes), { columns: columnsOf({ v: "TIMETZ" }), label: "back" });
      expect(await rows(back)).toEqual([["10:00:00+00"], ["23:00:00+00"], ["01:30:00+00"], [null]]);
    });
  });

  test("columns that are NULL throughout", async () => {
    await withSession(async ({ session, rows }) => {
      const table = new arrow.Table({ n: arrow.vectorFromArray([null, null], new arrow.Null()) });
      const relation = await session.importArrow(piecesOf(arrow.tableToIPC(table, "stream")), {
        columns: columnsOf({ n: "DATE" }),
        label: "nulls",
      });
      expect(await rows(relation)).toEqual([[null], [null]]);
    });
  });

  test("rows of any number, nulls and texts (property)", { timeout: 60_000 }, async () => {
    await withSession(async ({ session, rows }) => {
      const cell = fc.option(
        fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.string({ unit: "binary", maxLength: 13 })),
        { freq: 4, nil: null },
      );
      const record = fc.record({
        t: cell,
        n: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: null }),
        l: fc.option(fc.array(cell, { maxLength: 4 }), { nil: null }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(record, { maxLength: 60 }),
          fc.integer({ min: 1, max: 5 }),
          async (records, copies) => {
            // Lone surrogates are no text in UTF-8, neither in Arrow nor in DuckDB.
            const clean = records.map(({ t, n, l }) => ({
              t: t?.toWellFormed() ?? null,
              n,
              l: l?.map((item) => item?.toWellFormed() ?? null) ?? null,
            }));
            const all = Array.from({ length: copies * 60 }, () => clean).flat();
            const table = new arrow.Table({
              t: arrow.vectorFromArray(
                all.map(({ t }) => t),
                new arrow.Utf8(),
              ),
              n: arrow.vectorFromArray(
                all.map(({ n }) => n),
                new arrow.Int32(),
              ),
              l: arrow.vectorFromArray(
                all.map(({ l }) => l),
                new arrow.List(new arrow.Field("item", new arrow.Utf8(), true)),
              ),
            });
            const relation = await session.importArrow(piecesOf(arrow.tableToIPC(table, "stream"), 4099), {
              columns: columnsOf({ t: "VARCHAR", n: "INTEGER", l: "VARCHAR[]" }),
              label: "records",
            });
            const expected = all.map(({ t, n, l }) => [t, n, l]);
            expect(await rows(relation)).toEqual(expected);
            const out = await exported(session, relation, { batchRows: 700 });
            expect(out.toArray().map((row) => [row.t, row.n, row.l === null ? null : [...row.l]])).toEqual(expected);
            await session.release(relation);
          },
        ),
        { numRuns: 30 },
      );
    });
  });
});

describe("streams", () => {
  test("one that fails in its middle is an error of its step, never an end", async () => {
    await withSession(async ({ session, query }) => {
      const raw = await query(
        "raw",
        "select range as n, case when range = 400000 then 'x' else range::varchar end as t from range(500000)",
      );
      const typed = await query("typed", "select n, cast(t as integer) as v from src", { src: raw });
      const error = await errorOf(bytesOf(session.exportArrow(typed)));
      expect([error.code, error.context["label"]]).toEqual(["DATA_CONVERSION", "typed"]);
    });
  });

  test("one that its reader leaves lets the session go on, many times", async () => {
    await withSession(async ({ session, query }) => {
      const raw = await query("raw", "select range as n, repeat('x', 50) as t from range(1000000)");
      for (let round = 0; round < 10; round++) {
        let pieces = 0;
        for await (const piece of session.exportArrow(raw)) if (piece.length > 0 && ++pieces === 2) break;
        expect(pieces).toBe(2);
      }
      expect(await session.count(raw)).toBe(1_000_000);
    });
  });

  test("several at once are complete", async () => {
    await withSession(async ({ session, query }) => {
      const relations = await Promise.all(
        [1, 2, 3, 4, 5, 6].map(async (part) =>
          query(`r${part}`, `select range * ${part} as n from range(${part * 50_000})`),
        ),
      );
      const tables = await Promise.all(relations.map(async (relation) => exported(session, relation)));
      expect(tables.map((table) => table.numRows)).toEqual([50_000, 100_000, 150_000, 200_000, 250_000, 300_000]);
    });
  });

  test("a batch ends early where texts are long", async () => {
    await withSession(async ({ session, query }) => {
      const raw = await query("raw", "select repeat('x', 10000) as t from range(20000)");
      const sizes: number[] = [];
      for await (const piece of session.exportArrow(raw)) sizes.push(piece.length);
      expect(Math.max(...sizes)).toBeLessThan(100 * 1024 * 1024);
      expect(sizes.length).toBeGreaterThan(4);
    });
  });

  test("a column that is asked for and does not exist is named with a suggestion", async () => {
    await withSession(async ({ session, query }) => {
      const error = await errorOf(
        bytesOf(session.exportArrow(await query("raw", "select 1 as amount"), { columns: ["amuont"] })),
      );
      expect([error.code, error.message]).toEqual([
        "SQL_COLUMN_NOT_FOUND",
        expect.stringContaining('Did you mean "amount"?'),
      ]);
    });
  });

  test("what came in goes from the scratch folder when nothing reads it any more", async () => {
    await withSession(async ({ session, folder, query }) => {
      const { readdir } = await import("node:fs/promises");
      const table = new arrow.Table({ n: arrow.vectorFromArray([1, 2, 3], new arrow.Int32()) });
      const relation = await session.importArrow(piecesOf(arrow.tableToIPC(table, "stream")), {
        columns: columnsOf({ n: "INTEGER" }),
        label: "in",
      });
      const reader = await query("reader", "select * from src", { src: relation });
      const imports = async (): Promise<number> => (await readdir(`${folder}/scratch-0/imports`)).length;
      await session.release(relation);
      expect([await session.count(reader), await imports()]).toEqual([3, 1]);
      await session.release(reader);
      expect(await imports()).toBe(0);
    });
  });
});

describe("streams that are refused", () => {
  const send = async (
    session: ComputeSession,
    table: arrow.Table,
    columns: Readonly<Record<string, string>>,
  ): Promise<unknown> =>
    session.importArrow(piecesOf(arrow.tableToIPC(table, "stream")), { columns: columnsOf(columns), label: "in" });
  const integers = (values: readonly (number | null)[]): arrow.Table =>
    new arrow.Table({ n: arrow.vectorFromArray([...values], new arrow.Int32()) });

  test.each([
    ["a null where none may be", integers([1, null]), { n: "INTEGER!" }, /declared never null, and 1 of 2 rows/],
    ["a value that does not fit", integers([300]), { n: "TINYINT" }, /out of range/],
    [
      "a column too many",
      new arrow.Table({
        n: arrow.vectorFromArray([1], new arrow.Int32()),
        m: arrow.vectorFromArray([1], new arrow.Int32()),
      }),
      { n: "INTEGER" },
      /a column "m", which is not declared/,
    ],
    [
      "fractions for whole numbers",
      new arrow.Table({ n: arrow.vectorFromArray([1.5], new arrow.Float64()) }),
      { n: "INTEGER" },
      /has "n" as Float64, which does not hold the declared INTEGER/,
    ],
    [
      "nanoseconds for microseconds",
      new arrow.Table({ n: arrow.vectorFromArray([1], new arrow.TimestampNanosecond()) }),
      { n: "TIMESTAMP" },
      /does not hold the declared TIMESTAMP/,
    ],
    [
      "a text that is no UUID",
      new arrow.Table({ n: arrow.vectorFromArray(["x"], new arrow.Utf8()) }),
      { n: "UUID" },
      /source column n/,
    ],
    [
      "a text that the ENUM lacks",
      new arrow.Table({ n: arrow.vectorFromArray(["x"], new arrow.Utf8()) }),
      { n: "ENUM('a')" },
      /./,
    ],
  ] as const)("%s is STEP_OUTPUT_INVALID", async (_, table, columns, message) => {
    await withSession(async ({ session }) => {
      const error = await errorOf(send(session, table, columns));
      expect([error.code, error.fault === "caller" || error.fault === "data"]).toEqual(["STEP_OUTPUT_INVALID", true]);
      expect(error.message).toMatch(message);
    });
  });

  test("dictionary columns of other senders are read", async () => {
    await withSession(async ({ session, rows }) => {
      const values = ["a", null, "ü", "a"];
      const table = new arrow.Table({
        t: arrow.vectorFromArray(values, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
      });
      const relation = (await send(session, table, { t: "VARCHAR" })) as RelationId;
      expect(await rows(relation)).toEqual(values.map((value) => [value]));
    });
  });
});
