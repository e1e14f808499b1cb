import { gzipSync, zstdCompressSync } from "node:zlib";
import type { FileSource, JsonObject } from "@millrace/protocols";
import { formatColumnType } from "@millrace/foundation";
import { describe, expect, test } from "vitest";
import { columnsOf, csvSource, errorOf, withSession } from "./session-fixture.ts";
import type { Fixture } from "./session-fixture.ts";

/** Describes, scans with the answer, materialises, and gives rows. */
async function read(
  { session, tapped, rows }: Fixture,
  uris: readonly string[],
  options: JsonObject = {},
): Promise<{ readonly columns: string; readonly options: JsonObject; readonly rows: readonly unknown[] }> {
  const source: FileSource = { uris, format: "csv", options };
  const described = await session.describeSource(source);
  const relation = await session.scan({ ...source, options: described.options, columns: described.columns }, "source");
  const result = await tapped(relation);
  const sampled = await rows(relation);
  expect(result.rows).toBe(sampled.length);
  return {
    columns: described.columns.map((column) => `${column.name} ${formatColumnType(column.type)}`).join(", "),
    options: described.options,
    rows: sampled,
  };
}

describe("files that are read right", () => {
  // Rows counted by hand.
  test.each([
    ["a header only", "a,b\n", "a VARCHAR, b VARCHAR", []],
    [
      "no line end at the end",
      "a,b\n1,x\n2,y",
      "a BIGINT, b VARCHAR",
      [
        ["1", "x"],
        ["2", "y"],
      ],
    ],
    ["CRLF", "a,b\r\n1,x\r\n", "a BIGINT, b VARCHAR", [["1", "x"]]],
    [
      "CR",
      "a,b\r1,x\r2,y\r",
      "a BIGINT, b VARCHAR",
      [
        ["1", "x"],
        ["2", "y"],
      ],
    ],
    [
      "mixed line ends",
      "a,b\r\n1,x\n2,y\r\n",
      "a BIGINT, b VARCHAR",
      [
        ["1", "x"],
        ["2", "y"],
      ],
    ],
    ["a line break in quotes under CRLF", 'a,b\r\n1,"x\ny"\r\n', "a BIGINT, b VARCHAR", [["1", "x\ny"]]],
    ["a byte order mark", "\u{feff}a,b\n1,x\n", "a BIGINT, b VARCHAR", [["1", "x"]]],
    [
      "blank lines",
      "a,b\n1,x\n\n2,y\n\n",
      "a BIGINT, b VARCHAR",
      [
        ["1", "x"],
        ["2", "y"],
      ],
    ],
    ["semicolons and decimal commas", "a;b\n1,5;2\n", "a VARCHAR, b BIGINT", [["1,5", "2"]]],
    ["tabs", "a\tb\n1\tx, y\n", "a BIGINT, b VARCHAR", [["1", "x, y"]]],
    ["one column", 'text\n"a,b"\nc\n', "text VARCHAR", [["a,b"], ["c"]]],
    ["single quotes", "a,b\n1,'x,y'\n", "a BIGINT, b VARCHAR", [["1", "x,y"]]],
    [
      "backslash escapes",
      'a,b\n"x\\"y",1\n"z",2\n',
      "a VARCHAR, b BIGINT",
      [
        ['x"y', "1"],
        ["z", "2"],
      ],
    ],
    ["a quote inside an unquoted field", 'a,b\n1,5" screw\n', "a BIGINT, b VARCHAR", [["1", '5" screw']]],
    [
      "codes with leading zeros",
      "zip,n\n00501,1\n10001,2\n",
      "zip VARCHAR, n BIGINT",
      [
        ["00501", "1"],
        ["10001", "2"],
      ],
    ],
    ["whole numbers beyond 64 bits", "n\n9223372036854775808\n1\n", "n HUGEINT", [["9223372036854775808"], ["1"]]],
    ["formulas", "a,b\n=1+1,=cmd|' /C calc'!A0\n", "a VARCHAR, b VARCHAR", [["=1+1", "=cmd|' /C calc'!A0"]]],
    ["a NUL in a field", "a,b\n1,x\0y\n", "a BIGINT, b VARCHAR", [["1", "x\0y"]]],
    ["days", "d,n\n2024-02-29,1\n", "d DATE, n BIGINT", [["2024-02-29", "1"]]],
    [
      "no header",
      "1,x\n2,y\n",
      "column0 BIGINT, column1 VARCHAR",
      [
        ["1", "x"],
        ["2", "y"],
      ],
    ],
  ])("%s", async (_, content, columns, rows) => {
    await withSession(async (fixture) => {
      const found = await read(fixture, [await fixture.write("in.csv", content)]);
      expect([found.columns, found.rows]).toEqual([columns, rows]);
    });
  });

  test("a quote that first appears behind the sample", async () => {
    await withSession(async (fixture) => {
      const lines = Array.from({ length: 30_000 }, (_, index) =>
        index === 20_500 ? `${index},"a, ""b""\nc"` : `${index},n${index}`,
      );
      const found = await read(fixture, [await fixture.write("late.csv", `id,name\n${lines.join("\n")}\n`)], {
        sample_size: 20_480,
      });
      expect(found.rows).toHaveLength(30_000);
      expect(found.rows[20_500]).toEqual(["20500", 'a, "b"\nc']);
    });
  });

  test("a file name with quotes, line breaks, glob characters and a dash", async () => {
    await withSession(async (fixture) => {
      await fixture.write("decoy.csv", "a\n9\n");
      const names = ["it's\n*[x]{a,b}.csv", "-lead.csv", "*.csv", "a?.csv", "[a].csv"];
      for (const [index, name] of names.entries()) {
        const found = await read(fixture, [await fixture.write(`odd/${name}`, `a\n${index}\n`)]);
        expect(found.rows).toEqual([[String(index)]]);
      }
    });
  });

  test("10,000 tiny files are one source", { timeout: 30_000 }, async () => {
    await withSession(async (fixture) => {
      const paths = await Promise.all(
        Array.from({ length: 10_000 }, async (_, index) => fixture.write(`tiny/${index}.csv`, `n\n${index}\n`)),
      );
      const { session } = fixture;
      const described = await session.describeSource({ uris: paths, format: "csv", options: {} });
      expect(described.files).toHaveLength(10_000);
      const relation = await session.scan(
        { uris: paths, format: "csv", options: described.options, columns: described.columns },
        "tiny",
      );
      // Gauss: 9,999 · 10,000 / 2.
      expect(
        await fixture.select("select count(*)::integer as c, sum(n)::varchar as s from raw", { raw: relation }),
      ).toEqual([[10_000, "49995000"]]);
    });
  });

  test("gzip and Zstandard, by name and by option", async () => {
    await withSession(async (fixture) => {
      const content = "a,b\n1,x\n2,y\n";
      const expected = [
        ["1", "x"],
        ["2", "y"],
      ];
      expect((await read(fixture, [await fixture.write("in.csv.gz", gzipSync(content))])).rows).toEqual(expected);
      expect((await read(fixture, [await fixture.write("in.csv.zst", zstdCompressSync(content))])).rows).toEqual(
        expected,
      );
      expect(
        (await read(fixture, [await fixture.write("in.dat", gzipSync(content))], { compression: "gzip" })).rows,
      ).toEqual(expected);
      // Members one after the other are one text.
      const twice = Buffer.concat([gzipSync("a,b\n1,x\n"), gzipSync("2,y\n")]);
      expect((await read(fixture, [await fixture.write("two.csv.gz", twice)])).rows).toEqual(expected);
    });
  });
});

