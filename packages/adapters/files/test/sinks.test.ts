import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createFaultPoints, isMillraceError, noFaults, silentLogger } from "@millrace/foundation";
import type { FaultPoints, SinkRequest, SinkWriter, TargetManifest, WrittenFile } from "@millrace/protocols";
import { createManualClock, createSeededIds, withScratchFolder } from "@millrace/testing";
import { describe, expect, test } from "vitest";
import { createFileSystem, files } from "../src/index.ts";
import type { FilesOptions } from "../src/index.ts";

interface Setting {
  readonly folder: string;
  readonly options?: FilesOptions;
  readonly faultPoints?: FaultPoints;
}

/** Begins an attempt on a target of a project folder. */
async function begin(
  { folder, options, faultPoints = noFaults }: Setting,
  request: Partial<SinkRequest>,
  attempt = 1,
): Promise<SinkWriter> {
  const stagingDirectory = join(folder, ".millrace/staging/run-1");
  const context = { projectRoot: folder, logger: silentLogger, faultPoints };
  const whole: SinkRequest = {
    uri: "gold/daily.csv",
    format: "csv",
    form: "file",
    mode: "overwrite",
    options: {},
    stagingDirectory,
    ...request,
  };
  return files(options).createSink(whole, context).begin({ runId: "run-1", step: "save daily", attempt });
}

/** Writes as a compute does: files in the staging place, unsynced. */
async function stage(writer: SinkWriter, contents: Readonly<Record<string, string>>): Promise<readonly WrittenFile[]> {
  return Promise.all(
    Object.entries(contents).map(async ([name, text]): Promise<WrittenFile> => {
      const uri = writer.staging.form === "file" ? writer.staging.uri : join(writer.staging.uri, name);
      await mkdir(dirname(uri), { recursive: true });
      await writeFile(uri, text);
      return { uri, sizeBytes: Buffer.byteLength(text), rows: text.split("\n").length - 1 };
    }),
  );
}

async function save(
  setting: Setting,
  request: Partial<SinkRequest>,
  { key, contents }: { key: string; contents: Readonly<Record<string, string>> },
): ReturnType<SinkWriter["commit"]> {
  const writer = await begin(setting, request);
  return writer.commit(key, await stage(writer, contents));
}

