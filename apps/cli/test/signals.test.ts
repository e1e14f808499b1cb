import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareMillrace, startMillrace, temporaryFolder } from "./millrace.ts";

const folder = temporaryFolder();

/** Two groups one after the other: a query of about two seconds that ends, and one that would take hours. */
const steps = [
  { layer: "ingest", name: "raw", type: "config_op", engine: "duckdb", value: "in.csv", outputs: { data: "raw" } },
  {
    layer: "transform",
    name: "first",
    type: "sql",
    engine: "duckdb",
    value: "select count(*) as n from raw, range(250000000) r where (a + r.range) % 7 = 1",
    inputs: { raw: "raw" },
    outputs: { data: "first" },
  },
  {
    layer: "store",
    name: "save_first",
    type: "config_op",
    engine: "duckdb",
    value: "out/first.csv",
    inputs: { data: "first" },
  },
  {
    layer: "transform",
    name: "second",
    type: "sql",
    engine: "duckdb",
    value: "select count(*) as n from first, range(100000000) r, range(100000) s where (n + r.range) % 7 = s.range % 5",
    inputs: { first: "first" },
    outputs: { data: "second" },
  },
  {
    layer: "store",
    name: "save_second",
    type: "config_op",
    engine: "duckdb",
    value: "out/second.csv",
    inputs: { data: "second" },
  },
];

beforeAll(async () => {
  await prepareMillrace();
  mkdirSync(join(folder.path, "pipelines"));
  writeFileSync(join(folder.path, "package.json"), "{}");
  writeFileSync(join(folder.path, "in.csv"), "a\n1\n");
  writeFileSync(join(folder.path, "pipelines/slow.json"), JSON.stringify(steps));
}, 60_000);
afterAll(() => folder.remove());

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from the last signal to the end. */
  readonly tookMs: number;
}

/** Starts a run, sends signals when stderr shows what they wait for, and waits for the end. */
async function interrupt(
  args: readonly string[],
  signals: readonly (readonly [waitFor: RegExp, signal: NodeJS.Signals])[],
): Promise<Ended> {
  const child = startMillrace(["run", ...args], { cwd: folder.path });
  let stdout = "";
  let stderr = "";
  let next = 0;
  let sentMs = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (let pair = signals[next]; pair !== undefined && pair[0].test(stderr); pair = signals[next]) {
      next += 1;
      const [, signal] = pair;
      // A moment into the first query: the line on stderr stands before it starts.
      setTimeout(() => {
        sentMs = performance.now();
        child.kill(signal);
      }, 300);
    }
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { status, stdout, stderr, tookMs: performance.now() - sentMs };
}

/** The first lines are there once the run is under way. */
const underway = /· run one|· run two|· run three/;

describe("a run that is told to stop", () => {
  test("Ctrl-C once: what runs is finished and kept, nothing else starts", async () => {
    const ended = await interrupt(["--run-id", "one", "--sequential"], [[underway, "SIGINT"]]);
    expect(ended.status).toBe(50);
    expect(ended.stderr).toContain("stopping: groups that are running finish");
    expect(ended.stdout).toContain("slow was cancelled");
    expect(ended.stdout).toContain("exit 50");
    const record = JSON.parse(readFileSync(join(folder.path, ".millrace/runs/one/run.json"), "utf8")) as {
      readonly state: string;
      readonly steps: readonly { readonly name: string; readonly state: string }[];
    };
    expect(record.state).toBe("cancelled");
    const states = Object.fromEntries(record.steps.map(({ name, state }) => [name, state]));
    expect(states["first"]).toBe("success");
    expect(states["second"]).not.toBe("success");
  }, 30_000);

  test("Ctrl-C twice: stops at once, inside the query", async () => {
    const ended = await interrupt(
      ["--run-id", "two"],
      [
        [underway, "SIGINT"],
        [/stopping/, "SIGINT"],
      ],
    );
    expect(ended.status).toBe(50);
    expect(ended.tookMs).toBeLessThan(4000);
    expect(existsSync(join(folder.path, "out/second.csv"))).toBe(false);
  }, 30_000);

  test("SIGTERM: stops at once", async () => {
    const ended = await interrupt(["--run-id", "three"], [[underway, "SIGTERM"]]);
    expect(ended.status).toBe(50);
    expect(ended.tookMs).toBeLessThan(4000);
  }, 30_000);
});
