import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createConfigScope, isMillraceError, silentLogger } from "@millrace/foundation";
import type { RunEvent, StepContext, StepFunction } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import {
  createManualClock,
  createMemoryDatasetStore,
  createRecordingEventSink,
  createRecordingLogger,
  createSeededIds,
  execStep,
  failingStep,
  flakyStep,
  httpPutStep,
  noopStep,
  resetConfigAfterEach,
  sleepStep,
  withConfig,
  withScratchFolder,
} from "../src/index.ts";

describe("manual clock", () => {
  test("stands still until it is advanced", async () => {
    const clock = createManualClock(new Date("2024-01-01T00:00:00Z"));
    expect([clock.now().toISOString(), clock.monotonicMs()]).toEqual(["2024-01-01T00:00:00.000Z", 0]);
    await clock.advance(1500);
    expect([clock.now().toISOString(), clock.monotonicMs()]).toEqual(["2024-01-01T00:00:01.500Z", 1500]);
  });

  test("sleeps wake in the order of their ends, each at its own time, also those begun on the way", async () => {
    const clock = createManualClock();
    const woke: (readonly [string, number])[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woke.push([name, clock.monotonicMs()]);
    };
    const all = Promise.all([sleeper("late", 300), sleeper("early", 100).then(async () => sleeper("again", 50))]);
    expect(clock.sleeping).toBe(2);
    await clock.advance(200);
    expect(woke).toEqual([
      ["early", 100],
      ["again", 150],
    ]);
    await clock.advance(200);
    await all;
    expect([woke.at(-1), clock.sleeping, clock.monotonicMs()]).toEqual([["late", 300], 0, 400]);
  });

  test("an aborted sleep rejects and is gone", async () => {
    const clock = createManualClock();
    const abort = new AbortController();
    const sleeping = clock.sleep(1000, abort.signal);
    abort.abort();
    await expect(sleeping).rejects.toMatchObject({ code: "RUN_CANCELLED" });
    expect(clock.sleeping).toBe(0);
    await expect(clock.sleep(1, AbortSignal.abort())).rejects.toMatchObject({ code: "RUN_CANCELLED" });
  });

  test("a wall clock that jumps back leaves monotonic time alone", async () => {
    const clock = createManualClock(new Date("2024-06-01T00:00:00Z"));
    await clock.advance(1000);
    clock.setWallClock(new Date("2024-05-31T23:00:00Z"));
    await clock.advance(500);
    expect([clock.now().toISOString(), clock.monotonicMs()]).toEqual(["2024-05-31T23:00:00.500Z", 1500]);
  });
});

