import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createFaultPoints, noFaults, silentLogger } from "@millrace/foundation";
import type { TargetManifest } from "@millrace/protocols";
import { targetManifestSchema } from "@millrace/protocols/schemas";
import { createManualClock, createRecordingLogger, createSeededIds } from "@millrace/testing";
import { describe, expect, test } from "vitest";
import { createFileSystem, files } from "../src/index.ts";
import { withProject } from "./project-folder.ts";
import { begin, codeOf, save, stage, tree } from "./sink-setting.ts";

const overwrite = { uri: "gold/daily/", format: "parquet", form: "folder" } as const;
const append = { ...overwrite, mode: "append" } as const;
const once = { ...overwrite, mode: "error_if_exists" } as const;

const manifestPath = (folder: string, version: number): string =>
  join(folder, "gold/daily/_millrace", `${String(version).padStart(20, "0")}.json`);

async function manifestOf(folder: string, version: number): Promise<TargetManifest> {
  return JSON.parse(await readFile(manifestPath(folder, version), "utf8")) as TargetManifest;
}

/** What a pipeline reads that ingests the folder. */
async function readBack(folder: string): Promise<readonly string[]> {
  const context = { projectRoot: folder, logger: silentLogger, faultPoints: noFaults };
  const found = await files().listFiles("gold/daily", context);
  return Promise.all(found.map(async (file) => readFile(file.uri, "utf8")));
}

const write = async (folder: string, request: Parameters<typeof begin>[1], key: string, text = key): Promise<unknown> =>
  save({ folder }, request, { key, contents: { "a.parquet": text } });

