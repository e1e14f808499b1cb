import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createFaultPoints, createIdSource, isMillraceError, noFaults } from "@millrace/foundation";
import type { ByteStore, DatasetCommit, DatasetStaging, DatasetStore, Manifest } from "@millrace/protocols";
import { createManualClock, createMemoryByteStore, createSeededIds, withScratchFolder } from "@millrace/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDatasetStore, localStagingFolders } from "../src/index.ts";
import type { DatasetStoreOptions } from "../src/index.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const clock = createManualClock(new Date("2026-01-02T03:04:05Z"));
const owner = { pipeline: "orders", dataset: "daily", runId: "run-1", step: "make daily", attempt: 1 };

function create(store: ByteStore, options: Partial<DatasetStoreOptions> = {}): DatasetStore {
  return createDatasetStore({ store, clock, ids: createSeededIds(), faultPoints: noFaults, ...options });
}

/** Puts files where the compute would, and says of them what a compute says. */
async function stage(
  store: ByteStore,
  datasets: DatasetStore,
  contents: Readonly<Record<string, string>>,
  who = owner,
): Promise<readonly [DatasetStaging, DatasetCommit]> {
  const staging = await datasets.stage(who);
  for (const [name, text] of Object.entries(contents))
    await store.write(`${staging.uri.replace("memory:///", "")}/${name}`, encode(text));
  const files = Object.entries(contents).map(([name, text]) => ({
    uri: `${staging.uri}/${name}`,
    sizeBytes: Buffer.byteLength(text),
    rows: 1,
  }));
  const produced = { run_id: who.runId, step: who.step, attempt: who.attempt, digest: "d1" };
  return [staging, { format: "parquet", files, rows: files.length, columns: { day: "DATE!" }, produced_by: produced }];
}

async function keysOf(store: ByteStore, prefix = ""): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const object of store.list(prefix)) keys.push(object.key);
  return keys;
}

async function textOf(store: ByteStore, uri: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(uri.replace("memory:///", ""))) parts.push(part);
  return Buffer.concat(parts).toString();
}

const contentOf = async (
  store: ByteStore,
  datasets: DatasetStore,
  manifest: Manifest | undefined,
): Promise<readonly string[]> =>
  manifest === undefined ? [] : Promise.all(datasets.uris(manifest).map(async (uri) => textOf(store, uri)));

const codeOf = async (operation: Promise<unknown>): Promise<string> =>
  operation.then(
    () => "resolved",
    (error: unknown) => (isMillraceError(error) ? error.code : ((error as { code?: string }).code ?? String(error))),
  );

