import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { withScratchFolder } from "@millrace/testing";
import { describe, expect, test } from "vitest";
import { createFileSystem } from "../src/index.ts";
import { withProject } from "./project-folder.ts";
import { begin, save, stage, tree } from "./sink-setting.ts";

const requests = [{}, { uri: "gold/parts", form: "folder" }] as const;

describe("staging", () => {
  test("is in the run's folder where that is on the target's file system", async () => {
    await withProject(async (folder) => {
      const writer = await begin({ folder }, { uri: "daily.parquet", format: "parquet" });
      expect(writer.staging.uri).toMatch(/\/\.millrace\/staging\/run-1\/save_daily-1-[0-9a-f-]+\/daily\.parquet$/);
      await writer.abort();
      expect(await tree(folder)).toEqual([]);
    });
  });

  test("is beside the target where the run's folder is on another device, and goes away", async () => {
    await withScratchFolder(async (folder) => {
      await withProject(async (elsewhere) => {
        // Real where /dev/shm is apart from the temporary folder, as on Linux; else the run's folder is as good.
        const apart = (await stat(folder)).dev !== (await stat(elsewhere)).dev;
        const expected = apart ? "/.millrace-staging-run-1/" : "/staging/";
        for (const request of requests) {
          const given = { ...request, stagingDirectory: join(elsewhere, "staging") };
          const writer = await begin({ folder }, given);
          expect(writer.staging.uri).toContain(expected);
          await writer.commit("k", await stage(writer, { "a.csv": "x\n" }));
          const aborted = await begin({ folder }, given);
          await aborted.abort();
        }
        expect((await readdir(folder, { recursive: true })).filter((name) => name.includes("staging"))).toEqual([]);
        expect(await readdir(elsewhere)).toEqual([]);
      });
    });
  });

  test("is beside the target where two mounts of one device refuse a rename", async () => {
    await withProject(async (folder) => {
      // As rename(2) answers between two bind mounts, whose device numbers are equal.
      const fileSystem = createFileSystem((operation, path) => {
        const [from = "", to = ""] = path.split(" to ");
        if (operation === "rename" && from.includes("/.millrace/") && !to.includes("/.millrace/"))
          throw Object.assign(new Error("cross-device link"), { code: "EXDEV" });
      });
      for (const request of requests) {
        const writer = await begin({ folder, options: { fileSystem } }, request);
        expect(writer.staging.uri).toContain("/.millrace-staging-run-1/");
        await writer.commit("k", await stage(writer, { "a.csv": "x\n" }));
      }
      expect(await tree(folder)).toEqual([
        "gold/",
        "gold/daily.csv",
        "gold/parts/",
        "gold/parts/_millrace/",
        "gold/parts/_millrace/00000000000000000001.json",
        "gold/parts/v1/",
        "gold/parts/v1/part-00000.csv",
      ]);
    });
  });

  test("of steps that run at the same time does not meet", async () => {
    await withProject(async (folder) => {
      const names = Array.from({ length: 20 }, (_, index) => `gold/${index}.csv`);
      await Promise.all(names.map(async (uri) => save({ folder }, { uri }, { key: uri, contents: { x: `${uri}\n` } })));
      expect(await tree(folder)).toEqual(["gold/", ...names].toSorted());
    });
  });

  test("of an aborted attempt leaves nothing, and what was there stays", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "gold/kept"), { recursive: true });
      for (const request of requests) {
        const writer = await begin({ folder }, request);
        await stage(writer, { "a.csv": "half" });
        await writer.abort();
        expect(await tree(folder)).toEqual(["gold/", "gold/kept/"]);
      }
    });
  });
});