/** Everything below a folder that is no staging place. */
async function tree(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

const codeOf = async (operation: Promise<unknown>): Promise<string> =>
  operation.then(
    () => "resolved",
    (error: unknown) => (isMillraceError(error) ? error.code : String(error)),
  );

describe("one file", () => {
  test("appears with its folders at the commit and not before, and nothing of staging stays", async () => {
    await withScratchFolder(async (folder) => {
      const writer = await begin({ folder }, {});
      const staged = await stage(writer, { x: "a\n1\n2\n" });
      expect(await codeOf(stat(join(folder, "gold")))).toContain("ENOENT");
      const receipt = await writer.commit("k", staged);
      expect(await readFile(join(folder, "gold/daily.csv"), "utf8")).toBe("a\n1\n2\n");
      expect(receipt).toEqual({
        files: [{ uri: join(folder, "gold/daily.csv"), sizeBytes: 6, rows: 3 }],
        bytesWritten: 6,
      });
      expect(await tree(folder)).toEqual(["gold/daily.csv"]);
    });
  });

  test("is replaced whole: readers see one version or the other", async () => {
    await withScratchFolder(async (folder) => {
      const path = join(folder, "gold/daily.csv");
      const versions = ["a", "b", "c"].map((letter) => letter.repeat(2_000_000));
      await save({ folder }, {}, { key: "0", contents: { x: versions[0] ?? "" } });
      const progress = { done: false };
      const writing = (async () => {
        for (const text of [...versions, ...versions]) await save({ folder }, {}, { key: "k", contents: { x: text } });
        progress.done = true;
      })();
      const seen: string[] = [];
      do seen.push(await readFile(path, "utf8"));
      while (!progress.done);
      await writing;
      expect(seen.filter((text) => !versions.includes(text))).toEqual([]);
    });
  });

  test("an abort leaves nothing", async () => {
    await withScratchFolder(async (folder) => {
      const writer = await begin({ folder }, {});
      await stage(writer, { x: "half" });
      await writer.abort();
      expect(await tree(folder)).toEqual([]);
    });
  });

  test("a link as the target is replaced and never followed", async () => {
    await withScratchFolder(async (folder) => {
      await writeFile(join(folder, "elsewhere"), "untouched");
      await mkdir(join(folder, "gold"));
      await symlink(join(folder, "elsewhere"), join(folder, "gold/daily.csv"));
      await save({ folder }, {}, { key: "k", contents: { x: "new" } });
      expect([
        await readFile(join(folder, "elsewhere"), "utf8"),
        await readFile(join(folder, "gold/daily.csv"), "utf8"),
      ]).toEqual(["untouched", "new"]);
    });
  });

  test("error_if_exists refuses before any work, and at the commit where somebody was faster", async () => {
    await withScratchFolder(async (folder) => {
      const mode = { mode: "error_if_exists" } as const;
      const slow = await begin({ folder }, mode);
      await save({ folder }, mode, { key: "k", contents: { x: "first" } });
      expect(await codeOf(begin({ folder }, mode))).toBe("TARGET_EXISTS");
      expect(await codeOf(slow.commit("k2", await stage(slow, { x: "second" })))).toBe("TARGET_EXISTS");
      expect(await readFile(join(folder, "gold/daily.csv"), "utf8")).toBe("first");
    });
  });

  test("an append gives the old file to the compute and replaces it with both", async () => {
    await withScratchFolder(async (folder) => {
      const append = { mode: "append" } as const;
      expect((await begin({ folder }, append)).previous).toEqual([]);
      await save({ folder }, append, { key: "1", contents: { x: "a\n1\n" } });
      const writer = await begin({ folder }, append);
      expect(writer.previous).toEqual([join(folder, "gold/daily.csv")]);
      await writer.commit("2", await stage(writer, { x: "a\n1\n2\n" }));
      expect(await readFile(join(folder, "gold/daily.csv"), "utf8")).toBe("a\n1\n2\n");
    });
  });

  test("an append that would lose somebody else's rows is refused, and another attempt can help", async () => {
    await withScratchFolder(async (folder) => {
      const append = { mode: "append" } as const;
      await save({ folder }, append, { key: "1", contents: { x: "a\n" } });
      const slow = await begin({ folder }, append);
      await save({ folder }, append, { key: "2", contents: { x: "a\nfast\n" } });
      const error: unknown = await slow
        .commit("3", await stage(slow, { x: "a\nslow\n" }))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "TARGET_CHANGED", failureClass: "retryable" });
      expect(await readFile(join(folder, "gold/daily.csv"), "utf8")).toBe("a\nfast\n");
    });
  });

  test("what was staged is what is committed", async () => {
    await withScratchFolder(async (folder) => {
      const cut = await begin({ folder }, {});
      const [file] = await stage(cut, { x: "whole" });
      await writeFile(cut.staging.uri, "cut");
      expect(await codeOf(cut.commit("k", file === undefined ? [] : [file]))).toBe("STORE_IO");
      const none = await begin({ folder }, {});
      expect(await codeOf(none.commit("k", []))).toBe("STORE_IO");
      const outside = await begin({ folder }, {});
      await writeFile(join(folder, "other"), "x");
      expect(await codeOf(outside.commit("k", [{ uri: join(folder, "other"), sizeBytes: 1 }]))).toBe("STORE_IO");
      expect(await codeOf(stat(join(folder, "gold/daily.csv")))).toContain("ENOENT");
    });
  });

  test.each([
    ["gold", "TARGET_INVALID"],
    ["gold/", "TARGET_INVALID"],
    ["file.txt/x.csv", "TARGET_INVALID"],
    ["s3://b/x.csv", "DEFINITION_INVALID_VALUE"],
  ])("%s is refused with %s", async (uri, code) => {
    await withScratchFolder(async (folder) => {
      await mkdir(join(folder, "gold"));
      await writeFile(join(folder, "file.txt"), "");
      expect(await codeOf((async () => begin({ folder }, { uri }))())).toBe(code);
    });
  });
});

