import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { duckdb } from "@millrace/duckdb";
import { files } from "@millrace/files";
import type { Plan, RunEvent, RunRecord } from "@millrace/protocols";
import { createRuntime } from "@millrace/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Io } from "../src/io.ts";
import { createStyle } from "../src/output/style.ts";
import { formatPlan } from "../src/terminal/plan-text.ts";
import { createRunReporter } from "../src/terminal/run-reporter.ts";
import { formatSummary } from "../src/terminal/run-summary.ts";
import { temporaryFolder } from "./millrace.ts";

const folder = temporaryFolder();
let plan: Plan;
let record: RunRecord;
const events: RunEvent[] = [];

/** A chain that runs as one query, a sink, a code step that fails, and a sink that is skipped for it. */
const steps = [
  { layer: "ingest", name: "raw", type: "config_op", engine: "duckdb", value: "in.csv", outputs: { data: "raw" } },
  {
    layer: "transform",
    name: "clean",
    type: "sql",
    engine: "duckdb",
    value: "select id from raw where id > 1",
    inputs: { raw: "raw" },
    outputs: { data: "clean" },
  },
  {
    layer: "store",
    name: "save",
    type: "config_op",
    engine: "duckdb",
    value: "out/clean.csv",
    inputs: { data: "clean" },
  },
  {
    layer: "transform",
    name: "broken",
    type: "function",
    engine: "duckdb",
    value: "explode",
    inputs: { rows: "clean" },
    outputs: { data: "broken" },
    metadata: { policy: { columns: { id: "BIGINT" } } },
  },
  {
    layer: "store",
    name: "save_broken",
    type: "config_op",
    engine: "duckdb",
    value: "out/broken.csv",
    inputs: { data: "broken" },
  },
];

beforeAll(async () => {
  writeFileSync(join(folder.path, "in.csv"), "id\n1\n2\n3\n");
  writeFileSync(join(folder.path, "numbers.json"), JSON.stringify(steps));
  const explode = (): never => {
    throw new Error("boom\u001B[2J\nsecond line");
  };
  await using runtime = await createRuntime({
    compute: [duckdb()],
    adapters: [files()],
    projectRoot: folder.path,
    functions: { explode },
  });
  const planned = await runtime.plan(join(folder.path, "numbers.json"), { workers: 1 });
  if (planned.plan === undefined) throw new Error(JSON.stringify(planned.issues));
  ({ plan } = planned);
  ({ record } = await runtime.execute(planned, { runId: "test-run", onEvent: (event) => void events.push(event) }));
}, 60_000);
afterAll(() => folder.remove());

const style = createStyle({ color: false, unicode: true });

/** An Io whose stderr is a list of what was written. */
function fakeIo(terminal: { readonly columns: number; readonly rows: number } | undefined): {
  readonly io: Io;
  readonly written: string[];
  readonly printForeign: (text: string) => void;
} {
  const written: string[] = [];
  let listener: ((write: () => void) => void) | undefined;
  const stream = {
    ...(terminal === undefined ? {} : { isTTY: true, ...terminal }),
    write: (text: string) => void written.push(text),
  };
  const io: Io = {
    environment: { TERM: "xterm" },
    stdout: stream,
    stderr: stream,
    note: stream.write,
    workingFolder: () => folder.path,
    onSignal: () => () => {},
    onForeignOutput: (given) => {
      listener = given;
      return () => (listener = undefined);
    },
    reserveStdout: () => {},
    runAgain: () => Promise.resolve(0),
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
  };
  const printForeign = (text: string): void => {
    if (listener === undefined) written.push(text);
    else listener(() => written.push(text));
  };
  return { io, written, printForeign };
}

