import { appendFile, readdir, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import {
  createFaultPoints,
  createIdSource,
  createRedactor,
  isMillraceError,
  noFaults,
  shortRunId,
} from "@millrace/foundation";
import type { RunEvent, RunRecord } from "@millrace/protocols";
import { createMemoryByteStore, withScratchFolder } from "@millrace/testing";
import { describe, expect, test } from "vitest";
import { createLocalAppender, createRunStore, ensureStateFolder } from "../src/index.ts";
import type { ObjectAppender, RunStore, RunStoreOptions } from "../src/index.ts";

const create = (options: Partial<RunStoreOptions> = {}): RunStore =>
  createRunStore({ store: createMemoryByteStore(), faultPoints: noFaults, ...options });

const recordOf = (runId: string, startedAt = "2026-01-02T03:04:05.000Z"): RunRecord => ({
  schema: "millrace.run",
  version: 1,
  run_id: runId,
  pipeline: "orders",
  state: "success",
  correlation_id: runId,
  started_at: startedAt,
  logical_time: startedAt,
  params: {},
  plan_digest: "d",
  executions: [],
  steps: [],
  attempts: [],
  datasets: [],
  warnings: [],
});

const eventOf = (runId: string, sequence: number): RunEvent => ({
  run_id: runId,
  execution_id: "e",
  correlation_id: "c",
  pipeline_name: "orders",
  time: "2026-01-02T03:04:05.000Z",
  sequence,
  event: "node_skipped",
  step_name: "ü\n",
  layer: "store",
  reason: "a condition",
});

const line = { time: "2026-01-02T03:04:05.000Z", level: "info", message: "hello" } as const;

async function itemsOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const codeOf = async (operation: Promise<unknown>): Promise<string> =>
  operation.then(
    () => "resolved",
    (error: unknown) => (isMillraceError(error) ? error.code : ((error as { code?: string }).code ?? String(error))),
  );

describe("the folder of a run", () => {
  test("has what a person can read without us", async () => {
    const store = createMemoryByteStore();
    const runs = create({ store });
    const folder = await runs.create("run-1");
    folder.event(eventOf("run-1", 1));
    folder.log(line);
    folder.event(eventOf("run-1", 2));
    await folder.finish({ plan: { groups: [1] }, record: recordOf("run-1") });
    expect(folder.path).toBe("memory:///runs/run-1");
    expect((await itemsOf(store.list("runs/"))).map((object) => object.key)).toEqual([
      "runs/run-1/events.ndjson",
      "runs/run-1/log.ndjson",
      "runs/run-1/plan.json",
      "runs/run-1/run.json",
    ]);
    expect(await runs.read("run-1")).toEqual(recordOf("run-1"));
    expect(await runs.readPlan("run-1")).toEqual({ groups: [1] });
    expect(await itemsOf(runs.readEvents("run-1"))).toEqual([eventOf("run-1", 1), eventOf("run-1", 2)]);
    expect(await itemsOf(runs.readLog("run-1"))).toEqual([line]);
  });

  test("is followed while the run goes on, where lines can be appended", async () => {
    await withScratchFolder(async (folder) => {
      const appended: string[] = [];
      const local = createLocalAppender(folder);
      const appender: ObjectAppender = {
        append: async (key, body) => {
          appended.push(key);
          await local.append(key, body);
        },
      };
      const run = await create({ appender }).create("run-1");
      for (let sequence = 1; sequence <= 1000; sequence++) run.event(eventOf("run-1", sequence));
      await run.finish({ plan: {}, record: recordOf("run-1") });
      const lines = (await readFile(join(folder, "runs/run-1/events.ndjson"), "utf8")).trimEnd().split("\n");
      expect(lines.map((text) => (JSON.parse(text) as RunEvent).sequence)).toEqual(
        Array.from({ length: 1000 }, (_, index) => index + 1),
      );
      // Lines of one turn of the event loop are one write, and an empty log is a file too.
      expect(appended).toEqual(["runs/run-1/events.ndjson", "runs/run-1/log.ndjson"]);
      expect(await readFile(join(folder, "runs/run-1/log.ndjson"), "utf8")).toBe("");
    });
  });

  test("a half line of a process that died is no event, and damage before it is an error", async () => {
    const store = createMemoryByteStore();
    const runs = create({ store });
    await (await runs.create("run-1")).finish({ plan: {}, record: recordOf("run-1") });
    const whole = JSON.stringify(eventOf("run-1", 1));
    const write = async (text: string): Promise<unknown> =>
      store.write("runs/run-1/events.ndjson", new TextEncoder().encode(text));
    await write(`${whole}\n${whole.slice(0, 40)}`);
    expect(await itemsOf(runs.readEvents("run-1"))).toEqual([eventOf("run-1", 1)]);
    await write(`${whole}\n{"half\n${whole}\n`);
    await expect(itemsOf(runs.readEvents("run-1"))).rejects.toThrow("runs/run-1/events.ndjson:2 is damaged");
  });

  test("a log that cannot be written does not stop a run, and is told at its end", async () => {
    let calls = 0;
    const appender: ObjectAppender = {
      append: async () => {
        calls += 1;
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      },
    };
    const runs = create({ appender });
    const run = await runs.create("run-1");
    run.event(eventOf("run-1", 1));
    await Promise.resolve();
    run.event(eventOf("run-1", 2));
    expect(await codeOf(run.finish({ plan: {}, record: recordOf("run-1") }))).toBe("ENOSPC");
    // Events are given up at the first failure; the log, which has no lines, is tried once.
    expect(calls).toBe(2);
    expect(await runs.read("run-1")).toEqual(recordOf("run-1"));
  });

  test("run.create and run.finish are fault points", async () => {
    expect(await codeOf(create({ faultPoints: createFaultPoints("run.create:1:eio") }).create("r"))).toBe("STORE_IO");
    const runs = create({ faultPoints: createFaultPoints("run.finish:1:enospc") });
    const run = await runs.create("run-1");
    expect(await codeOf(run.finish({ plan: {}, record: recordOf("run-1") }))).toBe("STORE_IO");
    expect(await runs.read("run-1")).toBeUndefined();
  });

  test("secrets are in none of its files", async () => {
    // facts/reliability.md B.4: no hit over all bytes.
    const secret = "correct-horse-battery";
    const redactor = createRedactor([secret]);
    const store = createMemoryByteStore();
    const folder = await create({ store, redactor }).create("run-1");
    folder.event({ ...eventOf("run-1", 1), pipeline_name: `postgres://app:${secret}@db` });
    folder.log({ ...line, message: `token ${secret}`, [secret]: "as a key" });
    await folder.finish({
      plan: { sources: [{ location: `https://x/?t=${secret}` }] },
      record: { ...recordOf("run-1"), params: { token: secret } },
    });
    const objects = await itemsOf(store.list("runs/"));
    expect(objects).toHaveLength(4);
    for (const { key } of objects) {
      const text = Buffer.concat(await itemsOf(store.read(key))).toString("utf8");
      expect(text).not.toContain(secret);
      expect(text).toContain("***");
    }
  });

  test.each([[""], ["\ud800"], ["x".repeat(200)]])("the id %j is refused", async (runId) => {
    expect(await codeOf(create().create(runId))).toBe("CONFIG_VALUE_INVALID");
  });

  test("an id with any characters stays in its place", async () => {
    const store = createMemoryByteStore();
    const runs = create({ store });
    await (await runs.create("../a b/ü")).finish({ plan: {}, record: recordOf("../a b/ü") });
    expect(
      (await itemsOf(store.list(""))).every((object) => object.key.startsWith("runs/%2E.%2Fa%20b%2F%C3%BC/")),
    ).toBe(true);
    expect((await runs.list()).map((entry) => entry.runId)).toEqual(["../a b/ü"]);
  });

  test("a damaged record is an error that names it", async () => {
    const store = createMemoryByteStore();
    const runs = create({ store });
    for (const text of [
      "{",
      "null",
      "[]",
      '{"schema":"millrace.run","version":2}',
      '{"schema":"millrace.run","version":1}',
    ]) {
      await store.write("runs/run-1/run.json", new TextEncoder().encode(text));
      expect(await codeOf(runs.read("run-1"))).toBe("MANIFEST_INVALID");
    }
  });
});

describe("finding runs", () => {
  const ids = createIdSource();

  test("the newest is first, those without a record among them", async () => {
    const runs = create();
    const made = [ids.uuid(), ids.uuid(), ids.uuid()];
    for (const [index, runId] of made.entries()) {
      const run = await runs.create(runId);
      run.event(eventOf(runId, 1));
      if (index !== 1) await run.finish({ plan: {}, record: recordOf(runId, `2026-01-0${index + 1}T00:00:00.000Z`) });
      else await itemsOf(runs.readEvents(runId)).catch(() => undefined);
    }
    expect((await runs.list()).map((entry) => entry.runId)).toEqual([made[2], made[0]]);
    expect(await create().list()).toEqual([]);
  });

  test("an unfinished run is listed without a record, once its events are written", async () => {
    await withScratchFolder(async (folder) => {
      const store = createMemoryByteStore();
      const appender: ObjectAppender = {
        append: async (key, body) => {
          await createLocalAppender(folder).append(key, body);
          await store.write(key, body);
        },
      };
      const runs = create({ store, appender });
      const [first, second] = [ids.uuid(), ids.uuid()];
      await (await runs.create(first)).finish({ plan: {}, record: recordOf(first) });
      (await runs.create(second)).event(eventOf(second, 1));
      await expect.poll(async () => (await runs.list()).length).toBe(2);
      expect((await runs.list()).map((entry) => [entry.runId, entry.record?.run_id])).toEqual([
        [second, undefined],
        [first, first],
      ]);
      expect(await runs.read(second)).toBeUndefined();
      expect(await runs.readPlan(second)).toBeUndefined();
    });
  });

  test("a list may be cut, and reads no more records than it shows", async () => {
    const read: string[] = [];
    const store = createMemoryByteStore({ onCall: (operation, key) => void (operation === "read" && read.push(key)) });
    const runs = create({ store });
    const made = Array.from({ length: 50 }, () => ids.uuid());
    for (const runId of made) await (await runs.create(runId)).finish({ plan: {}, record: recordOf(runId) });
    const newest = await runs.list({ limit: 3 });
    expect(newest.map((entry) => entry.record?.run_id)).toEqual(made.toReversed().slice(0, 3));
    expect(read).toHaveLength(3);
    expect((await runs.list()).map((entry) => entry.runId)).toEqual(made.toReversed());
  });

  test("a damaged record hides no other run, and is an error where it is asked for", async () => {
    const store = createMemoryByteStore();
    const runs = create({ store });
    for (const runId of ["one", "two"]) await (await runs.create(runId)).finish({ plan: {}, record: recordOf(runId) });
    await store.write("runs/one/run.json", new TextEncoder().encode("{"));
    await store.write("runs/two/plan.json", new TextEncoder().encode("{"));
    const entries = await runs.list();
    expect(Object.fromEntries(entries.map(({ runId, record }) => [runId, record?.state]))).toEqual({
      one: undefined,
      two: "success",
    });
    expect([await codeOf(runs.read("one")), await codeOf(runs.readPlan("two"))]).toEqual([
      "MANIFEST_INVALID",
      "MANIFEST_INVALID",
    ]);
  });

  test("ids that somebody chose are runs of their own, and sort by their first file", async () => {
    let hour = 0;
    const store = createMemoryByteStore({ now: () => new Date(Date.UTC(2026, 0, 1, hour)) });
    const runs = create({ store });
    for (const runId of ["b", "Nightly", "nightly"]) {
      hour += 1;
      await (await runs.create(runId)).finish({ plan: {}, record: { ...recordOf(runId), pipeline: runId } });
    }
    expect((await runs.list()).map((entry) => entry.record?.pipeline)).toEqual(["nightly", "Nightly", "b"]);
  });

  test("by id, by its beginning, or by a short form of four characters or more", async () => {
    const runs = create();
    const made = [ids.uuid(), ids.uuid()];
    for (const runId of [...made, "nightly-7", "nightly-70"])
      await (await runs.create(runId)).finish({ plan: {}, record: recordOf(runId) });
    const [first = ""] = made;
    for (const text of [first, shortRunId(first), shortRunId(first, 8), shortRunId(first).toUpperCase()])
      expect(await runs.resolve(text)).toBe(first);
    expect((await runs.read(shortRunId(first)))?.run_id).toBe(first);
    expect(await runs.resolve("nightly-7")).toBe("nightly-7");
    expect(await codeOf(runs.resolve("nightl"))).toBe("RUN_AMBIGUOUS");
    expect(await codeOf(runs.resolve(first.slice(0, 8)))).toBe("RUN_AMBIGUOUS");
    for (const text of ["", "nig", "nothing", "../x"]) expect(await codeOf(runs.resolve(text))).toBe("RUN_NOT_FOUND");
    await expect(runs.resolve("nihgtly-7")).rejects.toThrow("Did you mean nightly-7?");
    await expect(runs.resolve("ab")).rejects.toThrow("four characters or more");
  });
});

describe("on this machine", () => {
  test("the state folder is its owner's alone and out of version control", async () => {
    await withScratchFolder(async (folder) => {
      const path = join(folder, "deep/.millrace");
      await ensureStateFolder(path);
      await ensureStateFolder(path);
      expect((await stat(path)).mode & 0o777).toBe(0o700);
      expect([await readdir(path), await readFile(join(path, ".gitignore"), "utf8")]).toEqual([[".gitignore"], "*\n"]);
    });
  });

  test("lines are appended to a file of one's own, never through a link", async () => {
    await withScratchFolder(async (folder) => {
      const appender = createLocalAppender(folder);
      await appender.append("runs/r/log.ndjson", new TextEncoder().encode("1\n"));
      await appender.append("runs/r/log.ndjson", new TextEncoder().encode("2\n"));
      expect(await readFile(join(folder, "runs/r/log.ndjson"), "utf8")).toBe("1\n2\n");
      expect((await stat(join(folder, "runs/r/log.ndjson"))).mode & 0o777).toBe(0o600);
      await appendFile(join(folder, "outside"), "");
      await symlink(join(folder, "outside"), join(folder, "runs/r/link"));
      expect(await codeOf(appender.append("runs/r/link", new TextEncoder().encode("x")))).toBe("STORE_IO");
      await expect(appender.append("runs/r/link", new Uint8Array(0))).rejects.toThrow(
        `Cannot write ${folder}/runs/r/link`,
      );
    });
  });
});