describe("a folder", () => {
  test("has versions and manifests as design section 12 says", async () => {
    await withProject(async (folder) => {
      const options = { clock: createManualClock(new Date("2026-01-02T03:04:05Z")), ids: createSeededIds() };
      const contents = { "data_0.parquet": "1\n", "region=eu/data_0.parquet": "2\n3\n" };
      const receipt = await save({ folder, options }, overwrite, { key: "run-1:save_daily", contents });
      expect(await tree(join(folder, "gold"))).toEqual([
        "daily/",
        "daily/_millrace/",
        "daily/_millrace/00000000000000000001.json",
        "daily/v1/",
        "daily/v1/part-00000.parquet",
        "daily/v1/region=eu/",
        "daily/v1/region=eu/part-00001.parquet",
      ]);
      const manifest = await manifestOf(folder, 1);
      expect(manifest).toEqual({
        schema: "millrace.target",
        version: 1,
        target_version: 1,
        format: "parquet",
        mode: "overwrite",
        files: [
          { path: "v1/part-00000.parquet", size_bytes: 2, rows: 1, commit_key: "run-1:save_daily" },
          { path: "v1/region=eu/part-00001.parquet", size_bytes: 4, rows: 2, commit_key: "run-1:save_daily" },
        ],
        rows: 3,
        committed_at: "2026-01-02T03:04:05.000Z",
        commit_key: "run-1:save_daily",
        produced_by: { run_id: "run-1", step: "save_daily", attempt: 1 },
      });
      expect(targetManifestSchema.parse(manifest)).toEqual(manifest);
      expect(receipt.bytesWritten).toBe(6);
      expect(receipt.files.map((file) => file.uri)).toEqual([
        join(folder, "gold/daily/v1/part-00000.parquet"),
        join(folder, "gold/daily/v1/region=eu/part-00001.parquet"),
      ]);
    });
  });

  test("names files in the order in which they were written, whatever the compute called them", async () => {
    await withProject(async (folder) => {
      const writer = await begin({ folder }, overwrite);
      const staged = await stage(writer, { "part-00001.parquet": "first", "part-00000.parquet": "second", x: "third" });
      await writer.commit("k", staged);
      expect(await readBack(folder)).toEqual(["first", "second", "third"]);
    });
  });

  test("has nothing of what the compute left beside its files", async () => {
    await withProject(async (folder) => {
      const writer = await begin({ folder }, overwrite);
      const [file] = await stage(writer, { "a.parquet": "rows", "tmp_b.parquet": "torn" });
      await writer.commit("k", file === undefined ? [] : [file]);
      expect(await tree(join(folder, "gold/daily/v1"))).toEqual(["part-00000.parquet"]);
      expect(await tree(join(folder, ".millrace"))).toEqual(["staging/"]);
    });
  });

  test("an overwrite makes only the new files count, an append the old ones too", async () => {
    await withProject(async (folder) => {
      await write(folder, overwrite, "one");
      await write(folder, append, "two");
      expect(await readBack(folder)).toEqual(["one", "two"]);
      await write(folder, overwrite, "three");
      expect(await readBack(folder)).toEqual(["three"]);
      await write(folder, append, "four");
      expect(await readBack(folder)).toEqual(["three", "four"]);
      expect((await manifestOf(folder, 4)).target_version).toBe(4);
    });
  });

  test("keeps the files of its previous version for those who still read it, and no older ones", async () => {
    await withProject(async (folder) => {
      const folders = async (): Promise<readonly string[]> =>
        (await tree(join(folder, "gold/daily"))).filter((path) => /^v\d+\/$/.test(path));
      for (const key of ["1", "2", "3"]) await write(folder, overwrite, key);
      expect(await folders()).toEqual(["v2/", "v3/"]);
      await write(folder, append, "4");
      await write(folder, append, "5");
      expect([await folders(), await readBack(folder)]).toEqual([
        ["v3/", "v4/", "v5/"],
        ["3", "4", "5"],
      ]);
      await write(folder, overwrite, "6");
      await write(folder, overwrite, "7");
      expect([await folders(), await readBack(folder)]).toEqual([["v6/", "v7/"], ["7"]]);
    });
  });

  test("a version that cannot be removed is told, and the commit stands", async () => {
    await withProject(async (folder) => {
      const logger = createRecordingLogger();
      const real = createFileSystem();
      const broken = async (path: string): Promise<never> => {
        throw new Error(`no ${path}`);
      };
      const fileSystem = { ...real, removeTree: broken };
      for (const key of ["1", "2", "3"])
        await save({ folder, logger, options: { fileSystem } }, overwrite, { key, contents: { "a.parquet": key } });
      expect(await readBack(folder)).toEqual(["3"]);
      expect(logger.lines.map((line) => line.message)).toContain("staged or replaced files could not be removed");
    });
  });
});

describe("commit keys", () => {
  test("count once, also when the attempt that committed could not say so", async () => {
    await withProject(async (folder) => {
      await write(folder, append, "1");
      const first = await write(folder, append, "2");
      await write(folder, append, "3");
      expect(await write(folder, append, "2", "again")).toEqual(first);
      expect(await readBack(folder)).toEqual(["1", "2", "3"]);
      expect((await tree(join(folder, "gold/daily"))).filter((path) => path.startsWith("v"))).toHaveLength(6);
    });
  });

  test("of an overwrite and of a first write count once too", async () => {
    await withProject(async (folder) => {
      await write(folder, once, "1");
      // The same step of the same run: its attempt before died after the commit.
      expect(await write(folder, once, "1", "again")).toMatchObject({ bytesWritten: 1 });
      expect(await codeOf(write(folder, once, "2"))).toBe("TARGET_EXISTS");
      await write(folder, overwrite, "3");
      await write(folder, overwrite, "3", "again");
      expect([await readBack(folder), (await manifestOf(folder, 2)).commit_key]).toEqual([["3"], "3"]);
    });
  });
});

