import { describe, expect, test } from "vitest";
import {
  createFaultPoints,
  createIdSource,
  isMillraceError,
  noFaults,
  silentLogger,
  systemClock,
} from "../src/index.ts";

describe("clock", () => {
  test("sleep waits, and rejects with the reason of its signal", async () => {
    const started = systemClock.monotonicMs();
    await systemClock.sleep(30);
    expect(systemClock.monotonicMs() - started).toBeGreaterThanOrEqual(29);
    const abort = new AbortController();
    const sleeping = systemClock.sleep(60_000, abort.signal);
    abort.abort();
    await expect(sleeping).rejects.toMatchObject({ code: "RUN_CANCELLED" });
    await expect(systemClock.sleep(60_000, AbortSignal.abort())).rejects.toMatchObject({ code: "RUN_CANCELLED" });
  });

  test("a sleep longer than a timer of Node does not end at once", async () => {
    const abort = new AbortController();
    const sleeping = systemClock.sleep(2 ** 31 + 1000, abort.signal).then(
      () => "ended",
      () => "aborted",
    );
    await systemClock.sleep(30);
    abort.abort();
    expect(await sleeping).toBe("aborted");
  });
});

test("ids are UUIDv7 and sort by the time they were made", () => {
  const ids = createIdSource();
  const made = Array.from({ length: 2000 }, () => ids.uuid());
  expect(made.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(2000);
  const { length } = Array.from({ length: 100 }, () => ids.random()).filter((value) => value >= 0 && value < 1);
  expect(length).toBe(100);
});

test("the silent logger has children that are silent", () => {
  expect(() => silentLogger.child({ a: 1 }).error("x")).not.toThrow();
});

describe("fault points", () => {
  test("no text is no fault", () => {
    expect(createFaultPoints(undefined)).toBe(noFaults);
    expect(createFaultPoints(" ")).toBe(noFaults);
    expect(noFaults.pass("run.create")).toBeUndefined();
  });

  test("a fault fires at its hit and once", async () => {
    const fired: string[] = [];
    const points = createFaultPoints("manifest.commit:2:kill", {
      onKill: () => fired.push("kill"),
      onFire: (text) => fired.push(text),
    });
    expect(points.pass("manifest.commit")).toBeUndefined();
    expect(points.pass("attempt.start")).toBeUndefined();
    await points.pass("manifest.commit");
    await points.pass("manifest.commit");
    expect(fired).toEqual(["manifest.commit:2:kill", "kill"]);
  });

  test("a process ends before the caller goes on, also where it does not wait", () => {
    let killed = false;
    const points = createFaultPoints("run.create:1:kill", { onKill: () => (killed = true) });
    void points.pass("run.create");
    expect(killed).toBe(true);
  });

  test("several faults are independent", async () => {
    const points = createFaultPoints("output.fsync:1:eio, output.fsync:2:enospc,output.rename:1:throw");
    await expect(points.pass("output.fsync")).rejects.toMatchObject({ code: "EIO" });
    await expect(points.pass("output.fsync")).rejects.toMatchObject({ code: "ENOSPC" });
    await expect(points.pass("output.rename")).rejects.toThrow("Fault at output.rename");
    expect(points.pass("output.fsync")).toBeUndefined();
  });

  test("sleep waits on the given clock", async () => {
    const slept: number[] = [];
    const clock = { ...systemClock, sleep: async (ms: number) => void slept.push(ms) };
    await createFaultPoints("attempt.end:1:sleep=250", { clock }).pass("attempt.end");
    expect(slept).toEqual([250]);
  });

  test.each([
    ["manifest.comit:1:throw", "manifest.commit"],
    ["manifest.commit:0:throw", "not a hit"],
    ["manifest.commit:x:throw", "not a hit"],
    ["manifest.commit:1:explode", "no action"],
    ["manifest.commit:1:sleep=", "no action"],
    ["manifest.commit:1:kill", "cannot kill"],
    ["manifest.commit", "not a hit"],
  ])("%s is refused with what is wrong", (spec, problem) => {
    let thrown: unknown;
    try {
      createFaultPoints(spec);
    } catch (error) {
      thrown = error;
    }
    expect(isMillraceError(thrown) && thrown.code).toBe("CONFIG_VALUE_INVALID");
    expect((thrown as Error).message).toContain(problem);
  });
});
