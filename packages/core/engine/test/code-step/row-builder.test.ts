import { spawnSync } from "node:child_process";
import * as arrow from "apache-arrow";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { CellReader } from "../../src/code-step/cell-reader.ts";
import { ByteBudget } from "../../src/code-step/cell-writer.ts";
import { createColumnWriter } from "../../src/code-step/column-writer.ts";
import { createPlainRowBuilder, createRowBuilder } from "../../src/code-step/row-builder.ts";
import { createPlainRowWriter, createRowWriter } from "../../src/code-step/row-writer.ts";

const settings = { arrow, budget: new ByteBudget() };
const hostile = [
  '"',
  "\\",
  "`${1}`",
  "\u2028",
  "__proto__",
  "constructor",
  "a]: (() => { throw 1 })(), [b",
  "",
  "né 🦆",
];

/** A reader whose cell is the name and the row. */
function readerOf(name: string): CellReader {
  return { bind: () => undefined, get: (index) => `${name}:${index}` };
}

test("generated and plain builders give the same own properties for any names", () => {
  const anyName = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(fc.uniqueArray(anyName, { maxLength: 6 }), fc.nat(1000), (names, index) => {
      const readers = names.map((one) => readerOf(one));
      const row = createRowBuilder(names, readers)(index);
      expect(Object.entries(row)).toEqual(Object.entries(createPlainRowBuilder(names, readers)(index)));
      expect(new Set(Object.keys(row))).toEqual(new Set(names));
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    }),
  );
});

test("generated and plain writers read the same own properties for any names", () => {
  const anyName = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(fc.uniqueArray(anyName, { minLength: 1, maxLength: 6 }), fc.array(fc.boolean()), (names, given) => {
      const row = Object.fromEntries(names.flatMap((one, index) => (given.at(index) ? [[one, `${one}!`]] : [])));
      const read = [createRowWriter, createPlainRowWriter].map((create) => {
        const seen: unknown[] = [];
        const writers = names.map((name) => {
          const writer = createColumnWriter({ name, type: { type: "VARCHAR" }, nullable: true }, settings);
          return Object.assign(Object.create(writer) as typeof writer, {
            append: (value: unknown) => seen.push(value),
          });
        });
        create(writers)(row);
        return seen;
      });
      expect(read[0]).toEqual(read[1]);
      expect(read[0]).toEqual(names.map((one) => (Object.hasOwn(row, one) ? `${one}!` : undefined)));
    }),
  );
});

test("a process that forbids generated code gives the same rows", () => {
  const script = `
    import { columnsFromText } from "@millrace/foundation";
    import { createStepInput, encodeOutput } from ${JSON.stringify(new URL("../../src/code-step/index.ts", import.meta.url))};
    const columns = columnsFromText({ id: "BIGINT!", name: "VARCHAR", s: "STRUCT(a INTEGER)" });
    const pieces = [];
    for await (const piece of encodeOutput([{ id: 1, s: { a: 2 } }], columns, { step: "s" })) pieces.push(piece);
    const input = createStepInput({ schema: { origin: "bound", columns }, present: true, count: () => 1, async *ipc() { yield* pieces; } });
    for await (const row of input.rows()) console.log(JSON.stringify(row));
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--disallow-code-generation-from-strings", "--conditions=@millrace/source", "--input-type=module", "-e", script],
    { cwd: import.meta.dirname, encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(stdout).toBe('{"id":1,"name":null,"s":{"a":2}}\n');
});
