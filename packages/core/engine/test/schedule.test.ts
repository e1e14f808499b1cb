import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueryGroup } from "@millrace/protocols";
import { ReadyQueue } from "../src/ready-queue.ts";
import { runSchedule } from "../src/schedule.ts";

function group(id: string, dependsOn: readonly string[], level: number): QueryGroup {
  return {
    id,
    kind: "sql",
    engine: "duckdb",
    steps: [id],
    level,
    dependsOn,
    ends: [],
    policy: { retry: { attempts: 1, base_ms: 0, factor: 1, cap_ms: 0, jitter: "none" }, onError: "fail_later" },
    digest: id,
  };
}

/** Runs groups with the given durations in ticks of the microtask queue, and writes down what happened. */
async function record(
  groups: readonly QueryGroup[],
  options: { workers: number; levelBarrier?: boolean; ticks?: Readonly<Record<string, number>> },
): Promise<{ log: string[]; most: number }> {
  const log: string[] = [];
  let running = 0;
  let most = 0;
  await runSchedule({
    groups,
    workers: options.workers,
    levelBarrier: options.levelBarrier ?? false,
    stopped: () => false,
    run: async (one) => {
      running += 1;
      most = Math.max(most, running);
      log.push(`+${one.id}`);
      for (let tick = 0; tick < (options.ticks?.[one.id] ?? 1); tick += 1) await Promise.resolve();
      log.push(`-${one.id}`);
      running -= 1;
    },
  });
  return { log, most };
}

describe("runSchedule", () => {
  it("starts a group as soon as all it reads has ended", async () => {
    const groups = [group("a", [], 0), group("slow", [], 0), group("b", ["a"], 1), group("c", ["b", "slow"], 2)];
    const { log } = await record(groups, { workers: 4, ticks: { slow: 50 } });
    expect(log).toEqual(["+a", "+slow", "-a", "+b", "-b", "-slow", "+c", "-c"]);
  });

  it("waits for the whole level under a barrier", async () => {
    const groups = [group("a", [], 0), group("slow", [], 0), group("b", ["a"], 1)];
    const { log } = await record(groups, { workers: 4, levelBarrier: true, ticks: { slow: 50 } });
    expect(log).toEqual(["+a", "+slow", "-a", "-slow", "+b", "-b"]);
  });

  it("goes on when levels have gaps under a barrier", async () => {
    const { log } = await record([group("a", [], 1), group("b", ["a"], 4), group("c", [], 4)], {
      workers: 1,
      levelBarrier: true,
    });
    expect(log).toEqual(["+a", "-a", "+b", "-b", "+c", "-c"]);
  });

  it("runs one after the other with one worker, in the order of the plan", async () => {
    const { log, most } = await record([group("a", [], 0), group("b", [], 0), group("c", ["a"], 1)], { workers: 1 });
    expect(log).toEqual(["+a", "-a", "+b", "-b", "+c", "-c"]);
    expect(most).toBe(1);
  });

  it("never runs more groups than there are workers", async () => {
    const groups = Array.from({ length: 40 }, (_, index) => group(`g${index}`, [], 0));
    expect((await record(groups, { workers: 3 })).most).toBe(3);
  });

  it("names a deadlock", async () => {
    const stuck = [group("a", ["b"], 0), group("b", ["a"], 0)];
    await expect(record(stuck, { workers: 2 })).rejects.toMatchObject({
      code: "ENGINE_DEADLOCK",
      context: { done: 0, total: 2 },
    });
  });

  it("stops taking in groups, and ends when those that run have ended", async () => {
    const log: string[] = [];
    let stopped = false;
    await runSchedule({
      groups: [group("a", [], 0), group("b", ["a"], 1), group("c", [], 0)],
      workers: 1,
      levelBarrier: false,
      stopped: () => stopped,
      run: async (one) => {
        await Promise.resolve();
        log.push(one.id);
        stopped = true;
      },
    });
    expect(log).toEqual(["a"]);
  });

  it("passes 10,000 wide groups", async () => {
    const groups = Array.from({ length: 10_000 }, (_, index) => group(`g${index}`, [], 0));
    const { log } = await record(groups, { workers: 256 });
    expect(log).toHaveLength(20_000);
  });
});

describe("ReadyQueue", () => {
  it("gives numbers in ascending order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (numbers) => {
        const queue = new ReadyQueue();
        for (const number of numbers) queue.push(number);
        const out = Array.from({ length: numbers.length }, () => queue.pop());
        expect(out).toEqual(numbers.toSorted((a, b) => a - b));
        expect(queue.pop()).toBeUndefined();
      }),
    );
  });
});
