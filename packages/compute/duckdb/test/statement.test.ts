import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseColumn, quoteIdentifier } from "@millrace/foundation";
import { describe, expect, test } from "vitest";
import { countsOf, errorOf, withSession } from "./session-fixture.ts";

describe("one statement", () => {
  test("row order stays after a final ORDER BY, with taps and many threads", async () => {
    await withSession(async ({ session, query, folder }) => {
      const raw = await query("raw", "select range as n, hash(range) % 1000 as k from range(300000)");
      const kept = await query("kept", "select * from src where n % 3 <> 0", { src: raw });
      const sorted = await query("sorted", "select k, n from src order by k, n desc", { src: kept });
      const uri = join(folder, "sorted.csv");
      await session.materialise(
        sorted,
        { form: "file", uri, format: "csv", options: { header: false } },
        { taps: true },
      );
      const rows = (await readFile(uri, "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => line.split(",").map(Number) as [number, number]);
      expect(rows).toHaveLength(200_000);
      expect(
        rows.every(
          ([k, n], index) =>
            index === 0 ||
            k > (rows[index - 1]?.[0] ?? 0) ||
            (k === rows[index - 1]?.[0] && n < (rows[index - 1]?.[1] ?? 0)),
        ),
      ).toBe(true);
    });
  });

  test("a step whose rows depend on chance is computed once, however often it is read", async () => {
    await withSession(async ({ query, rows }) => {
      const dice = await query("dice", "select range as n, random() as r from range(1000)");
      const pairs = await query(
        "pairs",
        "select count(*)::integer as c from src a join src b on a.n = b.n where a.r = b.r",
        { src: dice },
      );
      expect(await rows(pairs)).toEqual([[1000]]);
      const left = await query("left", "select * from src", { src: dice });
      const right = await query("right", "select * from src", { src: dice });
      const both = await query("both", "select count(*)::integer as c from a join b using (n) where a.r = b.r", {
        a: left,
        b: right,
      });
      expect(await rows(both)).toEqual([[1000]]);
    });
  });

  test("a step cannot read another step or its own statement by accident", async () => {
    await withSession(async ({ query, rows }) => {
      const first = await query("first", "select 1 as n");
      for (const name of ["first", "mr:1", "mr1:1"]) {
        const error = await errorOf(
          rows(await query("second", `select * from ${quoteIdentifier(name)}`, { src: first })),
        );
        expect([error.code, error.context["label"]]).toEqual(["SQL_UNDECLARED_TABLE", "second"]);
      }
    });
  });

  test("a text that closes the parenthesis around it is no statement of its own", async () => {
    await withSession(async ({ session, query }) => {
      const first = await query("first", "select 1 as n");
      const sql = "select n from src) as x, (select 2 as m";
      expect(
        (await errorOf(session.describe({ sql, inputs: new Map([["src", [parseColumn("n", "INTEGER")]]]) }))).code,
      ).toBe("SQL_SYNTAX");
      expect((await errorOf(session.count(await query("second", sql, { src: first })))).code).toBe("SQL_SYNTAX");
    });
  });

  test("a chain of 32 steps is one statement with a count for each", async () => {
    await withSession(async ({ query, tapped }) => {
      let relation = await query("s0", "select range as n from range(1000)");
      for (let step = 1; step < 32; step++)
        relation = await query(`s${step}`, `select n from src where n <> ${step}`, { src: relation });
      const counts = countsOf(await tapped(relation));
      expect(Object.keys(counts)).toHaveLength(32);
      expect([counts["s0"], counts["s10"], counts["s31"]]).toEqual(["1000", "990", "969"]);
    });
  });

  test("offsets count UTF-16 code units of the step's own text, wherever it stands", async () => {
    await withSession(async ({ session, query }) => {
      const before = await query("before", "select '😀漢字' as t, 1 as n -- é");
      const sql = "/* 😀é */ select 'ü' as u,\n  nope + 1 as m from src";
      const error = await errorOf(session.count(await query("after", sql, { src: before })));
      expect(error.context).toMatchObject({ label: "after", offset: sql.indexOf("nope"), line: 2, column: 3 });
    });
  });

  test("an error without a position names all steps of the statement", async () => {
    await withSession(async ({ query, rows }) => {
      const one = await query("one", "select 1 as n");
      const two = await query("two", "select error('boom') as x from src", { src: one });
      expect((await errorOf(rows(two))).context["labels"]).toEqual(["one", "two"]);
    });
  });
});

describe("dynamic PIVOT", () => {
  const sales = "select * from (values (1, 'eu', 10), (1, 'us', 20), (2, 'eu', 5)) t(id, region, v)";

  test("runs between other steps, with their counts", async () => {
    await withSession(async ({ query, tapped, rows, session }) => {
      const raw = await query("raw", sales);
      const wide = await query("wide", "pivot src on region using sum(v)", { src: raw });
      const total = await query("total", "select id, coalesce(eu, 0) + coalesce(us, 0) as t from src order by id", {
        src: wide,
      });
      expect(await rows(total)).toEqual([
        [1, "30"],
        [2, "5"],
      ]);
      expect(await session.count(total)).toBe(2);
      expect(countsOf(await tapped(total))).toEqual({ raw: "3", wide: "2", total: "2" });
    });
  });

  test("inside a CTE, twice in one statement, over inputs of one name", async () => {
    await withSession(async ({ query, rows }) => {
      const raw = await query("raw", sales);
      const one = await query("one", "with p as (pivot src on region using sum(v)) select id, eu from p", { src: raw });
      const two = await query("two", "from (pivot src on region using count(*) group by id)", { src: raw });
      const both = await query(
        "both",
        "select one.id, one.eu::integer, two.us::integer from one join two using (id) order by 1",
        { one, two },
      );
      expect(await rows(both)).toEqual([
        [1, 10, 1],
        [2, 5, 0],
      ]);
    });
  });

  test("an error names the step and its place", async () => {
    await withSession(async ({ query, rows }) => {
      const raw = await query("raw", sales);
      const sql = "pivot src\non regoin using sum(v)";
      const error = await errorOf(rows(await query("wide", sql, { src: raw })));
      expect(error.context).toMatchObject({ label: "wide", candidates: expect.arrayContaining(["region"]) as unknown });
    });
  });
});

describe("targets", () => {
  test("a folder in parts of a size, with rows of each", async () => {
    await withSession(async ({ session, query, folder }) => {
      const raw = await query("raw", "select range as n, hash(range)::varchar as t from range(400000)");
      const uri = join(folder, "parts");
      const { mkdir } = await import("node:fs/promises");
      await mkdir(uri);
      const result = await session.materialise(raw, {
        form: "folder",
        uri,
        format: "parquet",
        options: { file_size_bytes: "1MB", row_group_size: 10_240 },
      });
      expect(result.files.length).toBeGreaterThan(1);
      expect(result.files.reduce((sum, file) => sum + (file.rows ?? Number.NaN), 0)).toBe(400_000);
      expect((await readdir(uri)).toSorted()).toEqual(
        result.files.map((file) => file.uri.slice(uri.length + 1)).toSorted(),
      );
    });
  });

  test("partitions, with taps too", async () => {
    await withSession(async ({ session, query, folder }) => {
      const { mkdir } = await import("node:fs/promises");
      for (const format of ["parquet", "csv"] as const) {
        const raw = await query("raw", "select range as n, 'r' || range % 3 as region from range(10)");
        const end = await query("end", "select * from src where n > 0", { src: raw });
        const uri = join(folder, format);
        await mkdir(uri);
        const result = await session.materialise(
          end,
          { form: "folder", uri, format, options: { partition_by: "region" } },
          { taps: true },
        );
        expect([result.rows, result.files.length, countsOf(result)]).toEqual([9, 3, { raw: "10", end: "9" }]);
        if (format === "parquet") expect(result.files.map((file) => file.rows)).toEqual([3, 3, 3]);
      }
    });
  });

  test.each([
    ["csv", "file", { partition_by: ["a"] }, /needs a folder/],
    ["ndjson", "folder", { partition_by: ["a"] }, /not written by DuckDB for ndjson/],
    ["parquet", "file", { compresion: "zstd" }, /did you mean "compression"\?/],
    ["parquet", "file", { header: true }, /is not an option of parquet/],
    ["csv", "file", { delim: { a: 1 } }, /takes a text, a number or true and false/],
    ["csv", "folder", { file_size_bytes: -1 }, /takes a number of bytes/],
  ] as const)("%s %s with %o is TARGET_INVALID", async (format, form, options, message) => {
    await withSession(async ({ session, query, folder }) => {
      const error = await errorOf(
        session.materialise(await query("raw", "select 1 as a"), {
          form,
          uri: join(folder, "x"),
          format,
          options: options,
        }),
      );
      expect([error.code, error.message]).toEqual(["TARGET_INVALID", expect.stringMatching(message)]);
    });
  });

  test("writing options reach the file", async () => {
    await withSession(async ({ session, query, folder, rows }) => {
      const raw = await query("raw", "select 1 as a, 'it''s' as b, null as c");
      const csv = join(folder, "a.csv");
      await session.materialise(raw, {
        form: "file",
        uri: csv,
        format: "csv",
        options: { header: false, delim: "|", nullstr: "NA", force_quote: ["b"] },
      });
      expect(await readFile(csv, "utf8")).toBe(`1|"it's"|NA\n`);
      const parquet = join(folder, "a.parquet");
      await session.materialise(raw, {
        form: "file",
        uri: parquet,
        format: "parquet",
        options: { compression: "zstd", kv_metadata: { run_id: "it's 7" } },
      });
      const facts = await query("facts", `select distinct compression from parquet_metadata('${parquet}')`);
      const keys = await query(
        "keys",
        `select decode(value) from parquet_kv_metadata('${parquet}') where key = 'run_id'`,
      );
      expect([await rows(facts), await rows(keys)]).toEqual([[["ZSTD"]], [["it's 7"]]]);
    });
  });
});
