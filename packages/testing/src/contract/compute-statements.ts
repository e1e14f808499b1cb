import { mkdir, readdir, stat } from "node:fs/promises";
import { quoteIdentifier } from "@millrace/foundation";
import type { FileFormat, JsonValue } from "@millrace/protocols";
import { expect } from "vitest";
import { errorOf } from "./checks.ts";
import { columnsOf, rowsOf, typesOf } from "./compute-bench.ts";
import type { ComputeBench } from "./compute-bench.ts";
import type { Facts } from "./gap.ts";

const people = {
  columns: { id: "INTEGER", name: "VARCHAR" },
  lines: ["1,Ada", '2,"Grace ""the"" H, ü😀"', "3,"],
};

/** Relations by SQL, and what one statement writes. */
export const statementFacts: Facts<ComputeBench> = {
  "materialise writes CSV as it says": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", people);
    const kept = await session.query("select id, name from raw where id < 3 order by id", {
      inputs: { raw },
      label: "kept",
    });
    const result = await bench.save(session, kept, {
      name: "out.csv",
      format: "csv",
      options: { header: true, delim: ";" },
    });
    expect(await bench.text("out.csv")).toBe('id;name\n1;Ada\n2;"Grace ""the"" H, ü😀"\n');
    expect(result.rows).toBe(2);
    expect(typesOf(result.columns)).toEqual(typesOf(columnsOf(people.columns)));
    expect(result.files).toEqual([
      expect.objectContaining({ uri: result.path, sizeBytes: (await stat(result.path)).size }) as unknown,
    ]);
    expect(result.durationMs).toBeGreaterThanOrEqual(0);
  },
  ...Object.fromEntries(
    (["csv", "json", "ndjson", "parquet"] as const).map((format) => [
      `${format} round trip keeps nulls, quotes, line breaks and every character`,
      async (bench: ComputeBench) => roundTrip(bench, format),
    ]),
  ),
  "a relation without rows is written with its columns": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", people);
    const none = await session.query("select * from raw where id > 10", { inputs: { raw }, label: "none" });
    const csv = await bench.save(session, none, { name: "none.csv", format: "csv", options: { header: true } });
    expect([csv.rows, await bench.text("none.csv")]).toEqual([0, "id,name\n"]);
    const parquet = await bench.save(session, none, { name: "none.parquet", format: "parquet" });
    expect(parquet.rows).toBe(0);
    const described = await session.describeSource({ uris: [parquet.path], format: "parquet", options: {} });
    expect(typesOf(described.columns)).toEqual(typesOf(columnsOf(people.columns)));
  },
  "a folder target has files whose rows add up": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 50_000);
    const folder = bench.path("parts");
    await mkdir(folder);
    const target = { form: "folder", uri: folder, format: "parquet", options: {} } as const;
    const result = await session.materialise(numbers, target);
    expect(result.rows).toBe(50_000);
    expect(result.files.length).toBeGreaterThan(0);
    for (const file of result.files) expect((await stat(file.uri)).size).toBe(file.sizeBytes);
    expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".parquet"))).toHaveLength(
      result.files.length,
    );
    const uris = result.files.map((file) => file.uri);
    const back = await session.scan({ uris, format: "parquet", options: {} }, "back");
    expect(await session.count(back)).toBe(50_000);
  },
  "partition_by makes a folder for each value": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", {
      columns: { region: "VARCHAR", n: "INTEGER" },
      lines: ["eu,1", "us,2", "eu,3"],
    });
    const folder = bench.path("parts");
    await mkdir(folder);
    const options = { partition_by: ["region"] };
    const result = await session.materialise(raw, { form: "folder", uri: folder, format: "parquet", options });
    expect(result.rows).toBe(3);
    expect((await readdir(folder)).toSorted()).toEqual(["region=eu", "region=us"]);
    for (const file of result.files) expect((await stat(file.uri)).size).toBe(file.sizeBytes);
  },
  "equal input names of different steps never meet in one statement": async (bench) => {
    const session = await bench.openSession();
    const left = await bench.csv(session, "left_source", {
      columns: { k: "INTEGER", v: "INTEGER" },
      lines: ["1,10", "2,20"],
    });
    const right = await bench.csv(session, "right_source", {
      columns: { k: "INTEGER", v: "INTEGER" },
      lines: ["1,7", "2,8"],
    });
    const a = await session.query("select k, v + 1 as v from raw", { inputs: { raw: left }, label: "a" });
    // A CTE of the author's own with the name of another step's input, and one with the name of another step.
    const b = await session.query("with a as (select k, v * 100 as v from raw) select * from a", {
      inputs: { raw: right },
      label: "b",
    });
    const joined = await session.query("select l.k, l.v as a, raw.v as b from l join raw on l.k = raw.k order by 1", {
      inputs: { l: a, raw: b },
      label: "joined",
    });
    expect(await rowsOf(session, joined)).toEqual([
      [1, 11, 700],
      [2, 21, 800],
    ]);
    const result = await bench.save(session, joined, { name: "joined.csv", format: "csv", options: { header: false } });
    expect([result.rows, await bench.text("joined.csv")]).toEqual([2, "1,11,700\n2,21,800\n"]);
  },
  "any input name and any label work": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", { columns: { n: "INTEGER" }, lines: ["1", "2"] });
    let relation = raw;
    for (const name of ["select", 'a"b', "x; drop table y; --", "ä 😀", "UPPER", "a.b", "a".repeat(200)]) {
      relation = await session.query(`select n + 1 as n from ${quoteIdentifier(name)}`, {
        inputs: { [name]: relation },
        label: `label ${name}'s`,
      });
    }
    const result = await bench.save(session, relation, { name: "out.csv", format: "csv", options: { header: false } });
    expect([result.rows, await bench.text("out.csv")]).toEqual([2, "8\n9\n"]);
  },
  "an input that the text does not read, and a text without inputs, are fine": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", people);
    const one = await session.query("select 1 as one", { inputs: { unused: raw }, label: "one" });
    expect(await rowsOf(session, one)).toEqual([[1]]);
  },
  "a text that ends in a comment or a semicolon is one SELECT": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", people);
    const commented = await session.query("select id from raw -- all of them", { inputs: { raw }, label: "commented" });
    const closed = await session.query("select id from src where id > 1; /* done */ ", {
      inputs: { src: commented },
      label: "closed",
    });
    const result = await bench.save(session, closed, { name: "out.csv", format: "csv", options: { header: false } });
    expect(result.rows).toBe(2);
  },
  "one relation feeds several statements at the same time": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 20_000);
    const even = await session.query("select n from raw where n % 2 = 0", { inputs: { raw: numbers }, label: "even" });
    const saved = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (index) => {
        const part = await session.query(`select n from raw where n % 3 = ${index % 3}`, {
          inputs: { raw: even },
          label: `p${index}`,
        });
        return bench.save(session, part, { name: `p${index}.parquet`, format: "parquet" });
      }),
    );
    // 10,000 even numbers below 20,000: 0 mod 3 has one more than the others.
    expect(saved.map((result) => result.rows)).toEqual([3333, 3333, 3334, 3333, 3333, 3334]);
  },
  "two sessions with equal names never meet": async (bench) => {
    const [one, two] = [await bench.openSession(), await bench.openSession()];
    const counts = await Promise.all(
      [[one, 10] as const, [two, 20] as const].map(async ([session, limit], index) => {
        const lines = Array.from({ length: limit }, (_, line) => String(line));
        const source = await bench.csvSource(`raw${index}.csv`, { columns: { n: "INTEGER" }, lines });
        const raw = await session.scan(source, "raw");
        const step = await session.query("select * from raw", { inputs: { raw }, label: "step" });
        return (await bench.save(session, step, { name: `out${index}.parquet`, format: "parquet" })).rows;
      }),
    );
    expect(counts).toEqual([10, 20]);
  },
  "a value that cannot be cast names step, line and column": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", { columns: { id: "INTEGER", s: "VARCHAR" }, lines: ["1,7", "2,x"] });
    const first = await session.query("select id, s, 'ü😀' as note from raw where id > 0", {
      inputs: { raw },
      label: "first",
    });
    const line = "  'ü😀' as mark, cast(s as bigint) as n";
    const typed = await session.query(`select id,\n${line}\nfrom src`, { inputs: { src: first }, label: "typed" });
    const last = await session.query("select max(n) as m from src", { inputs: { src: typed }, label: "last" });
    const error = await errorOf(bench.save(session, last, { name: "out.parquet", format: "parquet" }));
    expect(error).toMatchObject({ code: "DATA_CONVERSION", failureClass: "terminal", fault: "data" });
    expect(error.context).toMatchObject({ label: "typed", line: 2 });
    const from = line.indexOf("cast(") + 1;
    expect(error.context["column"]).toBeGreaterThanOrEqual(from);
    expect(error.context["column"]).toBeLessThanOrEqual(from + "cast(s as bigint)".length);
    const taken = await session.sample(first, 5);
    expect(taken.rows).toHaveLength(2);
  },
  "sample gives the first rows with values that JSON can hold": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", { columns: { n: "INTEGER" }, lines: ["1", "2", "3"] });
    const typed = await session.query(
      "select n, cast(9007199254740993 as bigint) as big, cast(12.30 as decimal(12,2)) as money, cast('NaN' as double) as nan, " +
        "cast('Infinity' as double) as inf, cast('-Infinity' as double) as minus, cast('2024-02-29' as date) as day, " +
        "cast('2024-02-29 12:30:00.123456' as timestamp) as at, n = 1 as first, cast(null as double) as nothing from raw order by n",
      { inputs: { raw }, label: "typed" },
    );
    const two = await session.sample(typed, 2);
    expect(two.truncated).toBe(true);
    expect(two.rows).toHaveLength(2);
    expect(two.columns.map((column) => column.name)).toEqual([
      "n",
      "big",
      "money",
      "nan",
      "inf",
      "minus",
      "day",
      "at",
      "first",
      "nothing",
    ]);
    const [n, big, money, nan, inf, minus, day, at, first, nothing] = two.rows[0] ?? [];
    expect([n, big, money, nan, inf, minus, day, first, nothing]).toEqual([
      1,
      "9007199254740993",
      "12.30",
      "NaN",
      "Infinity",
      "-Infinity",
      "2024-02-29",
      true,
      null,
    ]);
    expect(at).toMatch(/^2024-02-29[T ]12:30:00\.123456/);
    expect(JSON.parse(JSON.stringify(two.rows))).toEqual(two.rows);
    expect(await session.sample(typed, 3)).toMatchObject({ truncated: false });
  },
  "count is exact": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 12_345);
    const odd = await session.query("select n from raw where n % 2 = 1", { inputs: { raw: numbers }, label: "odd" });
    expect([await session.count(numbers), await session.count(odd)]).toEqual([12_345, 6172]);
  },
  "empty has its columns and no rows, and joins": async (bench) => {
    const session = await bench.openSession();
    const columns = columnsOf({ id: "INTEGER", region: "VARCHAR", price: "DECIMAL(18,2)", tags: "VARCHAR[]" });
    const regions = await session.empty(columns, "regions");
    const sample = await session.sample(regions, 1);
    expect([typesOf(sample.columns), sample.rows, sample.truncated]).toEqual([typesOf(columns), [], false]);
    const raw = await bench.csv(session, "raw", people);
    const joined = await session.query("select raw.id, r.region from raw left join r on r.id = raw.id order by 1", {
      inputs: { raw, r: regions },
      label: "joined",
    });
    expect(await rowsOf(session, joined)).toEqual([
      [1, null],
      [2, null],
      [3, null],
    ]);
  },
};

