import { duckdb } from "@millrace/duckdb";
import { files } from "@millrace/files";
import { createRuntime, createTestStep, Decimal, optional, pipeline } from "@millrace/sdk";
import { rowMatchers } from "@millrace/sdk/testing";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";

expect.extend(rowMatchers);

const root = mkdtempSync(join(tmpdir(), "millrace-step-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const testStep = createTestStep(() =>
  createRuntime({ compute: [duckdb()], adapters: [files()], projectRoot: root, threads: 1 }),
);

const sent: unknown[] = [];

const shop = pipeline("shop", { params: z.object({ factor: z.number().default(2) }) }, (p) => {
  const raw = p.ingest("raw_orders", "data/orders/*.csv", {
    columns: {
      order_id: "BIGINT!",
      customer: "VARCHAR",
      amount: "DECIMAL(12,2)",
      ordered_at: "TIMESTAMP",
      tags: { list: "VARCHAR" },
      place: { struct: { lat: "DOUBLE" } },
      raw: "BLOB",
    },
  });
  const clean = p.sql(
    "clean_orders",
    { raw },
    `select order_id, amount, ordered_at::date as day, place.lat as lat, len(tags) as tags, hex(raw) as bytes from raw where amount > 0`,
  );
  const open = p.ingest("open", "anything.csv");
  p.sql("loose", { open }, `select upper(name) as name from open`);
  const scored = p.map("scored", clean, { order_id: "BIGINT!", score: "DECIMAL(12,2)" }, (row, { params }) =>
    row["amount"] === null
      ? undefined
      : { order_id: row["order_id"], score: ((row["amount"] as Decimal).toNumber() * params.factor).toFixed(2) },
  );
  p.transform("joined", { scored, raw: optional(raw) }, { rows: "BIGINT!", present: "BOOLEAN!" }, async (inputs) => [
    { rows: await inputs.scored.count(), present: inputs.raw.present },
  ]);
  p.effect("notify", { scored }, async (inputs, { idempotencyKey }) => {
    for await (const row of inputs.scored.rows()) sent.push(row["order_id"], idempotencyKey);
  });
  p.store("save", scored, "out.csv");
});

describe("testStep", () => {
  test("SQL runs over sparse rows, cast to the columns of its inputs", async () => {
    const { rows, columns } = await testStep(shop, "clean_orders", {
      raw: [
        {
          order_id: 1,
          amount: 5,
          ordered_at: "2026-01-02 03:04:05",
          tags: ["a", "b"],
          place: { lat: 1.5 },
          raw: new Uint8Array([0, 255]),
        },
        { order_id: 2, amount: -1 },
        { order_id: 3n, amount: Decimal.from("7.25"), ordered_at: new Date("2026-01-03T00:00:00Z") },
      ],
    });
    expect(rows).toMatchRows([
      { order_id: 1, amount: 5, day: "2026-01-02", lat: 1.5, tags: 2, bytes: "00FF" },
      { order_id: 3, amount: "7.25", day: "2026-01-03", lat: null },
    ]);
    expect(columns.map(({ name }) => name)).toEqual(["order_id", "amount", "day", "lat", "tags", "bytes"]);
  });

  test("no rows are rows too", async () => {
    expect((await testStep(shop, "clean_orders", { raw: [] })).rows).toEqual([]);
  });

  test("map and transform run with their parameters; a missing optional input is absent", async () => {
    const scored = await testStep(
      shop,
      "scored",
      { rows: [{ order_id: 1, amount: "1.10" }, { order_id: 2 }] },
      { params: { factor: 3 } },
    );
    expect(scored.rows).toMatchRows([{ order_id: 1, score: 3.3 }]);
    expect((await testStep(shop, "joined", { scored: [{ order_id: 1 }] })).rows).toEqual([{ rows: 1, present: false }]);
    expect((await testStep(shop, "joined", { scored: [], raw: [] })).rows).toEqual([{ rows: 0, present: true }]);
  });

  test("an effect runs and gives nothing", async () => {
    expect((await testStep(shop, "notify", { scored: [{ order_id: 7 }] })).rows).toEqual([]);
    expect(sent).toEqual([7, "test:notify"]);
  });

  test("where the source is not there, columns are those that the fixtures name", async () => {
    expect(
      (await testStep(shop, "loose", { open: [{ name: "ann", big: 2n ** 40n, when: new Date(0) }] })).rows,
    ).toEqual([{ name: "ANN" }]);
  });

  test.each<readonly [string, string, Record<string, readonly object[]>, string, string]>([
    ["a step that does not exist", "clean_order", {}, "SELECTION_EMPTY", 'Did you mean "clean_orders"?'],
    ["an input that does not exist", "clean_orders", { rw: [] }, "STEP_FIXTURE_INVALID", '"rw" is none of its inputs'],
    ["no fixture for an input", "clean_orders", {}, "STEP_FIXTURE_INVALID", 'there is no fixture for "raw"'],
    [
      "a column that does not exist",
      "clean_orders",
      { raw: [{ order_idd: 1 }] },
      "STEP_FIXTURE_INVALID",
      'row 1 has "order_idd", which is no column. Did you mean "order_id"?',
    ],
    [
      "a value that is none",
      "clean_orders",
      { raw: [{ order_id: () => 1 }] },
      "STEP_FIXTURE_INVALID",
      'row 1, column "order_id": a function cannot stand for a value',
    ],
    ["a row that is none", "clean_orders", { raw: [[1]] }, "STEP_FIXTURE_INVALID", "row 1 is no object"],
    ["a step without rows of its own", "save", { data: [] }, "STEP_FIXTURE_INVALID", "has nothing to test"],
    ["a value of another type", "clean_orders", { raw: [{ order_id: "one" }] }, "DATA_CONVERSION", "one"],
  ])("%s is said so", async (_, step, fixtures, code, message) => {
    await expect(testStep(shop, step, fixtures as never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test("leaves nothing behind", () => {
    expect(
      readdirSync(root, { recursive: true }).filter(
        (name) => !/^\.millrace(?:\/(?:\.gitignore|scratch))?$/.test(String(name)),
      ),
    ).toEqual([]);
  });
});
