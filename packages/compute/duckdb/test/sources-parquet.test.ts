import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatColumn } from "@millrace/foundation";
import type { ComputeSession, JsonObject } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { columnsOf, errorOf, withSession } from "./session-fixture.ts";
import type { Fixture } from "./session-fixture.ts";

async function parquet({ session, folder, query }: Fixture, name: string, sql: string): Promise<string> {
  const uri = join(folder, name);
  await session.materialise(await query(name, sql), { form: "file", uri, format: "parquet", options: {} });
  return uri;
}

const describeText = async (
  session: ComputeSession,
  uris: readonly string[],
  options: JsonObject = {},
): Promise<string> =>
  (await session.describeSource({ uris, format: "parquet", options })).columns
    .map((column) => `${column.name} ${formatColumn(column)}`)
    .join(", ");

describe("damaged files", () => {
  // Origin: apache/parquet-testing, bad_data, Apache-2.0; three of them are read rightly by DuckDB 1.5.6.
  const folder = join(import.meta.dirname, "cases/parquet-bad");
  const readable = new Set(["ARROW-GH-43605.parquet", "ARROW-GH-45185.parquet", "ARROW-RS-GH-6229-LEVELS.parquet"]);

  test.each(readdirSync(folder).filter((name) => name.endsWith(".parquet")))(
    "%s ends in rows or in an error that names it",
    async (name) => {
      await withSession(async ({ session, tapped }) => {
        const source = { uris: [join(folder, name)], format: "parquet", options: {} } as const;
        const attempt = (async () => {
          const described = await session.describeSource(source);
          const result = await tapped(await session.scan({ ...source, columns: described.columns }, "damaged"));
          return [result.rows, described.rows];
        })();
        if (readable.has(name)) {
          const [rows, stated] = await attempt;
          expect(rows).toBe(stated);
        } else {
          const error = await errorOf(attempt);
          expect([error.code, error.fault]).toEqual(["DATA_INVALID_FILE", "data"]);
          expect(error.message).toContain(name);
        }
      });
    },
  );

  test("a session that is closed while damaged files are described does not take the process with it", async () => {
    await withSession(async ({ open }) => {
      for (let round = 0; round < 5; round++) {
        const session = await open();
        const running = readdirSync(folder).map(async (name) =>
          session.describeSource({ uris: [join(folder, name)], format: "parquet", options: {} }),
        );
        const settled = Promise.allSettled(running);
        await session[Symbol.asyncDispose]();
        await settled;
      }
    });
  });

  test.each([
    ["is no Parquet at all", () => Buffer.from("<html>log in</html>"), /does not begin with "PAR1"/],
    ["is shorter than its marks", () => Buffer.from("PAR1"), /it has 4 bytes/],
    ["is cut by one byte", (whole: Buffer) => whole.subarray(0, -1), /does not end with "PAR1": it may be cut short/],
    [
      "has a footer of 2 GiB",
      (whole: Buffer) => Buffer.concat([whole.subarray(0, -8), Buffer.from([0, 0, 0, 0x80]), Buffer.from("PAR1")]),
      /footer of 2147483648 bytes does not fit/,
    ],
    ["is encrypted", (whole: Buffer) => Buffer.concat([whole.subarray(0, -4), Buffer.from("PARE")]), /encrypted/],
  ] as const)("a file that %s is refused before DuckDB sees it", async (_, damage, message) => {
    await withSession(async (fixture) => {
      const uri = await parquet(fixture, "whole.parquet", "select range as n from range(100)");
      const path = await fixture.write("bad.parquet", damage(readFileSync(uri)));
      const source = { uris: [path], format: "parquet", options: {} } as const;
      const { session } = fixture;
      for (const attempt of [
        async () => session.describeSource(source),
        async () => session.scan({ ...source, columns: columnsOf({ n: "BIGINT" }) }, "bad"),
      ]) {
        const error = await errorOf(attempt());
        expect(error.code).toBe("DATA_INVALID_FILE");
        expect(error.message).toMatch(message);
        expect(error.context["file"]).toBe(path);
      }
    });
  });
});