describe("staging", () => {
  test("is in the run's folder where that is on the target's device", async () => {
    await withScratchFolder(async (folder) => {
      const writer = await begin({ folder }, { uri: "daily.parquet", format: "parquet" });
      expect(writer.staging.uri).toMatch(/\/\.millrace\/staging\/run-1\/save%20daily-1-[0-9a-f-]+\/daily\.parquet$/);
    });
  });

  test("is beside the target where it is not, and goes away", async () => {
    await withScratchFolder(async (folder) => {
      // Another device, as far as the adapter can tell: what stat says of the run's folder.
      const real = createFileSystem();
      const fileSystem = {
        ...real,
        statTarget: async (path: string) => {
          const found = await real.statTarget(path);
          return path.includes(".millrace/") || path.endsWith(".millrace")
            ? { ...found, device: found.device + 1n }
            : found;
        },
      };
      await mkdir(join(folder, ".millrace/staging"), { recursive: true });
      const setting = { folder, options: { fileSystem } };
      for (const request of [{}, { uri: "gold/parts", form: "folder" }] as const) {
        const writer = await begin(setting, request);
        expect(writer.staging.uri).toContain("/.millrace-staging-run-1/");
        expect(writer.staging.uri).not.toContain("/.millrace/");
        await writer.commit("k", await stage(writer, { "a.csv": "x\n" }));
        expect(await readdir(folder, { recursive: true })).not.toContain(".millrace-staging-run-1");
        expect(await readdir(join(folder, "gold"))).not.toContain(".millrace-staging-run-1");
      }
      const aborted = await begin(setting, {});
      await aborted.abort();
      expect((await readdir(folder)).toSorted()).toEqual([".millrace", "gold"]);
    });
  });
});