describe("off a terminal", () => {
  test("one line for each step that ended, in words that a log keeps", async () => {
    const { io, written } = fakeIo(undefined);
    const reporter = createRunReporter({ plan, runId: "test-run", io, style, monotonicMs: () => 0, isQuiet: false });
    for (const event of events) await reporter.emit(event);
    reporter.close();
    const lines = written.join("").trimEnd().split("\n");
    expect(lines[0]).toBe(" numbers · 5 steps · duckdb, 1 worker · run test-run");
    expect(lines.find((line) => line.includes(" raw "))).toMatch(/^ ✓ raw +ingest +csv, 9 B +3 +┐ one query$/);
    expect(lines.find((line) => line.includes(" clean "))).toMatch(/^ ✓ clean +sql +−1 filtered +3 → 2 +┘ \S+$/);
    // What a step throws cannot move the cursor or add lines.
    expect(lines.find((line) => line.includes(" broken "))).toMatch(/^ ✗ broken +transform +.*boom\\u001b\[2J$/);
    expect(lines.find((line) => line.includes(" save_broken "))).toMatch(
      /^ – save_broken +store +step "broken" failed$/,
    );
    expect(lines).toHaveLength(6);
  });

  test("nothing where it is silent", async () => {
    const { io, written } = fakeIo(undefined);
    const reporter = createRunReporter({ plan, runId: "r", io, style, monotonicMs: () => 0, isQuiet: true });
    for (const event of events) await reporter.emit(event);
    reporter.close();
    expect(written).toEqual([]);
  });
});

/** What the screen shows after everything that was written: lines, with the erasing codes carried out. */
function screen(written: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const chunk of written) {
    // oxlint-disable-next-line no-control-regex -- these codes are what a live block writes
    const erased = /^\u001B\[(\d+)A\r\u001B\[J/.exec(chunk);
    if (erased !== null) lines.splice(lines.length - Number(erased[1]));
    // oxlint-disable-next-line no-control-regex -- as above
    const text = chunk.replace(/^\u001B\[\d+A\r\u001B\[J/, "").replaceAll("\u001B[K", "");
    if (text !== "") lines.push(...text.replace(/\n$/, "").split("\n"));
  }
  return lines;
}

describe("on a terminal", () => {
  test("draws over itself, shows a bar for progress, and leaves the final lines", async () => {
    const { io, written } = fakeIo({ columns: 100, rows: 30 });
    let nowMs = 0;
    const reporter = createRunReporter({
      plan,
      runId: "test-run",
      io,
      style,
      monotonicMs: () => nowMs,
      isQuiet: false,
    });
    const start = events.find((event) => event.event === "node_start" && event.step_name === "clean");
    if (start === undefined) throw new Error("no start");
    expect(screen(written).find((line) => line.includes(" save "))).toContain("waits for clean");
    await reporter.emit(start);
    const { event: _event, attempt: _attempt, ...base } = start as Extract<RunEvent, { readonly event: "node_start" }>;
    await reporter.emit({ ...base, event: "node_progress", ratio: 0.5, rows: 4_050_000, total_rows: 5_710_000 });
    nowMs = 4000;
    // The block is drawn ten times a second.
    await new Promise((resolve) => setTimeout(resolve, 250));
    const running = screen(written).find((line) => line.includes(" clean "));
    expect(running).toMatch(/^ ◐ clean +sql +███████░░░░░░░░ 50% +4\.05M of 5\.71M +┘ 4\.0s$/);
    expect(screen(written).at(-1)).toMatch(/^ 4\.0s · .* of .* · ctrl-c stops cleanly, progress is kept$/);
    for (const event of events) await reporter.emit(event);
    reporter.close();
    const lines = screen(written);
    expect(lines.filter((line) => line.includes("✓"))).toHaveLength(3);
    expect(lines.some((line) => line.includes("ctrl-c"))).toBe(false);
    expect(lines).toHaveLength(6);
  });

  test("makes room for what a pipeline prints", () => {
    const { io, written, printForeign } = fakeIo({ columns: 100, rows: 30 });
    const reporter = createRunReporter({ plan, runId: "r", io, style, monotonicMs: () => 0, isQuiet: false });
    printForeign("hello\n");
    reporter.close();
    const lines = screen(written);
    expect(lines[0]).toBe("hello");
    expect(lines.filter((line) => line.includes("numbers ·"))).toHaveLength(1);
  });

  test.each([40, 60, 80, 200])("no line is wider than a terminal of %d cells", async (columns) => {
    const { io, written } = fakeIo({ columns, rows: 30 });
    const reporter = createRunReporter({
      plan,
      runId: "a-long-run-id-that-someone-chose",
      io,
      style,
      monotonicMs: () => 0,
      isQuiet: false,
    });
    for (const event of events) await reporter.emit(event);
    reporter.close();
    expect(Math.max(...screen(written).map((line) => line.length))).toBeLessThan(columns);
  });
});

describe("the summary", () => {
  test("says what happened, what is there, and what it means for a script", () => {
    const { io } = fakeIo(undefined);
    const reporter = createRunReporter({ plan, runId: "r", io, style, monotonicMs: () => 0, isQuiet: true });
    for (const event of events) void reporter.emit(event);
    const text = formatSummary({
      record,
      plan,
      view: reporter.view,
      style,
      exitCode: 30,
      dataFolder: ".millrace/data",
      runFolder: ".millrace/runs/r",
      shownPath: (path) => path.replace(`${folder.path}/`, ""),
      failures: [],
    });
    const lines = text.split("\n");
    expect(lines[1]).toMatch(/^ ✗ numbers failed in part after /);
    expect(text).toContain("   ✓ 3 done   ✗ 1 failed (broken)   – 1 skipped (save_broken)");
    expect(text).toContain("   Rows     3 read, 1 filtered, 2 written");
    expect(text).toMatch(/Wrote {4}out\/clean\.csv {2}2 rows +\d+ B/);
    expect(lines.at(-1)).toBe("   exit 30");
  });
});

describe("the plan", () => {
  test("says what runs as one query and why it ends", () => {
    const text = formatPlan(plan, { style, projectRoot: folder.path, again: "millrace run numbers.json" });
    expect(text).toContain("one query  raw → clean");
    expect(text).toContain("stores dataset clean: ");
    expect(text).toContain("write      out/clean.csv");
    expect(text.split("\n").at(-1)).toBe(" Nothing was changed.   millrace run numbers.json");
  });
});
