import { isDeepStrictEqual } from "node:util";
import { columnsFromText, parseColumnType } from "@millrace/foundation";
import { typeMappings } from "@millrace/protocols";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeOutput } from "../../src/code-step/index.ts";
import { collect, inputOf, listOf } from "./step-fixture.ts";
import { everyType, valuesOf } from "./value-arbitraries.ts";

const exact = { int64: "bigint", time: "micros" } as const;

test("every column type takes part in the round trip", () => {
  const covered = new Set<string>(everyType.map((text) => parseColumnType(text).type));
  expect(new Set(Object.keys(typeMappings))).toEqual(covered);
});

test.each(everyType)("rows of %s come back as they went", async (text) => {
  const columns = columnsFromText({ v: text });
  const value = fc.option(valuesOf(parseColumnType(text)), { freq: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 12 }), async (values) => {
      const rows = values.map((v) => ({ v }));
      const pieces = await collect(encodeOutput(rows, columns, { step: "s" }));
      expect(await listOf(inputOf(columns, pieces).rows(exact))).toEqual(rows);
    }),
    { numRuns: 60 },
  );
});

test.each(everyType)("a column of %s as an array is the same as rows", async (text) => {
  const columns = columnsFromText({ v: text });
  const value = fc.option(valuesOf(parseColumnType(text)), { freq: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 12 }), async (values) => {
      const byRow = await collect(
        encodeOutput(
          values.map((v) => ({ v })),
          columns,
          { step: "s" },
        ),
      );
      expect(await collect(encodeOutput({ v: values }, columns, { step: "s" }))).toEqual(byRow);
    }),
    { numRuns: 30 },
  );
});

test.each(everyType)("Arrow batches of %s are taken as output, whole and sliced", async (text) => {
  const columns = columnsFromText({ v: text });
  const value = fc.option(valuesOf(parseColumnType(text)), { freq: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 12 }), fc.nat(11), async (values, cut) => {
      const first = inputOf(columns, await collect(encodeOutput({ v: values }, columns, { step: "s" })));
      const sliced = (await listOf(first.batches())).map((batch) =>
        (batch as { slice(from: number): unknown }).slice(cut),
      );
      const pieces = await collect(encodeOutput(sliced, columns, { step: "s" }));
      expect(await listOf(inputOf(columns, pieces).rows(exact))).toEqual(values.slice(cut).map((v) => ({ v })));
    }),
    { numRuns: 30 },
  );
});

test("rows of many columns come back through pieces of any size", async () => {
  const types = ["BIGINT", "VARCHAR", "DECIMAL(12,2)", "TIMESTAMP", "BOOLEAN", "VARCHAR[]"].map((t) =>
    parseColumnType(t),
  );
  const table = fc
    .uniqueArray(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: types.length })
    .filter((names) => names.every((name) => name.isWellFormed() && !/^\d+$/.test(name)))
    .chain((names) => {
      const columns = names.flatMap((name, index) => {
        const type = types[index];
        return type === undefined ? [] : [{ name, type, nullable: true }];
      });
      const row = fc.tuple(...columns.map(({ type }) => fc.option(valuesOf(type))));
      const rows = fc.array(row.map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]]))));
      return fc.record({ columns: fc.constant(columns), rows });
    });
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 97 }), async ({ columns, rows }, size) => {
      const bytes = Buffer.concat(await collect(encodeOutput(rows, columns, { step: "s" })));
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const read = await listOf(inputOf(columns, pieces).rows(exact));
      expect(read).toEqual(rows);
      for (const row of read) expect(Object.keys(row)).toEqual(columns.map(({ name }) => name));
    }),
  );
});

test("more rows than a batch holds come back in order, texts of several bytes and nulls among them", async () => {
  const columns = columnsFromText({ id: "INTEGER!", name: "VARCHAR", flag: "BOOLEAN", tags: "VARCHAR[]" });
  const rows = Array.from({ length: 140_001 }, (_, id) => ({
    id,
    name: id % 7 === 0 ? null : `né ${id} 🦆`.slice(0, 3 + (id % 9)).toWellFormed(),
    flag: id % 5 === 0 ? null : id % 2 === 0,
    tags: id % 11 === 0 ? null : Array.from({ length: id % 3 }, (__, n) => `t${n}`),
  }));
  const pieces = await collect(encodeOutput(rows, columns, { step: "s" }));
  const input = inputOf(columns, pieces);
  const sizes = (await listOf(input.batches())).map((batch) => (batch as { numRows: number }).numRows);
  expect(sizes).toEqual([65_536, 65_536, 8929]);
  const read = await listOf(input.rows());
  expect(read).toHaveLength(rows.length);
  expect(read.findIndex((row, index) => !isDeepStrictEqual(row, rows[index]))).toBe(-1);
});