describe("files that are refused", () => {
  test.each([
    ["nothing in it", "", "describe"],
    ["a PNG", Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), "describe"],
    ["a Parquet file", Buffer.from("PAR1xxxxPAR1"), "describe"],
    ["an HTML page", "<!DOCTYPE html>\n<html><body>log in</body></html>\n", "describe"],
    ["gzip without its name", gzipSync("a\n1\n"), "describe"],
    ["a ragged line", "a,b,c\n1,2,3\n4,5\n6,7,8\n", "read"],
    ["a quote that is never closed", 'a,b\n1,"x"\n2,"y\n', "describe"],
    ["Latin-1 bytes", Buffer.from("a,b\n1,caf\u{e9}\n", "latin1"), "read"],
  ] as const)("%s is DATA_INVALID_FILE and names the file", async (_, content, when) => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.csv", content);
      if (when === "read") await fixture.session.describeSource({ uris: [path], format: "csv", options: {} });
      const error = await errorOf(read(fixture, [path]));
      expect([error.code, error.fault]).toEqual(["DATA_INVALID_FILE", "data"]);
      expect(`${error.message} ${JSON.stringify(error.context)}`).toContain("in.csv");
    });
  });

  test("a ragged line is named by its number", async () => {
    await withSession(async (fixture) => {
      const error = await errorOf(read(fixture, [await fixture.write("in.csv", "a,b,c\n1,2,3\n4,5\n")]));
      expect(error.context).toMatchObject({ label: "source", fileLine: 3 });
    });
  });

  test("a cut archive fails although DuckDB reads it to its end without a word", async () => {
    await withSession(async (fixture) => {
      const { session } = fixture;
      const lines = Array.from({ length: 30_000 }, (_, index) => `${index},name ${index}`).join("\n");
      for (const [name, packed] of [
        ["a.csv.gz", gzipSync(`id,name\n${lines}\n`)],
        ["a.csv.zst", zstdCompressSync(`id,name\n${lines}\n`)],
      ] as const) {
        for (const length of [packed.length - 1, Math.floor(packed.length / 2)]) {
          const path = await fixture.write(name, packed.subarray(0, length));
          const source = csvSource(
            path,
            { id: "BIGINT", name: "VARCHAR" },
            { quote: '"', escape: '"', skip: 0, strict_mode: true },
          );
          for (const attempt of [fixture.tapped, session.count.bind(session)]) {
            // A cut inside the first 256 KiB is seen with the header.
            const error = await errorOf(session.scan(source, "packed").then(async (relation) => attempt(relation)));
            expect([error.code, error.context["file"]]).toEqual(["DATA_INVALID_FILE", path]);
          }
        }
      }
    });
  });

  test.each([
    ["two columns of one name", "a,a\n1,2\n", /columns 1 and 2 are both named "a"/],
    ["names that differ in case only", "id,ID\n1,2\n", /columns 1 and 2/],
    ["a column without a name", "a,,c\n1,2,3\n", /column 2 has no name/],
  ])("%s is SOURCE_DUPLICATE_COLUMN", async (_, content, message) => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.csv", content);
      const error = await errorOf(fixture.session.describeSource({ uris: [path], format: "csv", options: {} }));
      expect(error.code).toBe("SOURCE_DUPLICATE_COLUMN");
      expect(error.message).toMatch(message);
      // What the message advises works.
      const width = content.split("\n")[0]?.split(",").length ?? 0;
      const columns = columnsOf(
        Object.fromEntries(Array.from({ length: width }, (_each, index) => [`c${index}`, "INTEGER"])),
      );
      const relation = await fixture.session.scan(
        { uris: [path], format: "csv", options: { header: false, skip: 1 }, columns },
        "mended",
      );
      expect(await fixture.rows(relation)).toEqual([Array.from({ length: width }, (_each, index) => index + 1)]);
    });
  });
});

