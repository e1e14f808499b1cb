import { formatColumnType } from "@millrace/foundation";
import type { FileFormat, JsonObject } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { columnsOf, errorOf, withSession } from "./session-fixture.ts";
import type { Fixture } from "./session-fixture.ts";

async function read(
  { session, rows }: Fixture,
  source: { readonly uris: readonly string[]; readonly format: FileFormat; readonly options: JsonObject },
): Promise<readonly [string, unknown]> {
  const described = await session.describeSource(source);
  const relation = await session.scan({ ...source, options: described.options, columns: described.columns }, "source");
  return [
    described.columns.map((column) => `${column.name} ${formatColumnType(column.type)}`).join(", "),
    await rows(relation),
  ];
}

describe("records that are read right", () => {
  test.each([
    [
      "an array",
      "json",
      '[{"a":1,"b":"x"},{"a":2}]',
      "a BIGINT, b VARCHAR",
      [
        ["1", "x"],
        ["2", null],
      ],
    ],
    ["an array over many lines", "json", '[\n  {"a": 1},\n  {"a": 2}\n]\n', "a BIGINT", [["1"], ["2"]]],
    ["objects one after the other", "json", '{"a": 1}\n{\n "a": 2\n}\n', "a BIGINT", [["1"], ["2"]]],
    [
      "a line a record",
      "ndjson",
      '{"a":1,"b":{"c":[1.5]}}\n{"a":null,"b":null}\n',
      "a BIGINT, b STRUCT(c DOUBLE[])",
      [
        ["1", { c: [1.5] }],
        [null, null],
      ],
    ],
    ["no line end at the end", "ndjson", '{"a":1}\n{"a":2}', "a BIGINT", [["1"], ["2"]]],
    ["values of several types", "ndjson", '{"a":1}\n{"a":"x"}\n', "a JSON", [["1"], ['"x"']]],
    ["whole numbers beyond 64 bits", "ndjson", '{"a":12345678901234567890}\n', "a HUGEINT", [["12345678901234567890"]]],
    [
      "a key of the last record only",
      "ndjson",
      `${'{"a":1}\n'.repeat(25_000)}{"a":1,"z":2}\n`,
      "a BIGINT, z BIGINT",
      undefined,
    ],
  ] as const)("%s", async (_, format, content, columns, rows) => {
    await withSession(async (fixture) => {
      const found = await read(fixture, { uris: [await fixture.write(`in.${format}`, content)], format, options: {} });
      expect(found[0]).toBe(columns);
      if (rows !== undefined) expect(found[1]).toEqual(rows);
      else expect(found[1]).toHaveLength(25_001);
    });
  });

  test("a text of 20 MB is one value", async () => {
    await withSession(
      async (fixture) => {
        const path = await fixture.write("in.ndjson", `{"a":"${"x".repeat(20_000_000)}"}\n`);
        const relation = await fixture.session.scan(
          {
            uris: [path],
            format: "ndjson",
            options: { maximum_object_size: 33_554_432 },
            columns: columnsOf({ a: "VARCHAR" }),
          },
          "long",
        );
        expect(await fixture.select("select length(a)::integer from raw", { raw: relation })).toEqual([[20_000_000]]);
      },
      { memoryBytes: 1_000_000_000 },
    );
  });

  test("NaN and infinities that were written are numbers again", async () => {
    await withSession(async (fixture) => {
      const { session, query, folder } = fixture;
      const floats = await query(
        "floats",
        "select * from (values (1.5::double), ('nan'), ('inf'), ('-inf'), (null)) t(x)",
      );
      for (const format of ["json", "ndjson"] as const) {
        const uri = `${folder}/floats.${format}`;
        await session.materialise(floats, { form: "file", uri, format, options: {} });
        const back = await session.scan(
          { uris: [uri], format, options: {}, columns: columnsOf({ x: "DOUBLE" }) },
          "back",
        );
        expect(await fixture.rows(back)).toEqual([[1.5], ["NaN"], ["Infinity"], ["-Infinity"], [null]]);
      }
    });
  });
});

describe("records that are refused", () => {
  test.each([
    ["a broken line", "ndjson", '{"a":1}\n{"a":\n{"a":3}\n'],
    ["an array that is cut", "json", '[{"a":1},{"a":2}'],
    ["numbers instead of records", "json", "[1,2,3]"],
    ["a thousand nested arrays", "json", "[".repeat(1000) + "]".repeat(1000)],
    ["nothing", "json", ""],
    ["an empty array", "json", " [ ] "],
    ["one key twice", "ndjson", '{"a":1,"a":2}\n'],
    ["an HTML page", "json", "<html></html>"],
  ] as const)("%s is DATA_INVALID_FILE and names the file", async (_, format, content) => {
    await withSession(async (fixture) => {
      const error = await errorOf(
        read(fixture, { uris: [await fixture.write(`in.${format}`, content)], format, options: {} }),
      );
      expect([error.code, error.fault]).toEqual(["DATA_INVALID_FILE", "data"]);
      expect(error.message).toContain(`in.${format}`);
    });
  });

  test("keys that differ in case only are SOURCE_DUPLICATE_COLUMN, and a declared one is read", async () => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.ndjson", '{"a":1,"A":2}\n');
      const source = { uris: [path], format: "ndjson", options: {} } as const;
      expect((await errorOf(fixture.session.describeSource(source))).code).toBe("SOURCE_DUPLICATE_COLUMN");
      expect(
        await fixture.rows(await fixture.session.scan({ ...source, columns: columnsOf({ a: "INTEGER" }) }, "a")),
      ).toEqual([[1]]);
    });
  });

  test("a value that does not fit its declared column fails when it is read", async () => {
    await withSession(async (fixture) => {
      const path = await fixture.write("in.ndjson", '{"a":1}\n{"a":"x"}\n');
      const relation = await fixture.session.scan(
        { uris: [path], format: "ndjson", options: {}, columns: columnsOf({ a: "INTEGER" }) },
        "typed",
      );
      const error = await errorOf(fixture.rows(relation));
      expect([error.code, error.context["label"], error.context["fileLine"]]).toEqual(["DATA_CONVERSION", "typed", 2]);
    });
  });
});
