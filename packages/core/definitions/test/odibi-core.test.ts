import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPipelineLoader } from "@millrace/definitions";
import type { LoadedPipeline, PipelineSpec } from "@millrace/protocols";
import { describe, expect, it } from "vitest";

// Step lists and answers of the tests of ODIBI CORE: see ORIGIN.md beside them.
const folder = join(import.meta.dirname, "cases/odibi-core");

interface Answer {
  readonly case: string;
  readonly valid: boolean;
  readonly levels?: Readonly<Record<string, number>>;
  readonly error?: string;
  readonly mentions?: readonly string[];
}

const { lists } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as {
  readonly lists: Readonly<Record<string, Answer>>;
};

/** What the answers call an error, and our code for it. */
const codes: Readonly<Record<string, string>> = {
  "duplicate step names": "DEFINITION_DUPLICATE_STEP",
  "undefined input": "DEFINITION_UNDEFINED_INPUT",
  "invalid layer": "DEFINITION_INVALID_VALUE",
  "circular dependency": "DEFINITION_CYCLE",
};

/** Depth of each step, by its definition: one more than the deepest step that it reads from. */
function levelsOf({ steps }: PipelineSpec): Readonly<Record<string, number>> {
  const producer = new Map(
    steps.flatMap((step) => Object.values(step.outputs).map((dataset) => [dataset, step] as const)),
  );
  const depth = (step: PipelineSpec["steps"][number]): number =>
    Math.max(
      -1,
      ...Object.values(step.inputs)
        .flatMap((dataset) => producer.get(dataset) ?? [])
        .map(depth),
    ) + 1;
  return Object.fromEntries(steps.map((step) => [step.name, depth(step)]));
}

const answers = Object.values(lists);
const casesOf = (valid: boolean): readonly (readonly [string, Answer])[] =>
  answers.filter((answer) => answer.valid === valid).map((answer) => [answer.case, answer]);

describe.each(["json", "csv", "db"])("lists of ODIBI CORE as .%s", (extension) => {
  const load = (name: string): Promise<LoadedPipeline> =>
    createPipelineLoader().load(join(folder, `${name}.${extension}`));

  it.each(casesOf(true))("%s loads with the levels of its answer", async (name, answer) => {
    const { spec, issues } = await load(name);
    expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(spec?.name).toBe(name);
    expect(spec === undefined ? undefined : levelsOf(spec)).toEqual(answer.levels);
  });

  it.each(casesOf(false))("%s is refused with the words of its answer", async (name, answer) => {
    const { spec, issues } = await load(name);
    const errors = issues.filter(({ severity }) => severity === "error");
    expect(spec).toBeUndefined();
    expect(errors.map(({ code }) => code)).toEqual([codes[answer.error ?? ""]]);
    for (const word of answer.mentions ?? []) expect(errors[0]?.message).toContain(word);
  });
});

it("there are seven lists, of which three are valid", () => {
  expect([casesOf(true).length, casesOf(false).length]).toEqual([3, 4]);
});

it.each(["valid_two", "linear3", "parallel4"])("%s is one specification in all three forms", async (name) => {
  const loader = createPipelineLoader();
  const specs = await Promise.all(
    ["json", "csv", "db"].map(async (extension) => (await loader.load(join(folder, `${name}.${extension}`))).spec),
  );
  expect(specs[1]).toEqual(specs[0]);
  expect(specs[2]).toEqual(specs[0]);
  expect(specs[0]?.steps.every(({ engine }) => engine === "duckdb")).toBe(true);
});