describe("footers", () => {
  test("columns, rows and what the format itself keeps from being null", async () => {
    await withSession(async (fixture) => {
      const uri = await parquet(fixture, "a.parquet", "select range as n, range::varchar as t from range(1000)");
      expect(await describeText(fixture.session, [uri])).toBe("n BIGINT, t VARCHAR");
      // Written by another tool with a REQUIRED column: nation_key of parquet-testing's dictionary file.
      const required = join(import.meta.dirname, "cases/parquet-bad/ARROW-GH-43605.parquet");
      expect(await describeText(fixture.session, [required])).toMatch(/^min_fl USMALLINT!?$/);
      const described = await fixture.session.describeSource({ uris: [uri, uri], format: "parquet", options: {} });
      expect(described.rows).toBe(2000);
    });
  });

  test("files whose columns differ are refused by name, and joined where they may differ", async () => {
    await withSession(async (fixture) => {
      const { session } = fixture;
      const first = await parquet(fixture, "1.parquet", "select 1 as a, 'x' as b");
      for (const [sql, message] of [
        ["select 2 as a", /2\.parquet" has no column "b"/],
        ["select 2.5::double as a, 'y' as b", /has "a" as DOUBLE, the first file as INTEGER/],
        ["select 2 as a, 'y' as b, 3 as c", /a column "c" that the first file lacks/],
      ] as const) {
        const second = await parquet(fixture, "2.parquet", sql);
        const error = await errorOf(session.describeSource({ uris: [first, second], format: "parquet", options: {} }));
        expect([error.code, error.message]).toEqual(["DATA_INVALID_FILE", expect.stringMatching(message)]);
        const source = { uris: [first, second], format: "parquet", options: { union_by_name: true } } as const;
        const described = await session.describeSource(source);
        expect(await session.count(await session.scan({ ...source, columns: described.columns }, "both"))).toBe(2);
      }
    });
  });

  test("declared columns are cast where nothing is lost, and refused where something would be", async () => {
    await withSession(async (fixture) => {
      const { session, rows } = fixture;
      const uri = await parquet(fixture, "a.parquet", "select 1::integer as i, 2.5::double as d, '3' as t");
      const source = (
        columns: Readonly<Record<string, string>>,
        options: JsonObject = {},
      ): { uris: string[]; format: "parquet"; options: JsonObject; columns: ReturnType<typeof columnsOf> } => ({
        uris: [uri],
        format: "parquet",
        options,
        columns: columnsOf(columns),
      });
      const widened = source({ t: "INTEGER", i: "BIGINT", d: "DOUBLE" });
      await session.describeSource(widened);
      expect(await rows(await session.scan(widened, "wide"))).toEqual([[3, "1", 2.5]]);
      expect(
        (await errorOf(session.describeSource(source({ i: "INTEGER", d: "INTEGER", t: "VARCHAR" })))).message,
      ).toMatch(/has "d" as DOUBLE, which does not read as INTEGER/);
      expect((await errorOf(session.describeSource(source({ i: "INTEGER", d: "DOUBLE" })))).message).toMatch(
        /column "t" that is not declared/,
      );
      expect(
        (await errorOf(session.describeSource(source({ i: "INTEGER", dd: "DOUBLE" }, { subset: true })))).context[
          "suggestion"
        ],
      ).toBeUndefined();
      expect(await rows(await session.scan(source({ d: "DOUBLE" }, { subset: true }), "subset"))).toEqual([[2.5]]);
    });
  });

  test("a folder name with `=` adds no column", async () => {
    await withSession(async (fixture) => {
      const uri = await parquet(fixture, "a.parquet", "select 1 as n");
      const path = await fixture.write("year=2024/a.parquet", "");
      copyFileSync(uri, path);
      expect(await describeText(fixture.session, [path])).toBe("n INTEGER");
      expect(await describeText(fixture.session, [path], { hive_partitioning: true })).toBe("n INTEGER, year BIGINT");
    });
  });
});

describe("values that Parquet or DuckDB's writer would spoil", () => {
  // DuckDB 1.5.6 writes HUGEINT as DOUBLE, cuts INTERVAL to milliseconds, shifts TIMETZ to UTC: none of it an error.
  test.each([
    ["HUGEINT", "sum(9007199254740993)", "9007199254740993"],
    ["HUGEINT", "-99999999999999999999999999999999999999::hugeint", "-99999999999999999999999999999999999999"],
    ["UHUGEINT", "18446744073709551616::uhugeint", "18446744073709551616"],
    ["INTERVAL", "interval '1 year 2 days 3.000001 seconds'", "1 year 2 days 00:00:03.000001"],
    ["TIMETZ", "'12:34:56.789+02'::timetz", "12:34:56.789+02"],
    ["BIT", "'10101'::bit", "10101"],
    ["ENUM('a', 'b')", "'b'::enum('a', 'b')", "b"],
    ["TIMESTAMP_S", "'2024-01-01 00:00:01'::timestamp_s", "2024-01-01 00:00:01"],
    ["TIMESTAMP_MS", "'2024-01-01 00:00:01.5'::timestamp_ms", "2024-01-01 00:00:01.5"],
    ["INTEGER[2]", "[1, 2]::integer[2]", [1, 2]],
    ["HUGEINT[]", "[1::hugeint, null]", ["1", null]],
    ["STRUCT(a HUGEINT, b INTERVAL)", "{a: 1::hugeint, b: interval '1 day'}", { a: "1", b: "1 day" }],
    ["MAP(VARCHAR, HUGEINT)", "map {'k': 1::hugeint}", { k: "1" }],
    ["JSON", `'{"a":1}'::json`, '{"a":1}'],
  ])("%s comes back: %s", async (type, sql, expected) => {
    await withSession(async (fixture) => {
      const { session, query } = fixture;
      const uri = join(fixture.folder, "a.parquet");
      const written = await session.materialise(await query("typed", `select ${sql} as x`), {
        form: "file",
        uri,
        format: "parquet",
        options: {},
      });
      expect(written.columns.map(formatColumn)).toEqual([type]);
      const back = await session.scan(
        { uris: [uri], format: "parquet", options: {}, columns: written.columns },
        "back",
      );
      expect((await session.sample(back, 1)).columns.map(formatColumn)).toEqual([type]);
      expect(await fixture.rows(back)).toEqual([[expected]]);
    });
  });

  test("a number of 39 digits fails instead of losing one", async () => {
    await withSession(async ({ session, query, folder }) => {
      const wide = await query("wide", "select 170141183460469231731687303715884105727::hugeint as x");
      const error = await errorOf(
        session.materialise(wide, { form: "file", uri: join(folder, "a.parquet"), format: "parquet", options: {} }),
      );
      expect([error.code, error.fault]).toEqual(["DATA_CONVERSION", "data"]);
    });
  });
});

test("a file that is replaced is read anew, whatever its size", async () => {
  await withSession(async (fixture) => {
    const { session, folder } = fixture;
    const [one, two] = [
      await parquet(fixture, "1.parquet", "select 1 as n"),
      await parquet(fixture, "2.parquet", "select 2 as n"),
    ];
    const path = join(folder, "current.parquet");
    const counts: unknown[] = [];
    for (const uri of [one, two]) {
      writeFileSync(path, readFileSync(uri));
      counts.push(
        ...(await fixture.rows(await session.scan({ uris: [path], format: "parquet", options: {} }, "current"))),
      );
    }
    expect(counts).toEqual([[1], [2]]);
  });
});