describe("committed versions", () => {
  test("have files, a manifest and a place as designed", async () => {
    const store = createMemoryByteStore();
    const datasets = create(store);
    const manifest = await datasets.commit(
      ...(await stage(store, datasets, { "part-00000.parquet": "rows", "region=eu/data_0.parquet": "more" })),
    );
    expect(manifest).toEqual({
      schema: "millrace.manifest",
      version: 1,
      pipeline: "orders",
      dataset: "daily",
      dataset_version: 1,
      format: "parquet",
      files: [
        { path: expect.stringMatching(/^v1-[0-9a-f]{8}\/part-00000\.parquet$/) as unknown, size_bytes: 4, rows: 1 },
        {
          path: expect.stringMatching(/^v1-[0-9a-f]{8}\/region=eu\/part-00001\.parquet$/) as unknown,
          size_bytes: 4,
          rows: 1,
        },
      ],
      rows: 2,
      columns: { day: "DATE!" },
      committed_at: "2026-01-02T03:04:05.000Z",
      produced_by: { run_id: "run-1", step: "make daily", attempt: 1, digest: "d1" },
    });
    expect(await datasets.read("orders", "daily")).toEqual(manifest);
    expect(await contentOf(store, datasets, manifest)).toEqual(["rows", "more"]);
    expect(await keysOf(store)).toEqual([
      "data/orders/daily/_millrace/00000000000000000001.json",
      ...manifest.files.map((file) => `data/orders/daily/${file.path}`),
    ]);
  });

  test("the highest is current, and each stays readable", async () => {
    const store = createMemoryByteStore();
    const datasets = create(store);
    for (const text of ["one", "two", "three"])
      await datasets.commit(...(await stage(store, datasets, { "a.parquet": text })));
    expect(await contentOf(store, datasets, await datasets.read("orders", "daily"))).toEqual(["three"]);
    expect(await contentOf(store, datasets, await datasets.read("orders", "daily", 1))).toEqual(["one"]);
    for (const version of [0, 4, -1, 1.5, Number.NaN])
      expect(await datasets.read("orders", "daily", version)).toBeUndefined();
    expect(await datasets.read("orders", "other")).toBeUndefined();
    expect(await datasets.read("other", "daily")).toBeUndefined();
  });

  test("writers at the same time all get a version of their own, and lose nothing", async () => {
    const store = createMemoryByteStore();
    const texts = Array.from({ length: 20 }, (_, index) => `rows ${index}`);
    const versions = await Promise.all(
      texts.map(async (text, index) => {
        const datasets = create(store, { ids: createIdSource() });
        const staged = await stage(store, datasets, { "a.parquet": text }, { ...owner, attempt: index + 1 });
        return (await datasets.commit(...staged)).dataset_version;
      }),
    );
    expect(versions.toSorted((a, b) => a - b)).toEqual(texts.map((_, index) => index + 1));
    const datasets = create(store);
    const contents = await Promise.all(
      versions.map(async (version) => contentOf(store, datasets, await datasets.read("orders", "daily", version))),
    );
    expect(contents).toEqual(texts.map((text) => [text]));
  });

  test("datasets are listed once, whatever their names", async () => {
    const store = createMemoryByteStore();
    const datasets = create(store);
    const names = ["daily", "ü/../x", "_millrace", "v1", "a.b", "x".repeat(400)];
    for (const dataset of names)
      for (const text of ["one", "two"])
        await datasets.commit(...(await stage(store, datasets, { "a.parquet": text }, { ...owner, dataset })));
    const listed: string[] = [];
    for await (const { pipeline, dataset } of datasets.list()) listed.push(`${pipeline}|${dataset}`);
    expect(listed.toSorted()).toEqual(names.map((name) => `orders|${name}`).toSorted());
  });

  test("a store that cannot create conditionally keeps no datasets", () => {
    const store = createMemoryByteStore();
    const weak = { ...store, capabilities: { ...store.capabilities, conditionalCreate: false } };
    expect(() => create(weak)).toThrow("no conditional create");
  });
});

describe("staging", () => {
  test("is by run, step and attempt, and never somebody else's", async () => {
    const datasets = create(createMemoryByteStore());
    const uris = await Promise.all(
      [
        owner,
        owner,
        { ...owner, attempt: 2 },
        { ...owner, dataset: "weekly" },
        { ...owner, step: "x/../y" },
        { ...owner, pipeline: "other" },
      ].map(async (who) => (await datasets.stage(who)).uri),
    );
    expect(uris[0]).toMatch(/^memory:\/\/\/staging\/run-1\/make%20daily\/1-[0-9a-f-]{36}$/);
    expect(new Set(uris).size).toBe(6);
    expect(uris.flatMap((uri) => uri.split("/")).filter((part) => part === "." || part === "..")).toEqual([]);
  });

  test("a discard leaves nothing, and what was staged counts for nothing", async () => {
    const store = createMemoryByteStore();
    const datasets = create(store);
    const [staging] = await stage(store, datasets, { "a.parquet": "half" });
    await datasets.discard(staging);
    expect([await keysOf(store), await datasets.read("orders", "daily")]).toEqual([[], undefined]);
    await datasets.discard(staging);
  });

  test("is an empty folder of this machine for a store of files, and goes with those around it", async () => {
    await withScratchFolder(async (folder) => {
      const [one, two] = [join(folder, "staging/run/step/1-a"), join(folder, "staging/run/other/1-b")];
      await localStagingFolders.create(one);
      await localStagingFolders.create(`file://${two}`);
      await writeFile(join(one, "left"), "by a compute");
      expect([await readdir(one), await readdir(two)]).toEqual([["left"], []]);
      await localStagingFolders.remove(one);
      expect(await readdir(join(folder, "staging/run"))).toEqual(["other"]);
      await localStagingFolders.remove(two);
      await localStagingFolders.remove(two);
      expect(await readdir(join(folder, "staging"))).toEqual([]);
    });
  });

  test("what is committed is what was written", async () => {
    const store = createMemoryByteStore();
    const datasets = create(store);
    const [staging, commit] = await stage(store, datasets, { "a.parquet": "whole" });
    const [file] = commit.files;
    if (file === undefined) throw new Error("one file was staged");
    for (const wrong of [
      { ...file, sizeBytes: 4 },
      { ...file, uri: `${staging.uri}/b.parquet` },
      { ...file, uri: "memory:///data/x" },
      { ...file, uri: `${staging.uri}-2/a.parquet` },
    ])
      expect(await codeOf(datasets.commit(staging, { ...commit, files: [wrong] }))).toBe("STORE_IO");
    expect(await codeOf(datasets.commit({ ...staging, prefix: "data/" } as DatasetStaging, commit))).toBe("INTERNAL");
    expect(await datasets.read("orders", "daily")).toBeUndefined();
    expect((await datasets.commit(staging, commit)).dataset_version).toBe(1);
  });
});

