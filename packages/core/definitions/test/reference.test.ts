import * as fc from "fast-check";
import { normalizeSpec } from "@millrace/definitions";
import { describe, expect, it } from "vitest";
import { goodSteps, withKeep } from "./definition-fixture.ts";

const variables = (name: string): string | undefined => ({ BUCKET: "orders", DAY: "2026-01-01" })[name];

function ingest(fields: object): ReturnType<typeof normalizeSpec> {
  return normalizeSpec({ name: "p", steps: [{ ...goodSteps[0], ...fields }] }, { variables });
}

describe("references to variables", () => {
  it("are resolved in values and params, at any depth", () => {
    const { spec, issues } = ingest({
      value: "s3://${env.BUCKET}/${env.DAY}.csv",
      params: { a: ["${env.DAY}", { b: "x${env.BUCKET}" }], n: 1 },
    });
    expect(issues).toEqual([]);
    expect(spec?.steps[0]).toMatchObject({
      value: "s3://orders/2026-01-01.csv",
      params: { a: ["2026-01-01", { b: "xorders" }], n: 1 },
    });
  });

  it("stay where they are without a lookup, and other names keep their dollar", () => {
    expect(
      normalizeSpec({ name: "p", steps: [{ ...goodSteps[0], value: "${env.BUCKET}" }] }).spec?.steps[0]?.value,
    ).toBe("${env.BUCKET}");
    expect(ingest({ value: "a$b/$1/secret:PG" }).spec?.steps[0]?.value).toBe("a$b/$1/secret:PG");
  });

  it("are written as they are with $${", () => {
    expect(ingest({ value: "$${env.BUCKET}/${env.DAY}" }).spec?.steps[0]?.value).toBe("${env.BUCKET}/2026-01-01");
  });

  it("are not for SQL text, which says so", () => {
    const { spec, issues } = normalizeSpec(
      { name: "p", steps: withKeep({ value: "select '${env.BUCKET}' from raw" }) },
      { variables },
    );
    expect(spec?.steps[1]?.value).toBe("select '${env.BUCKET}' from raw");
    expect(issues).toMatchObject([{ severity: "warning", path: ["steps", 1, "value"] }]);
    expect(issues[0]?.message).toContain("$bucket");
  });

  it.each([
    ["${params.day}", "context.params"],
    ["${BUCKET}", "known is ${env.NAME}"],
    ["${env.A B}", "letters, digits"],
    ["${env.BUCKET", 'has no "}"'],
    ["${}", "known is"],
  ])("%s is refused with what to write", (value, words) => {
    const { spec, issues } = ingest({ value });
    expect(spec).toBeUndefined();
    expect(issues).toMatchObject([{ code: "DEFINITION_VARIABLE_UNSET" }]);
    expect(issues[0]?.message).toContain(words);
  });

  it("give back every text that has none", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", "{", "}", "a", "e", ".") }), (text) => {
        fc.pre(!text.includes("${"));
        expect(ingest({ params: { text } }).spec?.steps[0]?.params).toEqual({ text });
      }),
    );
  });
});