describe("a folder", () => {
  const parquet = { uri: "gold/daily/", format: "parquet", form: "folder" } as const;
  const manifestOf = async (folder: string, version: number): Promise<TargetManifest> =>
    JSON.parse(
      await readFile(join(folder, "gold/daily/_millrace", `${String(version).padStart(20, "0")}.json`), "utf8"),
    ) as TargetManifest;
  const listed = async (folder: string): Promise<readonly string[]> => {
    const context = { projectRoot: folder, logger: silentLogger, faultPoints: noFaults };
    const found = await files().listFiles("gold/daily", context);
    return Promise.all(found.map(async (file) => readFile(file.uri, "utf8")));
  };

  test("has versions and manifests as design section 12 says", async () => {
    await withScratchFolder(async (folder) => {
      const options = { clock: createManualClock(new Date("2026-01-02T03:04:05Z")), ids: createSeededIds() };
      const contents = { "data_0.parquet": "1\n", "region=eu/data_0.parquet": "2\n3\n" };
      const receipt = await save({ folder, options }, parquet, { key: "run-1/save", contents });
      expect(await tree(join(folder, "gold"))).toEqual([
        "daily/_millrace/00000000000000000001.json",
        "daily/v1/part-00000.parquet",
        "daily/v1/region=eu/part-00001.parquet",
      ]);
      expect(await manifestOf(folder, 1)).toEqual({
        schema: "millrace.target",
        version: 1,
        target_version: 1,
        format: "parquet",
        mode: "overwrite",
        files: [
          { path: "v1/part-00000.parquet", size_bytes: 2, rows: 1 },
          { path: "v1/region=eu/part-00001.parquet", size_bytes: 4, rows: 2 },
        ],
        rows: 3,
        committed_at: "2026-01-02T03:04:05.000Z",
        commit_key: "run-1/save",
        produced_by: { run_id: "run-1", step: "save daily", attempt: 1 },
      });
      expect(receipt.bytesWritten).toBe(6);
      expect(receipt.files.map((file) => file.uri)).toEqual([
        join(folder, "gold/daily/v1/part-00000.parquet"),
        join(folder, "gold/daily/v1/region=eu/part-00001.parquet"),
      ]);
    });
  });

  test("an overwrite makes only the new files count, an append the old ones too", async () => {
    await withScratchFolder(async (folder) => {
      await save({ folder }, parquet, { key: "1", contents: { "a.parquet": "one" } });
      await save({ folder }, { ...parquet, mode: "append" }, { key: "2", contents: { "a.parquet": "two" } });
      expect(await listed(folder)).toEqual(["one", "two"]);
      await save({ folder }, parquet, { key: "3", contents: { "a.parquet": "three" } });
      expect(await listed(folder)).toEqual(["three"]);
      await save({ folder }, { ...parquet, mode: "append" }, { key: "4", contents: { "a.parquet": "four" } });
      expect(await listed(folder)).toEqual(["three", "four"]);
      expect((await manifestOf(folder, 4)).target_version).toBe(4);
    });
  });

  test("a commit key counts once, also when the attempt that committed it could not say so", async () => {
    await withScratchFolder(async (folder) => {
      const append = { ...parquet, mode: "append" } as const;
      await save({ folder }, append, { key: "1", contents: { "a.parquet": "one" } });
      const first = await save({ folder }, append, { key: "2", contents: { "a.parquet": "two" } });
      await save({ folder }, append, { key: "3", contents: { "a.parquet": "three" } });
      const again = await save({ folder }, append, { key: "2", contents: { "a.parquet": "two, again" } });
      expect(again.files).toEqual(first.files.map((file) => ({ ...file })));
      expect(await listed(folder)).toEqual(["one", "two", "three"]);
      expect(await tree(join(folder, ".millrace"))).toEqual([]);
    });
  });

  test("appends at the same time lose no rows", async () => {
    await withScratchFolder(async (folder) => {
      const append = { ...parquet, mode: "append" } as const;
      const texts = Array.from({ length: 12 }, (_, index) => `rows ${index}`);
      await Promise.all(
        texts.map(async (text, index) =>
          save({ folder }, append, { key: String(index), contents: { "a.parquet": text } }),
        ),
      );
      expect((await listed(folder)).toSorted()).toEqual(texts.toSorted());
      expect((await manifestOf(folder, 12)).files).toHaveLength(12);
    });
  });

  test("error_if_exists takes an empty folder and no other", async () => {
    await withScratchFolder(async (folder) => {
      const once = { ...parquet, mode: "error_if_exists" } as const;
      await mkdir(join(folder, "gold/daily"), { recursive: true });
      const slow = await begin({ folder }, once);
      await save({ folder }, once, { key: "1", contents: { "a.parquet": "one" } });
      expect(await codeOf(begin({ folder }, once))).toBe("TARGET_EXISTS");
      expect(await codeOf(slow.commit("2", await stage(slow, { "a.parquet": "two" })))).toBe("TARGET_EXISTS");
      expect(await listed(folder)).toEqual(["one"]);
    });
  });

  test("files of somebody else are never mixed with ours", async () => {
    await withScratchFolder(async (folder) => {
      await mkdir(join(folder, "gold/daily"), { recursive: true });
      await writeFile(join(folder, "gold/daily/theirs.parquet"), "x");
      await expect(begin({ folder }, parquet)).rejects.toThrow('such as "theirs.parquet"');
      await writeFile(join(folder, "file"), "x");
      expect(await codeOf(begin({ folder }, { ...parquet, uri: "file" }))).toBe("TARGET_INVALID");
    });
  });

  test("a damaged manifest is an error that names it, for readers and writers", async () => {
    await withScratchFolder(async (folder) => {
      await save({ folder }, parquet, { key: "1", contents: { "a.parquet": "one" } });
      const path = join(folder, "gold/daily/_millrace/00000000000000000002.json");
      const escaping = JSON.stringify({
        ...(await manifestOf(folder, 1)),
        files: [{ path: "../../../etc/passwd", size_bytes: 1 }],
      });
      for (const text of ["{", "[]", "null", '{"schema":"other"}', escaping]) {
        await writeFile(path, text);
        expect(await codeOf(listed(folder))).toBe("MANIFEST_INVALID");
        expect(await codeOf(save({ folder }, parquet, { key: "2", contents: { "a.parquet": "two" } }))).toBe(
          "MANIFEST_INVALID",
        );
      }
    });
  });
});

