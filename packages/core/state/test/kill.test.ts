import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createIdSource, noFaults, systemClock } from "@millrace/foundation";
import { createMemoryByteStore, withScratchFolder } from "@millrace/testing";
import { describe, expect, test } from "vitest";
import { createDatasetStore, createRunStore } from "../src/index.ts";
import type { RunStore } from "../src/index.ts";
import { openFolderByteStore } from "./folder-byte-store.ts";

interface Attempt {
  readonly stateDir: string;
  readonly runId: string;
  readonly rows: string;
  /** Where it dies; it lives without. */
  readonly fault?: string;
}

/** Runs `killed-run.ts`; gives the signal that ended it. */
async function run({ stateDir, runId, rows, fault = "" }: Attempt): Promise<string | number | null> {
  const script = fileURLToPath(import.meta.resolve("./killed-run.ts"));
  const child = spawn(process.execPath, ["--conditions=@millrace/source", script, fault, stateDir, runId, rows]);
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return signal ?? code;
}

/** What a reader of the current version sees. */
async function read(stateDir: string): Promise<readonly string[]> {
  const store = openFolderByteStore(stateDir, noFaults);
  const datasets = createDatasetStore({ store, clock: systemClock, ids: createIdSource(), faultPoints: noFaults });
  const manifest = await datasets.read("orders", "daily");
  return manifest === undefined ? [] : Promise.all(datasets.uris(manifest).map(async (uri) => readFile(uri, "utf8")));
}

const runsOf = (stateDir: string): RunStore =>
  createRunStore({ store: openFolderByteStore(stateDir, noFaults), faultPoints: noFaults });

describe("a process that is killed", () => {
  // The dataset has two files: killed before the first is moved, between the two, and after both.
  test.concurrent.for([
    ["output.fsync:1:kill", "old"],
    ["output.rename:1:kill", "old"],
    ["output.fsync:2:kill", "old"],
    ["output.rename:2:kill", "old"],
    ["manifest.commit:1:kill", "old"],
    ["run.finish:1:kill", "new"],
  ] as const)(
    "at %s leaves the %s version, whole, and a run without a record",
    { timeout: 30_000 },
    async ([fault, left], { expect: check }) => {
      await withScratchFolder(async (folder) => {
        const stateDir = join(folder, ".millrace");
        check(await run({ stateDir, runId: "run-1", rows: "old" })).toBe(0);
        check(await run({ stateDir, runId: "run-2", rows: "new", fault })).toBe("SIGKILL");
        check(await read(stateDir)).toEqual([`a ${left}`, `b ${left}`]);

        const runs = runsOf(stateDir);
        const states = Object.fromEntries((await runs.list()).map(({ runId, record }) => [runId, record?.state]));
        check(states).toEqual({ "run-1": "success", "run-2": undefined });
        const events = [];
        for await (const event of runs.readEvents("run-2")) events.push(event.event);
        check(events).toEqual(["pipeline_start"]);

        check(await run({ stateDir, runId: "run-3", rows: "newer" })).toBe(0);
        check(await read(stateDir)).toEqual(["a newer", "b newer"]);
        check((await runs.read("run-3"))?.state).toBe("success");
      });
    },
  );

  test("before its run has a folder leaves none", { timeout: 30_000 }, async () => {
    await withScratchFolder(async (folder) => {
      const stateDir = join(folder, ".millrace");
      expect(await run({ stateDir, runId: "run-1", rows: "x", fault: "run.create:1:kill" })).toBe("SIGKILL");
      expect([await readdir(stateDir), await runsOf(stateDir).list()]).toEqual([[".gitignore"], []]);
    });
  });

  test("before any call to its store leaves the old version or the new one, and the next commit works", async () => {
    // A dead process makes no more calls: the N-th and all later ones fail, clean-up included.
    const seen = new Set<string>();
    let dies = 0;
    let calls = 0;
    do {
      dies += 1;
      calls = 0;
      const fault = { armed: false };
      const store = createMemoryByteStore({
        onCall: () => {
          calls += fault.armed ? 1 : 0;
          if (fault.armed && calls >= dies) throw new Error("dead");
        },
      });
      const datasets = createDatasetStore({ store, clock: systemClock, ids: createIdSource(), faultPoints: noFaults });
      const commit = async (rows: string, attempt: number): Promise<void> => {
        const staging = await datasets.stage({ pipeline: "p", dataset: "d", runId: "r", step: "s", attempt });
        const uri = `${staging.uri}/a.parquet`;
        await store.write(uri.replace("memory:///", ""), new TextEncoder().encode(rows));
        const files = [{ uri, sizeBytes: rows.length }];
        const produced = { run_id: "r", step: "s", attempt, digest: "d" };
        fault.armed = rows === "new";
        await datasets.commit(staging, { format: "parquet", files, rows: 1, columns: {}, produced_by: produced });
      };
      const content = async (): Promise<string> => {
        const manifest = await datasets.read("p", "d");
        const [uri = ""] = manifest === undefined ? [] : datasets.uris(manifest);
        const parts: Uint8Array[] = [];
        for await (const part of store.read(uri.replace("memory:///", ""))) parts.push(part);
        return Buffer.concat(parts).toString("utf8");
      };
      await commit("old", 1);
      await commit("new", 2).catch(() => undefined);
      fault.armed = false;
      seen.add(await content());
      await commit("last", 3);
      expect(await content()).toBe("last");
    } while (calls >= dies);
    expect([...seen].toSorted()).toEqual(["new", "old"]);
  });
});
