import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime } from "millrace";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import flights from "../pipelines/flights.ts";

type Answer = Readonly<Record<string, unknown>>;

// Computed by DuckDB and by pandas, which agree: test/cases/vega/README.md.
const expected = JSON.parse(readFileSync(join(import.meta.dirname, "cases/vega/expected.json"), "utf8")) as {
  readonly tolerance: number;
  readonly answers: Readonly<Record<keyof typeof flights.outputs, Answer | readonly Answer[]>>;
};

/** Whether a value is the expected one: numbers within the tolerance of the case, all else exactly. */
function isSame(received: unknown, value: unknown): boolean {
  return typeof value === "number" ? Math.abs(Number(received) - value) <= expected.tolerance : received === value;
}

/** Every value that differs, by name. */
function differences(received: Answer | undefined, row: Answer): readonly string[] {
  const names = new Set([...Object.keys(row), ...Object.keys(received ?? {})]);
  return [...names]
    .filter((name) => !isSame(received?.[name], row[name]))
    .map((name) => `${name}: ${String(received?.[name])} instead of ${String(row[name])}`);
}

describe("flights", () => {
  const root = mkdtempSync(join(tmpdir(), "millrace-flights-"));
  const answers = new Map<string, readonly Answer[]>();
  let rows: ReadonlyMap<string, number | undefined> = new Map();

  beforeAll(async () => {
    // The data is found from the project's root, and so are the targets: this one is thrown away.
    symlinkSync(join(import.meta.dirname, "../node_modules"), join(root, "node_modules"));
    await using runtime = await createRuntime({ projectRoot: root });
    const run = (await runtime.run(flights)).orThrow();
    rows = new Map(run.steps.map((step) => [step.name, step.rows]));
    for (const [name, output] of Object.entries(run.outputs)) {
      const read: Answer[] = [];
      for await (const row of output.rows()) read.push(row);
      answers.set(name, read);
    }
  }, 60_000);

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each(Object.entries(expected.answers))("answers %s", (name, answer) => {
    const wanted: readonly Answer[] = Array.isArray(answer) ? answer : [answer as Answer];
    const received = answers.get(name) ?? [];
    expect(received).toHaveLength(wanted.length);
    expect(wanted.flatMap((row, index) => differences(received[index], row))).toEqual([]);
  });

  test("counts rows in and out", () => {
    expect(rows.get("raw_flights")).toBe(3_000_000);
    // 414 flights left more than an hour early or ten hours late (case v2_dirty).
    expect(rows.get("usual_flights")).toBe(3_000_000 - 414);
    expect(rows.get("measured_routes")).toBe(3399);
  });
});