describe("writers at the same time", () => {
  test("lose no rows of appends", { timeout: 60_000 }, async () => {
    await withProject(async (folder) => {
      const texts = Array.from({ length: 12 }, (_, index) => `rows ${index}`);
      await Promise.all(texts.map(async (text) => write(folder, append, text)));
      expect((await readBack(folder)).toSorted()).toEqual(texts.toSorted());
      expect((await manifestOf(folder, 12)).files).toHaveLength(12);
    });
  });

  test("replace each other whole, and readers never see a mixture", { timeout: 60_000 }, async () => {
    await withProject(async (folder) => {
      const contents = (key: string): Record<string, string> => ({ "a.parquet": key, "b.parquet": key });
      await save({ folder }, overwrite, { key: "0", contents: contents("0") });
      const progress = { done: false };
      const writing = Promise.all(
        ["x", "y", "z"].map(async (who) => {
          for (let round = 0; round < 10; round++)
            await save({ folder }, overwrite, { key: `${who}${round}`, contents: contents(`${who}${round}`) });
        }),
      ).then(() => (progress.done = true));
      const seen: (readonly string[])[] = [];
      do {
        // Files of a version before the previous one may go while they are read: then the reader begins anew.
        const found = await readBack(folder).catch(() => undefined);
        if (found !== undefined) seen.push(found);
      } while (!progress.done);
      await writing;
      expect(seen.filter(([a, b, ...more]) => a === undefined || a !== b || more.length > 0)).toEqual([]);
      expect(seen.length).toBeGreaterThan(5);
    });
  });
});

describe("a place that is taken", () => {
  test("error_if_exists takes an empty folder and no other", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "gold/daily"), { recursive: true });
      const slow = await begin({ folder }, once);
      await save({ folder }, { ...overwrite }, { key: "1", contents: { "a.parquet": "one" } });
      expect(await codeOf(slow.commit("2", await stage(slow, { "a.parquet": "two" })))).toBe("TARGET_EXISTS");
      await slow.abort();
      expect([await readBack(folder), await tree(join(folder, "gold/daily"))]).toEqual([
        ["one"],
        ["_millrace/", "_millrace/00000000000000000001.json", "v1/", "v1/part-00000.parquet"],
      ]);
    });
  });

  test("files of somebody else are never mixed with ours", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "gold/daily"), { recursive: true });
      await writeFile(join(folder, "gold/daily/theirs.parquet"), "x");
      await expect(begin({ folder }, overwrite)).rejects.toThrow('such as "theirs.parquet"');
      await writeFile(join(folder, "file"), "x");
      expect(await codeOf(begin({ folder }, { ...overwrite, uri: "file" }))).toBe("TARGET_INVALID");
    });
  });

  test("version folders of a writer that died are passed over", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "gold/daily/_millrace"), { recursive: true });
      await mkdir(join(folder, "gold/daily/v1"));
      await writeFile(join(folder, "gold/daily/v1/part-00000.parquet"), "dead");
      await write(folder, append, "alive");
      expect(await readBack(folder)).toEqual(["alive"]);
      expect((await manifestOf(folder, 1)).files[0]?.path).toBe("v2/part-00000.parquet");
    });
  });

  test("a damaged manifest is an error that names it, for readers and writers", async () => {
    await withProject(async (folder) => {
      await write(folder, append, "1");
      const escaping = { ...(await manifestOf(folder, 1)), files: [{ path: "../../../etc/passwd", size_bytes: 1 }] };
      for (const text of ["{", "[]", "null", '{"schema":"other"}', JSON.stringify(escaping)]) {
        await writeFile(manifestPath(folder, 2), text);
        await expect(readBack(folder)).rejects.toThrow("00000000000000000002.json is damaged");
        expect(await codeOf(readBack(folder))).toBe("MANIFEST_INVALID");
        expect(await codeOf(write(folder, append, "2"))).toBe("MANIFEST_INVALID");
      }
    });
  });

  test("a failure between the files and their manifest takes the files back", async () => {
    await withProject(async (folder) => {
      const faultPoints = createFaultPoints("manifest.commit:1:enospc");
      const failed = save({ folder, faultPoints }, append, { key: "1", contents: { "a.parquet": "one" } });
      await expect(failed).rejects.toMatchObject({ code: "STORE_IO", failureClass: "terminal" });
      expect(await tree(folder)).toEqual([]);
    });
  });
});