describe("damage and faults", () => {
  test("a damaged manifest is an error that names it, and never an older version", async () => {
    const store = createMemoryByteStore();
    const datasets = create(store);
    const manifest = await datasets.commit(...(await stage(store, datasets, { "a.parquet": "one" })));
    const key = "data/orders/daily/_millrace/00000000000000000002.json";
    const second = { ...manifest, dataset_version: 2 };
    const damaged = [
      "",
      "{",
      "null",
      "[]",
      JSON.stringify({ ...second, schema: "other" }),
      JSON.stringify({ ...second, version: 2 }),
      JSON.stringify({ ...second, dataset: "weekly" }),
      JSON.stringify(manifest),
      JSON.stringify({ ...second, files: undefined }),
      JSON.stringify({ ...second, rows: "2" }),
      JSON.stringify({ ...second, files: [{ path: "../../../etc/passwd", size_bytes: 1 }] }),
      JSON.stringify({ ...second, files: [{ path: "/etc/passwd", size_bytes: 1 }] }),
    ];
    for (const text of damaged) {
      await store.write(key, encode(text));
      const error: unknown = await datasets.read("orders", "daily").catch((thrown: unknown) => thrown);
      expect(isMillraceError(error) && error.code, text).toBe("MANIFEST_INVALID");
      expect((error as Error).message).toContain(key);
    }
    await store.write(key, Uint8Array.of(0xff, 0xfe));
    expect(await codeOf(datasets.read("orders", "daily"))).toBe("MANIFEST_INVALID");
  });

  test.each([
    ["eio", "retryable"],
    ["enospc", "terminal"],
  ])(
    "a failure (%s) before the manifest is %s, shows nothing of the version and takes its files back",
    async (action, failureClass) => {
      const store = createMemoryByteStore();
      const first = create(store);
      await first.commit(...(await stage(store, first, { "a.parquet": "old" })));
      const before = await keysOf(store);
      const failing = create(store, { faultPoints: createFaultPoints(`manifest.commit:1:${action}`) });
      const [staging, commit] = await stage(store, failing, { "a.parquet": "new" });
      await expect(failing.commit(staging, commit)).rejects.toMatchObject({ code: "STORE_IO", failureClass });
      await failing.discard(staging);
      expect(await contentOf(store, first, await first.read("orders", "daily"))).toEqual(["old"]);
      expect(await keysOf(store)).toEqual(before);
    },
  );

  test("files of a version that counts stay, although its creation was reported failed", async () => {
    const store = createMemoryByteStore();
    // The manifest is made, and the answer is lost.
    const unsure: ByteStore = {
      ...store,
      createIfAbsent: async (key, body) => {
        await store.createIfAbsent(key, body);
        throw Object.assign(new Error("no answer"), { code: "EIO" });
      },
    };
    const failing = create(unsure);
    expect(await codeOf(failing.commit(...(await stage(store, failing, { "a.parquet": "new" }))))).toBe("EIO");
    const datasets = create(store);
    expect(await contentOf(store, datasets, await datasets.read("orders", "daily"))).toEqual(["new"]);
  });

  test("finding the newest version takes no more calls as history grows", async () => {
    let calls = 0;
    const store = createMemoryByteStore({ onCall: () => void (calls += 1) });
    const listed: string[] = [];
    const counting: ByteStore = {
      ...store,
      async *list(prefix) {
        for await (const object of store.list(prefix)) {
          listed.push(object.key);
          yield object;
        }
      },
    };
    const datasets = create(counting, { ids: createIdSource() });
    for (let version = 1; version <= 200; version++) {
      const staged = await stage(store, datasets, { "a.parquet": `rows ${version}` });
      [calls, listed.length] = [0, 0];
      expect((await datasets.commit(...staged)).dataset_version).toBe(version);
      // Twice the way from the last hint, which is at most 32 versions back, and the rest of a commit.
      expect(calls + listed.length).toBeLessThan(2 * 34 + 40);
    }
    expect((await datasets.read("orders", "daily"))?.dataset_version).toBe(200);
  });

  test.each(["", "x", "0", "-1", "1e9", "64"])("a hint that says %j misleads nobody", async (hint) => {
    const store = createMemoryByteStore();
    const datasets = create(store);
    for (const text of ["one", "two"]) await datasets.commit(...(await stage(store, datasets, { "a.parquet": text })));
    await store.write("data/orders/daily/_millrace/hint", encode(hint));
    expect((await datasets.read("orders", "daily"))?.dataset_version).toBe(2);
    expect((await datasets.commit(...(await stage(store, datasets, { "a.parquet": "three" })))).dataset_version).toBe(
      3,
    );
  });

  test("whichever call to the store fails, readers see the old version or the new one, whole", async () => {
    // facts/reliability.md T3, over the byte store instead of the file system.
    let failing = 0;
    let calls = 0;
    do {
      failing += 1;
      calls = 0;
      const fault = { armed: false };
      const store = createMemoryByteStore({
        onCall: () => {
          calls += fault.armed ? 1 : 0;
          if (fault.armed && calls === failing) throw Object.assign(new Error("injected"), { code: "EIO" });
        },
      });
      const datasets = create(store, { ids: createIdSource() });
      await datasets.commit(...(await stage(store, datasets, { "a.parquet": "old", "b.parquet": "old too" })));
      const staged = await stage(store, datasets, { "a.parquet": "new", "b.parquet": "new too" });
      fault.armed = true;
      const outcome = await codeOf(datasets.commit(...staged));
      fault.armed = false;
      const seen = await contentOf(store, datasets, await datasets.read("orders", "daily"));
      expect([
        ["old", "old too"],
        ["new", "new too"],
      ]).toContainEqual(seen);
      expect(outcome === "EIO" || seen[0] === "new").toBe(true);
      const again = await stage(
        store,
        datasets,
        { "a.parquet": "new", "b.parquet": "new too" },
        { ...owner, attempt: 2 },
      );
      await datasets.commit(...again);
      expect(await contentOf(store, datasets, await datasets.read("orders", "daily"))).toEqual(["new", "new too"]);
    } while (calls >= failing);
    expect(failing).toBeGreaterThan(8);
  });
});