describe("several files", () => {
  test("columns are found by name where headers have another order", async () => {
    await withSession(async (fixture) => {
      const first = await fixture.write("1.csv", "a,b\n1,x\n");
      const second = await fixture.write("2.csv", "b,a\ny,2\n");
      expect((await read(fixture, [first, second])).rows).toEqual([
        ["1", "x"],
        ["2", "y"],
      ]);
    });
  });

  test("a later file with other columns is refused, and taken where they may differ", async () => {
    await withSession(async (fixture) => {
      const first = await fixture.write("1.csv", "a,b\n1,x\n");
      for (const [other, problem] of [
        ["a\n2\n", 'no column "b"'],
        ["a,b,c\n2,y,3\n", 'a column "c"'],
      ] as const) {
        const second = await fixture.write("2.csv", other);
        const error = await errorOf(read(fixture, [first, second]));
        expect(error.code).toBe("DATA_INVALID_FILE");
        expect(error.message).toContain("2.csv");
        expect(error.message).toContain(problem);
      }
      const all = await read(fixture, [first, await fixture.write("2.csv", "c,a\n3,2\n")], { union_by_name: true });
      expect([all.columns, all.rows]).toEqual([
        "a BIGINT, b VARCHAR, c BIGINT",
        [
          ["1", "x", null],
          ["2", null, "3"],
        ],
      ]);
    });
  });

  test("types are those that all files hold", async () => {
    await withSession(async (fixture) => {
      const paths = [
        await fixture.write("1.csv", "n,d,t,e\n1,2024-01-01,1,\n"),
        await fixture.write("2.csv", "n,d,t,e\n1.5,2024-01-01 10:00:00,x,\n"),
        await fixture.write("3.csv", "n,d,t,e\n2,2024-01-02,3,7\n"),
      ];
      const found = await read(fixture, paths);
      expect(found.columns).toBe("n DOUBLE, d TIMESTAMP, t VARCHAR, e BIGINT");
      expect(found.rows).toHaveLength(3);
    });
  });

  test("a glob is expanded in order, and nothing is taken from paths unless asked for", async () => {
    await withSession(async (fixture) => {
      for (const year of [2023, 2024]) await fixture.write(`y/year=${year}/in.csv`, `n\n${year % 100}\n`);
      const pattern = `${fixture.folder}/y/*/*.csv`;
      expect(await read(fixture, [pattern])).toMatchObject({ columns: "n BIGINT", rows: [["23"], ["24"]] });
      const hive = await read(fixture, [pattern], { hive_partitioning: true });
      expect([hive.columns, hive.rows]).toEqual([
        "n BIGINT, year BIGINT",
        [
          ["23", "2023"],
          ["24", "2024"],
        ],
      ]);
      const named = await read(fixture, [pattern], { filename: true });
      expect(named.columns).toBe("n BIGINT, filename VARCHAR");
      expect(JSON.stringify(named.rows)).toContain("year=2023");
    });
  });
});

