import * as fc from "fast-check";
import { normalizeSpec } from "@millrace/definitions";
import type { Issue } from "@millrace/protocols";
import { pipelineFileSchema, stepRowSchema } from "@millrace/protocols/schemas";
import { describe, expect, it } from "vitest";

// Editors check rows with the JSON Schema of `stepRowSchema`, the product with code of its own, which knows places and speaks
// plainly. Law: what one refuses for its form, the other refuses.

const names = ["raw", "kept", "a.b-c", "_x", "con", "a b", "", "é", "9a", "__proto__", "end."];
const name = fc.constantFrom(...names);
// zod looks away from a key `__proto__`; our reader refuses it, as its pattern does in an editor.
const datasets = fc.dictionary(
  name.filter((text) => text !== "__proto__"),
  name,
  { maxKeys: 2 },
);
const wrong = fc.constantFrom<unknown>(null, 5, true, "text", [], {}, ["a"], { a: 1 });
const duration = fc.constantFrom<unknown>("10m", "1h 30m", 5, 0, -1, 1.5, 2 ** 31, true, null);
const integer = fc.constantFrom<unknown>(0, 1, 3, 100, 101, 2.5, "3", null);

type Fields = Readonly<Record<string, unknown>>;

/** An object that is right, with up to two of its fields replaced. */
function changed(base: Fields, fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Fields> {
  return fc
    .uniqueArray(fc.constantFrom(...Object.keys(fields)), { maxLength: 2 })
    .chain((keys) => fc.tuple(...keys.map((key) => (fields[key] ?? wrong).map((value) => [key, value] as const))))
    .map((entries) => ({ ...base, ...Object.fromEntries(entries) }));
}

/** One of some values, most of the time. */
const usually = <T>(...values: readonly T[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: wrong });

const retry = fc.oneof(
  integer,
  changed(
    {},
    {
      attempts: integer,
      base: duration,
      base_ms: integer,
      cap: duration,
      factor: usually(1, 2, 0.5),
      jitter: usually("full", "none"),
      tries: wrong,
    },
  ),
);

const policy = changed(
  {},
  {
    retry,
    timeout: duration,
    timeout_ms: duration,
    on_error: usually("fail_fast", "fail_later", "ignore", "stop"),
    materialize: usually("auto", "always", "never"),
    optional_inputs: usually([]),
    columns: usually<unknown>({ id: "BIGINT!" }, { id: 5 }),
    condition: usually<unknown>(
      { field: "params.day", operator: "exists" },
      { field: "params.day" },
      { field: "params.day", operator: "is" },
    ),
    polcy: wrong,
  },
);

const metadata = changed(
  {},
  {
    policy: fc.oneof({ weight: 4, arbitrary: policy }, { weight: 1, arbitrary: wrong }),
    tags: usually(["a"]),
    medallion: usually("bronze", "tin"),
    description: usually("d"),
    explain: usually<unknown>(
      { purpose: "x", own: 1 },
      { purpose: 1 },
      { details: ["a"] },
      { formulas: { a: 1 } },
      { notes: "x" },
    ),
    own: wrong,
  },
);

const row = changed(
  { layer: "ingest", name: "read", value: "a.csv", outputs: { data: "raw" } },
  {
    name: fc.oneof(name, wrong),
    layer: usually("ingest", "Ingest", "transform"),
    type: usually("sql", "config_op"),
    engine: usually("duckdb", "spark", "pandas", "polars"),
    value: usually("select 1", "a.csv"),
    params: usually<unknown>({}, { a: [1, null, { b: "c" }] }),
    inputs: fc.oneof(datasets, wrong),
    outputs: fc.oneof(datasets, wrong),
    metadata: fc.oneof({ weight: 6, arbitrary: metadata }, { weight: 1, arbitrary: wrong }),
    input: wrong,
  },
);

/** Findings that no schema of one row can have: about its neighbours, about what its layer needs, about two fields together. */
function isOfForm({ severity, code, path, message }: Issue): boolean {
  if (
    severity !== "error" ||
    code === "DEFINITION_UNDEFINED_INPUT" ||
    code === "DEFINITION_CYCLE" ||
    code === "DEFINITION_DUPLICATE_OUTPUT"
  )
    return false;
  if (code === "DEFINITION_MISSING_KEY" && path.length === 3 && path[2] !== "name") return false;
  return !["only in case", "say the same", "is not an input of the step", "has no rows to set aside"].some((words) =>
    message.includes(words),
  );
}

function refusesForm(step: unknown): boolean {
  // Types beyond the built-in ones belong to handlers, which editors do not know.
  const { issues } = normalizeSpec({ name: "p", params: { day: {} }, steps: [step] }, { types: ["text"] });
  return issues.some(isOfForm);
}

describe("the schema for editors and the reader of files", () => {
  it("refuse the same rows", () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(row, (step) => {
        const bySchema = !stepRowSchema.safeParse(step).success;
        if (bySchema) refused += 1;
        else accepted += 1;
        expect(refusesForm(step)).toBe(bySchema);
      }),
      { numRuns: 3000 },
    );
    // The law says something only where both happen.
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  it("refuse the same names", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          name,
          fc.string({ maxLength: 6 }),
          fc.string({ unit: "grapheme", maxLength: 4 }),
          fc.constantFrom("a".repeat(128), "a".repeat(129), "NUL", "com1.x", "lpt9"),
        ),
        (text) => {
          const step = { name: text, layer: "ingest", value: "a.csv", outputs: { data: "x" } };
          expect(refusesForm(step)).toBe(!stepRowSchema.safeParse(step).success);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("refuse the same heads of pipelines", () => {
    const steps = [{ name: "a", layer: "ingest", value: "a.csv", outputs: { data: "x" } }];
    const head = changed(
      { name: "p" },
      {
        $schema: usually("./pipeline-file.json"),
        name: fc.oneof(name, wrong),
        description: usually("d"),
        params: usually<unknown>(
          {},
          { day: { type: "DATE", default: "2026-01-01" } },
          { day: 1 },
          { "a-b": {} },
          { day: { typ: "DATE" } },
        ),
        policy: changed(
          {},
          {
            workers: integer,
            level_barrier: usually(true, false),
            timeout: duration,
            step_timeout: duration,
            retry,
            worker: wrong,
          },
        ),
        returns: usually<unknown>([], ["x"]),
        extra: wrong,
      },
    );
    fc.assert(
      fc.property(head, (fields) => {
        const file = { ...fields, steps };
        const { issues } = normalizeSpec({ name: "p", ...file });
        expect(issues.some(isOfForm)).toBe(!pipelineFileSchema.safeParse(file).success);
      }),
      { numRuns: 1000 },
    );
  });
});