async function roundTrip(bench: ComputeBench, format: FileFormat): Promise<void> {
  const session = await bench.openSession();
  const records = [
    { id: 1, text: "plain", n: 1.5, day: "2024-02-29" },
    { id: 2, text: null, n: null, day: null },
    { id: 3, text: "quote \" and \\ and '", n: -0.25, day: "1969-12-31" },
    { id: 4, text: "line\nbreak\r\nand\ttab, comma; semicolon", n: 1e300, day: "0001-01-01" },
    { id: 5, text: "ü 漢字 😀 e\u0301", n: 0.1, day: "9999-12-31" },
    { id: 6, text: " blank ", n: 3, day: "2000-01-01" },
  ];
  const path = await bench.write("in.ndjson", records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const columns = columnsOf({ id: "INTEGER", text: "VARCHAR", n: "DOUBLE", day: "DATE" });
  const raw = await session.scan({ uris: [path], format: "ndjson", options: {}, columns }, "raw");
  const expected: readonly (readonly JsonValue[])[] = records.map(({ id, text, n, day }) => [id, text, n, day]);
  const ordered = async (relation: typeof raw): Promise<readonly (readonly JsonValue[])[]> =>
    rowsOf(
      session,
      await session.query("select * from raw order by id", { inputs: { raw: relation }, label: "ordered" }),
    );
  expect(await ordered(raw)).toEqual(expected);
  const options = format === "csv" ? { header: true } : {};
  const result = await bench.save(session, raw, { name: `data.${format}`, format, options });
  expect(result.rows).toBe(records.length);
  const back = await session.scan({ uris: [result.path], format, options, columns }, "back");
  expect(await ordered(back)).toEqual(expected);
}
