import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { paramsOfSchema, validateParams } from "../src/builder/param-schema.ts";

/** A library that says nothing of its schemas but whether a value fits. */
const opaque = (validate: (value: unknown) => StandardSchemaV1.Result<unknown>): StandardSchemaV1 => ({
  "~standard": { version: 1, vendor: "test", validate },
});

describe("parameters of a schema", () => {
  test("have the SQL types and defaults that the schema says", () => {
    const schema = z.object({
      day: z.iso.date(),
      at: z.iso.datetime().nullable(),
      id: z.uuid().describe("who"),
      small: z.int32(),
      big: z.int(),
      ratio: z.number().default(0.5),
      on: z.boolean().optional(),
      names: z.array(z.string()),
      kind: z.enum(["a", "b"]),
      either: z.union([z.string(), z.number()]),
      open: z.record(z.string(), z.unknown()),
    });
    expect(paramsOfSchema(schema, [])).toEqual({
      day: { type: "DATE" },
      at: { type: "TIMESTAMPTZ" },
      id: { type: "UUID", description: "who" },
      small: { type: "INTEGER" },
      big: { type: "BIGINT" },
      ratio: { type: "DOUBLE", default: 0.5 },
      on: { type: "BOOLEAN", default: null },
      names: { type: "VARCHAR[]" },
      kind: { type: "VARCHAR" },
      either: {},
      open: {},
    });
  });

  test("are those that the SQL uses, where the schema does not describe itself", () => {
    const sql = ["select $since, '$5' from raw where x > $minAmount", undefined];
    expect(
      paramsOfSchema(
        opaque((value) => ({ value })),
        sql,
      ),
    ).toEqual({ since: {}, minAmount: {} });
    expect(paramsOfSchema(z.object({ since: z.date() }), sql)).toEqual({ since: {}, minAmount: {} });
  });
});

describe("values of a run", () => {
  const names = { a: {}, b: {}, c: {}, d: {} };

  test("are what the schema makes of them, as JSON", async () => {
    const schema = opaque(() => ({
      value: {
        a: new Date("2026-01-02T03:04:05Z"),
        b: [1n, 2n ** 60n],
        c: { x: null, y: undefined },
        d: undefined,
        other: 1,
      },
    }));
    expect(await validateParams(schema, {}, names)).toEqual({
      params: { a: "2026-01-02T03:04:05.000Z", b: [1, "1152921504606846976"], c: { x: null } },
      issues: [],
    });
  });

  test.each<readonly [string, unknown]>([
    ["NaN", Number.NaN],
    ["a map", new Map()],
    ["an invalid date", new Date(Number.NaN)],
    ["a symbol", [Symbol("x")]],
    ["a function", { x: () => 1 }],
  ])("%s has no SQL literal, and is said so", async (_, value) => {
    const { issues } = await validateParams(
      opaque(() => ({ value: { a: value } })),
      {},
      names,
    );
    expect(issues.map(({ code, path }) => [code, path])).toEqual([["PARAMETER_INVALID", ["params", "a"]]]);
  });

  test("all findings come at once, with suggestions", async () => {
    const schema = z.object({ since: z.iso.date(), limit: z.int() });
    const { issues } = await validateParams(schema, { since: "soon", limt: 1 }, paramsOfSchema(schema, []));
    expect(issues.map(({ message, suggestion }) => [message, suggestion])).toEqual([
      ['there is no parameter "limt"; there are since, limit', "limit"],
      ['parameter "since": Invalid ISO date', undefined],
      [expect.stringContaining('parameter "limit"'), undefined],
    ]);
  });
});