describe("keys", () => {
  test("are different for different names, and never leave their place", async () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, name), { minLength: 2, maxLength: 2, selector: (pair) => JSON.stringify(pair) }),
        async (names) => {
          const store = createMemoryByteStore();
          const datasets = create(store, { ids: createIdSource() });
          for (const [pipeline, dataset] of names)
            await datasets.commit(
              ...(await stage(
                store,
                datasets,
                { "a.parquet": `${pipeline}\n${dataset}` },
                { ...owner, pipeline, dataset },
              )),
            );
          for (const [pipeline, dataset] of names) {
            const manifest = await datasets.read(pipeline, dataset);
            expect(manifest?.dataset_version).toBe(1);
            expect(await contentOf(store, datasets, manifest)).toEqual([`${pipeline}\n${dataset}`]);
          }
          const keys = await keysOf(store);
          // Escapes aside, nothing that a file system may take for something else.
          const part = String.raw`(?:[a-z0-9_-]|%[0-9A-Fa-f]{2})(?:[a-z0-9_.~-]|%[0-9A-Fa-f]{2})*`;
          const file = String.raw`(?:_millrace/\d{20}\.json|v\d+-[0-9a-f]{8}/part-\d{5}\.parquet)`;
          for (const key of keys) expect(key).toMatch(new RegExp(`^data/${part}/${part}/${file}$`));
          expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(keys.length);
          expect(Math.max(...keys.flatMap((key) => key.split("/").map((one) => Buffer.byteLength(one))))).toBeLessThan(
            256,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test("a name without characters is refused", async () => {
    const datasets = create(createMemoryByteStore());
    expect(await codeOf(datasets.stage({ ...owner, dataset: "" }))).toBe("STORE_KEY_INVALID");
    expect(await codeOf(datasets.read("", "daily"))).toBe("STORE_KEY_INVALID");
  });
});

test("a manifest is text that people read", async () => {
  const store = createMemoryByteStore();
  const datasets = create(store);
  await datasets.commit(...(await stage(store, datasets, { "a.parquet": "x" })));
  const text = await textOf(store, "data/orders/daily/_millrace/00000000000000000001.json");
  expect(text.split("\n").slice(0, 2)).toEqual(["{", '  "schema": "millrace.manifest",']);
  expect(text.endsWith("}\n")).toBe(true);
});