describe("faults", () => {
  test.each(["effect.commit", "output.fsync", "output.rename"])(
    "a failure at %s shows nothing, and the next attempt commits",
    async (point) => {
      await withScratchFolder(async (folder) => {
        for (const request of [{}, { uri: "gold/parts", form: "folder" }] as const) {
          const faultPoints = createFaultPoints(`${point}:1:eio`);
          const failed = await begin({ folder, faultPoints }, request);
          await expect(failed.commit("k", await stage(failed, { "a.csv": "x\n" }))).rejects.toMatchObject({
            code: "EIO",
          });
          await failed.abort();
          expect((await tree(folder)).filter((name) => !name.startsWith("gold/daily.csv"))).toEqual([]);
          const next = await begin({ folder, faultPoints }, request, 2);
          await next.commit("k", await stage(next, { "a.csv": "x\n" }));
        }
        expect(await tree(folder)).toEqual([
          "gold/daily.csv",
          "gold/parts/_millrace/00000000000000000001.json",
          "gold/parts/v1/part-00000.csv",
        ]);
      });
    },
  );

  test.each([
    ["a file", { mode: "overwrite" }],
    ["a folder", { mode: "append", uri: "gold/parts", form: "folder" }],
  ] as const)(
    "whichever call fails, %s is the old one or the new one, and the same commit again ends well",
    async (_name, request) => {
      const read = async (folder: string): Promise<string> => {
        const context = { projectRoot: folder, logger: silentLogger, faultPoints: noFaults };
        const found = await files().listFiles("uri" in request ? request.uri : "gold/daily.csv", context);
        return (await Promise.all(found.map(async (file) => readFile(file.uri, "utf8")))).join("|");
      };
      const [before, after] = request.mode === "append" ? ["old", "old|new"] : ["old", "new"];
      let failing = 0;
      let calls = 0;
      do {
        failing += 1;
        calls = await withScratchFolder(async (folder) => {
          await save({ folder }, request, { key: "1", contents: { "a.csv": "old" } });
          let made = 0;
          const fileSystem = createFileSystem((operation, path) => {
            made += 1;
            if (made === failing) throw Object.assign(new Error(`${operation} ${path}`), { code: "EIO" });
          });
          const outcome = await codeOf(
            save({ folder, options: { fileSystem } }, request, { key: "2", contents: { "a.csv": "new" } }),
          );
          expect(["resolved", "STORE_IO"]).toContain(outcome);
          expect(outcome === "resolved" ? [after] : [before, after]).toContain(await read(folder));
          await save({ folder }, request, { key: "2", contents: { "a.csv": "new" } });
          expect(await read(folder)).toBe(after);
          return made;
        });
      } while (calls >= failing);
      expect(failing).toBeGreaterThan(15);
    },
  );
});

describe("guarantees", () => {
  const context = { projectRoot: "/project", logger: silentLogger, faultPoints: noFaults };
  const sinkOf = (request: Partial<SinkRequest>): string =>
    files().createSink(
      { uri: "x", format: "csv", form: "file", mode: "overwrite", options: {}, stagingDirectory: "/s", ...request },
      context,
    ).guarantee;

  test.each([
    [{}, "atomic-replace"],
    [{ mode: "error_if_exists" }, "atomic-replace"],
    [{ mode: "append" }, "at-least-once"],
    [{ mode: "append", format: "ndjson" }, "at-least-once"],
    [{ form: "folder" }, "atomic-replace"],
    [{ form: "folder", mode: "append", format: "parquet" }, "idempotent-key"],
    [{ form: "folder", mode: "error_if_exists" }, "atomic-replace"],
  ] as const)("%j is %s", (request, guarantee) => {
    expect(sinkOf(request)).toBe(guarantee);
  });

  test("an append to one Parquet file is refused and names the folder form", () => {
    let thrown: unknown;
    try {
      sinkOf({ uri: "gold/daily.parquet", mode: "append", format: "parquet" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "TARGET_INVALID", context: { suggestion: "gold/daily/" } });
    expect((thrown as Error).message).toContain("Write the folder gold/daily/ instead");
  });
});
