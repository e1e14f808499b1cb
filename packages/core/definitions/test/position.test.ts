import { stringify } from "yaml";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoadedPipeline } from "@millrace/protocols";
import { goodSteps, loadText, withKeep } from "./definition-fixture.ts";

// Law: a character of a value that is written as itself is found where it is written. What escapes and folding change is left out
// of the comparison, and must still lie inside the value.

const value = ["steps", 1, "value"];

/** Offset in the file of each character of the SQL, by the loader. */
function offsets(pipeline: LoadedPipeline, text: string, sql: string): readonly number[] {
  const starts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((match) => match.index + match[0].length)];
  return [...Array(sql.length).keys()].map((offset) => {
    const position = pipeline.locate(value, offset);
    return (starts[(position?.line ?? 0) - 1] ?? Number.NaN) + (position?.column ?? 0) - 1;
  });
}

function expectOrigins(pipeline: LoadedPipeline, text: string, sql: string): void {
  expect(pipeline.spec?.steps[1]?.value).toBe(sql);
  const found = offsets(pipeline, text, sql);
  const plain = [...found.keys()].filter((unit) => /[\w.=()*,;]/.test(sql[unit] ?? ""));
  expect(plain.map((unit) => text[found[unit] ?? -1])).toEqual(plain.map((unit) => sql[unit]));
  expect(found).toEqual(found.toSorted((a, b) => a - b));
}

/** SQL with everything that the forms write in a way of their own. */
const sqlText = fc
  .array(
    fc.constantFrom(
      "select",
      " ",
      "  ",
      "'it''s'",
      '"q"',
      "\n",
      "\n\n",
      "\t",
      "\\",
      "é",
      "🚀",
      "a.b",
      ",",
      ": ",
      " #",
      "{",
      "]",
      "x=1",
      "-- c",
      "\u2028",
    ),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  .map((parts) => `s${parts.join("")}e`);

describe("characters of a value are found in the author's file", () => {
  it("in JSON, also behind escapes", async () => {
    await fc.assert(
      fc.asyncProperty(sqlText, fc.boolean(), async (sql, ascii) => {
        const json = JSON.stringify(withKeep({ value: sql }), undefined, 2);
        const text = ascii
          ? json.replaceAll(/[^ -~\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
          : json;
        expectOrigins(await loadText("p.json", text), text, sql);
      }),
      { numRuns: 60 },
    );
  });

  it("in CSV, also behind doubled quotes and in cells with line breaks", async () => {
    const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(sqlText, fc.constantFrom("\n", "\r\n"), async (sql, end) => {
        const rows = withKeep({ value: sql }) as readonly Readonly<Record<string, unknown>>[];
        const text = [
          "Layer,StepName,StepType,Value,Inputs,Outputs",
          ...rows.map((row) =>
            [
              row["layer"],
              row["name"],
              row["type"],
              row["value"],
              JSON.stringify(row["inputs"] ?? {}),
              JSON.stringify(row["outputs"]),
            ]
              .map((cell) => quote(String(cell)))
              .join(","),
          ),
        ].join(end);
        expectOrigins(await loadText("p.csv", text), text, sql);
      }),
      { numRuns: 60 },
    );
  });

  it.each(["PLAIN", "QUOTE_SINGLE", "QUOTE_DOUBLE", "BLOCK_LITERAL", "BLOCK_FOLDED"] as const)(
    "in YAML written as %s",
    async (style) => {
      await fc.assert(
        fc.asyncProperty(sqlText, fc.constantFrom(20, 80, 0), fc.boolean(), async (sql, lineWidth, crlf) => {
          const written = stringify(
            { name: "p", steps: withKeep({ value: sql }) },
            { defaultStringType: style, defaultKeyType: "PLAIN", lineWidth, aliasDuplicateObjects: false },
          );
          const text = crlf ? written.replaceAll("\n", "\r\n") : written;
          const pipeline = await loadText("p.yaml", text);
          // The writer and the reader of this library differ on a few texts; ours is the way back.
          fc.pre(pipeline.spec?.steps[1]?.value === sql);
          expectOrigins(pipeline, text, sql);
        }),
        { numRuns: 60 },
      );
    },
  );

  it("in a block scalar, as an author writes it", async () => {
    const text =
      "name: p\nsteps:\n  - {name: read, layer: ingest, value: a.csv, outputs: {data: raw}}\n  - name: keep\n    type: sql\n    inputs: {raw: raw}\n    outputs: {data: kept}\n    value: |\n      select id,\n        amuont\n\n      from raw\n";
    const pipeline = await loadText("p.yaml", text);
    const sql = pipeline.spec?.steps[1]?.value ?? "";
    expect(pipeline.locate(value, sql.indexOf("amuont"))).toEqual({ file: pipeline.file, line: 10, column: 9 });
    expect(pipeline.locate(value, sql.indexOf("from"))).toEqual({ file: pipeline.file, line: 12, column: 7 });
    expect(pipeline.text(pipeline.file)).toBe(text);
  });
});

it("a character behind an escape of eight digits", async () => {
  const text =
    'name: p\nsteps:\n  - {name: keep, type: sql, inputs: {a: b}, outputs: {b: b}, value: "\\U0001F680 \\x41 x"}\n';
  const pipeline = await loadText("p.yaml", text);
  // The rocket is two code units of the value, and ten characters of the file.
  expect(pipeline.locate(["steps", 0, "value"], "\u{1F680} A x".indexOf("x"))).toMatchObject({
    line: 3,
    column: (text.split("\n")[2] ?? "").indexOf('x"') + 1,
  });
});

describe("values and keys are found", () => {
  it("a value that is missing is where its step begins", async () => {
    const text = JSON.stringify([goodSteps[0], { name: "keep", type: "sql", value: "select 1" }], undefined, 1);
    const { issues, file } = await loadText("p.json", text);
    const line = text.slice(0, text.lastIndexOf("{")).split("\n").length;
    expect(issues.map(({ position }) => position)).toEqual([
      { file, line, column: 2 },
      { file, line, column: 2 },
    ]);
  });

  it("a value in the second of two keys, as JSON takes it", async () => {
    const pipeline = await loadText(
      "p.json",
      '[{"name": "a",\n"name": "b", "layer": "ingest", "outputs": {"d": "x"}}]',
    );
    expect(pipeline.locate(["steps", 0, "name"])).toMatchObject({ line: 2, column: 9 });
  });

  it("a value behind an alias of YAML, where it was written", async () => {
    const text =
      "name: p\nsteps:\n  - &read {name: read, layer: ingest, value: a.csv, outputs: {data: raw}, params: &p {sep: ';'}}\n  - {name: again, layer: ingest, value: b.csv, outputs: {data: raw2}, params: *p}\n";
    const pipeline = await loadText("p.yaml", text);
    expect(pipeline.spec?.steps[1]?.params).toEqual({ sep: ";" });
    expect(pipeline.locate(["steps", 1, "params", "sep"])).toMatchObject({ line: 3 });
  });

  it("a value inside the JSON of a CSV cell", async () => {
    const text = 'StepName,Layer,Value,Outputs,Params\nread,ingest,a.csv,"{""data"": ""raw""}","{\n ""skip"": 1}"\n';
    const pipeline = await loadText("p.csv", text);
    expect(pipeline.locate(["steps", 0, "params", "skip"])).toMatchObject({ line: 3, column: 12 });
    expect(pipeline.locate(["steps", 0, "outputs", "data"])).toMatchObject({ line: 2, column: 31 });
  });
});