describe("seeded ids", () => {
  test("are UUIDv7 in form, sorted, and the same for the same seed", () => {
    const make = (seed: number): readonly string[] => {
      const ids = createSeededIds(seed);
      return Array.from({ length: 500 }, () => ids.uuid());
    };
    expect(make(7)).toEqual(make(7));
    expect(make(7)).not.toEqual(make(8));
    expect(make(7).toSorted()).toEqual(make(7));
    for (const id of make(7)) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("numbers fill [0, 1) evenly enough for a test", () => {
    const ids = createSeededIds(1);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) {
      const tenth = Math.floor(ids.random() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // 1,000 expected in each; five standard deviations of the binomial are 150.
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe("recording", () => {
  test("a logger keeps its lines and those of its children", () => {
    const logger = createRecordingLogger();
    logger.info("a", { x: 1 });
    logger.child({ step: "daily" }).error("b", { y: 2 });
    expect(logger.lines).toEqual([
      { level: "info", message: "a", fields: { x: 1 } },
      { level: "error", message: "b", fields: { step: "daily", y: 2 } },
    ]);
  });

  test("a sink keeps events and finds them by name", () => {
    const sink = createRecordingEventSink();
    const base = { run_id: "r", execution_id: "e", correlation_id: "c", pipeline_name: "p", time: "t" };
    const events: readonly RunEvent[] = [
      { ...base, sequence: 1, event: "node_skipped", step_name: "a", layer: "store", reason: "why" },
      { ...base, sequence: 2, event: "log", level: "info", message: "m" },
    ];
    for (const event of events) void sink.emit(event);
    expect(sink.events).toEqual(events);
    expect(sink.named("node_skipped").map((event) => event.reason)).toEqual(["why"]);
    expect(sink.named("pipeline_start")).toEqual([]);
  });
});

describe("memory dataset store", () => {
  test("commits versions whose files are in its folder", async () => {
    await withScratchFolder(async (folder) => {
      const datasets = createMemoryDatasetStore(folder, { now: () => new Date("2026-01-01T00:00:00Z") });
      const owner = { pipeline: "a/b", dataset: "../x", runId: "r", step: "s", attempt: 1 };
      const produced = { run_id: "r", step: "s", attempt: 1, digest: "d" };
      for (const text of ["one", "two"]) {
        const staging = await datasets.stage(owner);
        await writeFile(join(staging.uri, "part-00000.parquet"), text);
        const files = [{ uri: join(staging.uri, "part-00000.parquet"), sizeBytes: 3, rows: 1 }];
        await datasets.commit(staging, { format: "parquet", files, rows: 1, columns: {}, produced_by: produced });
      }
      const current = await datasets.read("a/b", "../x");
      const first = await datasets.read("a/b", "../x", 1);
      expect([current?.dataset_version, first?.dataset_version]).toEqual([2, 1]);
      const uris = [first, current].flatMap((manifest) => (manifest === undefined ? [] : datasets.uris(manifest)));
      expect(uris.every((uri) => uri.startsWith(`${folder}/data/`))).toBe(true);
      expect(await Promise.all(uris.map(async (uri) => readFile(uri, "utf8")))).toEqual(["one", "two"]);
      expect([await datasets.read("a/b", "../x", 3), await datasets.read("a", "x")]).toEqual([undefined, undefined]);
      const dropped = await datasets.stage(owner);
      await datasets.discard(dropped);
      await expect(readFile(join(dropped.uri, "x"))).rejects.toThrow("ENOENT");
    });
  });

  test("a file outside of the staging folder is not committed", async () => {
    await withScratchFolder(async (folder) => {
      const datasets = createMemoryDatasetStore(folder);
      const staging = await datasets.stage({ pipeline: "p", dataset: "d", runId: "r", step: "s", attempt: 1 });
      const commit = {
        format: "parquet",
        rows: 0,
        columns: {},
        produced_by: { run_id: "r", step: "s", attempt: 1, digest: "d" },
      } as const;
      await expect(
        datasets.commit(staging, { ...commit, files: [{ uri: join(folder, "x"), sizeBytes: 1 }] }),
      ).rejects.toThrow("is not in the staging folder");
    });
  });
});

describe("config fixture", () => {
  const scope = createConfigScope({ load: () => ({ rows: 10 }) });
  resetConfigAfterEach(scope);

  test(
    "a body sees its own configuration",
    withConfig(scope, { rows: 5 }, () => {
      expect(scope.getConfig().rows).toBe(5);
    }),
  );

  test("what a test sets", () => {
    scope.setConfig({ rows: 7 });
    expect(scope.getConfig().rows).toBe(7);
  });

  test("is gone in the next one", () => {
    expect(scope.getConfig().rows).toBe(10);
  });
});

describe("fault steps", () => {
  const contextOf = (more: Partial<StepContext> = {}): StepContext => ({
    params: {},
    idempotencyKey: "key-1",
    signal: new AbortController().signal,
    logger: silentLogger,
    runId: "run-1",
    stepName: "s",
    attempt: 1,
    state: new Map(),
    now: new Date(0),
    ...more,
  });
  const outcome = async (step: StepFunction, context = contextOf()): Promise<string> => {
    try {
      await step({}, context);
      return "done";
    } catch (error) {
      return isMillraceError(error) ? `${error.code} ${error.failureClass}` : String(error);
    }
  };

  test("noop does nothing, and sleep ends when it is cancelled", async () => {
    expect(await outcome(noopStep())).toBe("done");
    expect(await outcome(sleepStep(1))).toBe("done");
    expect(await outcome(sleepStep(60_000), contextOf({ signal: AbortSignal.abort() }))).toBe("RUN_CANCELLED terminal");
  });

  test("failing fails its first attempts with its class", async () => {
    const step = failingStep("retryable", 2);
    const outcomes = await Promise.all([1, 2, 3].map(async (attempt) => outcome(step, contextOf({ attempt }))));
    expect(outcomes).toEqual(["STEP_CODE_FAILED retryable", "STEP_CODE_FAILED retryable", "done"]);
    expect(await outcome(failingStep("quarantine"), contextOf({ attempt: 99 }))).toBe("STEP_CODE_FAILED quarantine");
  });

  test("flaky fails as often as it says, the same way for the same seed", async () => {
    const series = async (probability: number): Promise<readonly string[]> => {
      const step = flakyStep(probability, 3);
      const all: string[] = [];
      for (let call = 0; call < 400; call++) all.push(await outcome(step));
      return all;
    };
    const half = await series(0.5);
    expect(half).toEqual(await series(0.5));
    // 200 expected; five standard deviations are 50.
    expect(Math.abs(half.filter((each) => each === "done").length - 200)).toBeLessThan(50);
    expect(new Set(await series(0))).toEqual(new Set(["done"]));
    expect(new Set(await series(1))).toEqual(new Set(["STEP_CODE_FAILED retryable"]));
  });

  test("exec runs a program without a shell", async () => {
    expect(await outcome(execStep([process.execPath, "-e", "process.exit(0)", "$(exit 1)"]))).toBe("done");
    expect(await outcome(execStep([process.execPath, "-e", "process.exit(3)"]))).toBe("STEP_CODE_FAILED terminal");
    await expect(execStep(["/nowhere/program"])({}, contextOf())).rejects.toThrow("ENOENT");
  });

  test("httpPut sends its idempotency key, and a busy server is worth another attempt", async () => {
    const keys: unknown[] = [];
    let status = 200;
    const server = createServer((request, response) => {
      keys.push(request.headers["idempotency-key"]);
      response.statusCode = status;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const step = httpPutStep(`http://127.0.0.1:${(server.address() as AddressInfo).port}/effect`);
    const outcomes: string[] = [];
    for (status of [200, 429, 503, 400]) outcomes.push(await outcome(step));
    server.close();
    expect(outcomes).toEqual([
      "done",
      "STEP_CODE_FAILED retryable",
      "STEP_CODE_FAILED retryable",
      "STEP_CODE_FAILED terminal",
    ]);
    expect(keys).toEqual(["key-1", "key-1", "key-1", "key-1"]);
  });
});
