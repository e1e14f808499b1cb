import { expect } from "vitest";
import { errorOf } from "./checks.ts";
import { columnsOf, rowsOf, typesOf } from "./compute-bench.ts";
import type { ComputeBench } from "./compute-bench.ts";
import type { Facts } from "./gap.ts";

/** What metadata and a sample say of files, and what is read from them. */
export const sourceFacts: Facts<ComputeBench> = {
  "describeSource of CSV makes the sniffed dialect explicit": async (bench) => {
    const session = await bench.openSession();
    const path = await bench.write("in.csv", 'id;name;day\n1;"a;b";2024-02-29\n2;ü;2024-03-01\n');
    const described = await session.describeSource({ uris: [path], format: "csv", options: {} });
    expect(typesOf(described.columns)).toEqual(typesOf(columnsOf({ id: "BIGINT", name: "VARCHAR", day: "DATE" })));
    expect(described.options).toMatchObject({ delim: ";", header: true, quote: '"' });
    expect(described.files).toHaveLength(1);
    expect(described.files[0]?.sizeBytes).toBe(Buffer.byteLength('id;name;day\n1;"a;b";2024-02-29\n2;ü;2024-03-01\n'));
  },
  "describeSource with its own answer gives that answer again": async (bench) => {
    const session = await bench.openSession();
    const path = await bench.write("in.csv", "id|n\n1|1.5\n2|2.5\n");
    const source = { uris: [path], format: "csv", options: {} } as const;
    const first = await session.describeSource(source);
    const second = await session.describeSource({ ...source, options: first.options, columns: first.columns });
    expect(second.columns).toEqual(first.columns);
    expect(second.options).toEqual(first.options);
  },
  "declared columns of a CSV are taken as they are": async (bench) => {
    const session = await bench.openSession();
    const path = await bench.write("in.csv", "zip,n\n00501,1\n02134,2\n");
    const columns = columnsOf({ zip: "VARCHAR", n: "INTEGER" });
    const source = { uris: [path], format: "csv", options: { header: true, delim: "," }, columns } as const;
    const described = await session.describeSource(source);
    expect(typesOf(described.columns)).toEqual(typesOf(columns));
    expect(await rowsOf(session, await session.scan(source, "zips"))).toEqual([
      ["00501", 1],
      ["02134", 2],
    ]);
  },
  "JSON and NDJSON are described and read with nulls and nested values": async (bench) => {
    const session = await bench.openSession();
    const records = [
      { id: 1, name: "ä", place: { lat: 1.5 } },
      { id: 2, name: null, place: null },
    ];
    const json = await bench.write("in.json", JSON.stringify(records));
    const ndjson = await bench.write("in.ndjson", records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    for (const [uri, format] of [
      [json, "json"],
      [ndjson, "ndjson"],
    ] as const) {
      const source = { uris: [uri], format, options: {} };
      const described = await session.describeSource(source);
      expect(typesOf(described.columns)).toEqual(
        typesOf(columnsOf({ id: "BIGINT", name: "VARCHAR", place: "STRUCT(lat DOUBLE)" })),
      );
      const relation = await session.query("select cast(id as integer) as id, name, place from raw", {
        inputs: {
          raw: await session.scan({ ...source, options: described.options, columns: described.columns }, format),
        },
        label: `read_${format}`,
      });
      expect(await rowsOf(session, relation)).toEqual([
        [1, "ä", { lat: 1.5 }],
        [2, null, null],
      ]);
    }
  },
  "describeSource of Parquet knows columns and rows by the footer": async (bench) => {
    const session = await bench.openSession();
    await bench.numbers(session, "numbers", 5000);
    const described = await session.describeSource({
      uris: [bench.path("numbers.parquet")],
      format: "parquet",
      options: {},
    });
    expect(typesOf(described.columns)).toEqual(typesOf(columnsOf({ n: "BIGINT" })));
    expect(described.rows).toBe(5000);
  },
  "rows of a CSV are unknown before it is read": async (bench) => {
    const session = await bench.openSession();
    const path = await bench.write("in.csv", "a,b\n1,2\n");
    const { rows } = await session.describeSource({ uris: [path], format: "csv", options: {} });
    expect(rows).toBeUndefined();
  },
  "several files are one source, listed each": async (bench) => {
    const session = await bench.openSession();
    const first = await bench.write("in/1.csv", "a,b\n1,x\n");
    const second = await bench.write("in/it's 2.csv", "a,b\n2,y\n3,z\n");
    const columns = columnsOf({ a: "INTEGER", b: "VARCHAR" });
    const source = { uris: [first, second], format: "csv", options: { header: true, delim: "," }, columns } as const;
    const described = await session.describeSource(source);
    expect(described.files.map((file) => file.sizeBytes)).toEqual([8, 12]);
    const both = await session.scan(source, "both");
    const ordered = await session.query("select * from src order by a", { inputs: { src: both }, label: "ordered" });
    expect(await rowsOf(session, ordered)).toEqual([
      [1, "x"],
      [2, "y"],
      [3, "z"],
    ]);
  },
  "a missing file is SOURCE_NOT_FOUND and names it": async (bench) => {
    const session = await bench.openSession();
    const uri = bench.path("absent.csv");
    const error = await errorOf(session.describeSource({ uris: [uri], format: "csv", options: {} }));
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", failureClass: "terminal" });
    expect(error.message).toContain("absent.csv");
  },
  "a file that is not what its format says is refused": async (bench) => {
    const session = await bench.openSession();
    const uri = await bench.write("fake.parquet", "<html>please log in</html>");
    const error = await errorOf(session.describeSource({ uris: [uri], format: "parquet", options: {} }));
    expect(["SOURCE_UNREADABLE", "DATA_INVALID_FILE"]).toContain(error.code);
    expect(error.message).toContain("fake.parquet");
  },
  "a value that does not fit its declared column fails when rows are read, and names the source": async (bench) => {
    const session = await bench.openSession();
    const lines = [...Array.from({ length: 3000 }, (_, index) => `${index},${index}`), "3000,many"];
    const raw = await bench.csv(session, "raw_orders", { columns: { id: "BIGINT", n: "BIGINT" }, lines });
    const total = await session.query("select sum(n) as total from raw", { inputs: { raw }, label: "total" });
    const error = await errorOf(bench.save(session, total, { name: "out.parquet", format: "parquet" }));
    expect(error).toMatchObject({ code: "DATA_CONVERSION", failureClass: "terminal", fault: "data" });
    expect(error.context["label"]).toBe("raw_orders");
  },
};