describe("declared columns", () => {
  test("a column that the file lacks is SOURCE_UNREADABLE with a suggestion", async () => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.csv", "amount,day\n1,2024-01-01\n");
      const error = await errorOf(fixture.session.describeSource(csvSource(path, { amuont: "BIGINT", day: "DATE" })));
      expect([error.code, error.context["suggestion"]]).toEqual(["SOURCE_UNREADABLE", "amount"]);
    });
  });

  test("columns beside the declared ones are refused unless `subset` says so", async () => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.csv", "a,b,c\n1,x,2\n");
      const source = csvSource(path, { c: "INTEGER", a: "INTEGER" });
      expect((await errorOf(fixture.session.describeSource(source))).message).toContain('"b"');
      expect((await errorOf(fixture.session.scan(source, "raw"))).code).toBe("SOURCE_UNREADABLE");
      const subset = { ...source, options: { ...source.options, subset: true } };
      expect(await fixture.rows(await fixture.session.scan(subset, "raw"))).toEqual([[2, 1]]);
    });
  });

  test("a column that is never null fails on a row without it, and only then", async () => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.csv", "id,n\n1,2\n,3\n");
      const raw = await fixture.session.scan(csvSource(path, { id: "BIGINT!", n: "INTEGER" }), "raw");
      const error = await errorOf(fixture.tapped(raw));
      expect([error.fault, error.message]).toEqual([
        "data",
        'column "id" is declared never null, and a row has no value in it',
      ]);
      const whole = await fixture.write("whole.csv", "id,n\n1,2\n3,\n");
      expect(
        await fixture.rows(await fixture.session.scan(csvSource(whole, { id: "BIGINT!", n: "INTEGER" }), "raw")),
      ).toEqual([
        ["1", 2],
        ["3", null],
      ]);
    });
  });

  test("the header decides where `header` is not said", async () => {
    await withSession(async (fixture) => {
      const columns = columnsOf({ a: "INTEGER", b: "VARCHAR" });
      for (const content of ["a,b\n1,x\n", "1,x\n"]) {
        const uris = [await fixture.write("in.csv", content)];
        const relation = await fixture.session.scan({ uris, format: "csv", options: {}, columns }, "raw");
        expect(await fixture.rows(relation)).toEqual([[1, "x"]]);
      }
    });
  });

  test("formats, null texts and encodings are those that are said", async () => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.csv", Buffer.from("d;n;t\n29.02.2024;1,5;caf\u{e9}\nNA;NA;NA\n", "latin1"));
      const source = csvSource(
        path,
        { d: "DATE", n: "DOUBLE", t: "VARCHAR" },
        { delim: ";", dateformat: "%d.%m.%Y", decimal_separator: ",", nullstr: ["NA"], encoding: "latin-1" },
      );
      expect(await fixture.rows(await fixture.session.scan(source, "raw"))).toEqual([
        ["2024-02-29", 1.5, "caf\u{e9}"],
        [null, null, null],
      ]);
    });
  });
});

describe("reading options", () => {
  test.each([
    [{ ignore_errors: true }, /loses rows without a word/],
    [{ null_padding: true }, /loses rows without a word/],
    [{ delimitr: ";" }, /is not an option of csv/],
    [{ haeder: true }, /did you mean "header"\?/],
    [{ header: "yes" }, /must be true or false; received "yes"/],
    [{ skip: 1.5 }, /must be a whole number/],
  ])("%o is refused", async (options, message) => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.csv", "a\n1\n");
      const error = await errorOf(fixture.session.describeSource({ uris: [path], format: "csv", options: options }));
      expect([error.code, error.fault]).toEqual(["SOURCE_UNREADABLE", "config"]);
      expect(error.message).toMatch(message);
    });
  });

  test("a missing file suggests its neighbour", async () => {
    await withSession(async (fixture) => {
      await fixture.write("orders.csv", "a\n1\n");
      const error = await errorOf(
        fixture.session.describeSource({ uris: [`${fixture.folder}/ordres.csv`], format: "csv", options: {} }),
      );
      expect([error.code, error.context["suggestion"]]).toEqual(["SOURCE_NOT_FOUND", "orders.csv"]);
    });
  });
});
