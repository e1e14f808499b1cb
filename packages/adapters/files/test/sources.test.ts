import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { isMillraceError, noFaults, silentLogger } from "@millrace/foundation";
import { withScratchFolder } from "@millrace/testing";
import { describe, expect, test } from "vitest";
import { files } from "../src/index.ts";

const adapter = files();

async function withFiles(names: readonly string[], run: (project: Project) => Promise<void>): Promise<void> {
  await withScratchFolder(async (folder) => {
    for (const name of names) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), name);
    }
    const context = { projectRoot: folder, logger: silentLogger, faultPoints: noFaults };
    const list = async (location: string): Promise<readonly string[]> =>
      (await adapter.listFiles(location, context)).map((file) => relative(folder, file.uri));
    await run({ folder, list, context });
  });
}

interface Project {
  readonly folder: string;
  readonly list: (location: string) => Promise<readonly string[]>;
  readonly context: Parameters<typeof adapter.listFiles>[1];
}

describe("files behind a location", () => {
  const tree = [
    "d/b.csv",
    "d/a.csv",
    "d/a.json",
    "d/.hidden.csv",
    "d/2024/01/x.csv",
    "d/2024/02/y.csv",
    "d/2023/z.csv",
    "d/.git/w.csv",
  ];

  test.each([
    ["d/*.csv", ["d/a.csv", "d/b.csv"]],
    ["./d/../d/a.csv", ["d/a.csv"]],
    ["d/{b,a}.csv", ["d/a.csv", "d/b.csv"]],
    ["d/a.{json,csv}", ["d/a.csv", "d/a.json"]],
    ["d/[!a].csv", ["d/b.csv"]],
    ["d/20*/*/*.csv", ["d/2024/01/x.csv", "d/2024/02/y.csv"]],
    ["d/**/*.csv", ["d/2023/z.csv", "d/2024/01/x.csv", "d/2024/02/y.csv", "d/a.csv", "d/b.csv"]],
    ["**/x.csv", ["d/2024/01/x.csv"]],
    ["d/2024/**", ["d/2024/01/x.csv", "d/2024/02/y.csv"]],
    ["d/{2024/01,2023}/*.csv", ["d/2023/z.csv", "d/2024/01/x.csv"]],
    ["d/.h*", ["d/.hidden.csv"]],
    ["file:d/a.csv", ["d/a.csv"]],
  ])("%s is %j", async (location, expected) => {
    await withFiles(tree, async ({ list }) => {
      expect(await list(location)).toEqual(expected);
    });
  });

  test("an absolute path and a URI name the same file", async () => {
    await withFiles(["a b/ü.csv"], async ({ folder, list }) => {
      const path = join(folder, "a b/ü.csv");
      expect(await list(path)).toEqual(["a b/ü.csv"]);
      expect(await list(pathToFileURL(path).href)).toEqual(["a b/ü.csv"]);
    });
  });

  test("a file is pinned by size, time and inode", async () => {
    await withFiles(["a.csv"], async ({ context, folder }) => {
      const [file] = await adapter.listFiles("a.csv", context);
      expect(file).toEqual({
        uri: join(folder, "a.csv"),
        sizeBytes: 5,
        mtimeNs: expect.stringMatching(/^\d{19}$/) as unknown,
        inode: expect.stringMatching(/^\d+$/) as unknown,
      });
    });
  });

  // facts/reliability.md B.3, 58.
  const odd = [
    "new\nline.csv",
    "q\"uo'te.csv",
    "st*r.csv",
    "{a,b}.csv",
    "-rf.csv",
    "[x].csv",
    "%41.csv",
    "back\\slash.csv",
  ];
  test("names with special characters are found by glob and by themselves", async () => {
    await withFiles([...odd, "star.csv", "a.csv", "x.csv"], async ({ list }) => {
      for (const name of odd) expect(await list(name)).toEqual([name]);
      expect((await list("*.csv")).toSorted()).toEqual([...odd, "star.csv", "a.csv", "x.csv"].toSorted());
      expect(await list("st[*]r.csv")).toEqual(["st*r.csv"]);
    });
  });

  test("linked files are read, linked folders are entered only where a path names them", async () => {
    await withFiles(["real/a.csv"], async ({ folder, list }) => {
      await symlink(join(folder, "real/a.csv"), join(folder, "link.csv"));
      await symlink(join(folder, "real"), join(folder, "linked"));
      await symlink(folder, join(folder, "real/loop"));
      expect(await list("link.csv")).toEqual(["link.csv"]);
      expect(await list("linked/*.csv")).toEqual(["linked/a.csv"]);
      expect(await list("**/a.csv")).toEqual(["real/a.csv"]);
    });
  });

  test("ten thousand files are listed in under two seconds", async () => {
    await withScratchFolder(async (folder) => {
      await mkdir(join(folder, "d"));
      const names = Array.from({ length: 10_000 }, (_, index) => join(folder, "d", `${index}.csv`));
      for (let at = 0; at < names.length; at += 500)
        await Promise.all(names.slice(at, at + 500).map(async (name) => writeFile(name, "")));
      const started = performance.now();
      const found = await adapter.listFiles("d/*.csv", {
        projectRoot: folder,
        logger: silentLogger,
        faultPoints: noFaults,
      });
      expect(found).toHaveLength(10_000);
      expect(performance.now() - started).toBeLessThan(2000);
    });
  });

  test.each([
    ["d/aa.csv", "SOURCE_NOT_FOUND", "Did you mean"],
    ["d/nothing/here.csv", "SOURCE_NOT_FOUND", "d/nothing does not exist"],
    ["d/*.parquet", "SOURCE_NOT_FOUND", "No file matches"],
    ["d/a.csv/x", "SOURCE_NOT_FOUND", "There is no file"],
    ["d", "SOURCE_UNREADABLE", "is a folder. Name the files"],
    ["/dev/zero", "SOURCE_UNREADABLE", "not a regular file"],
    ["s3://bucket/key", "DEFINITION_INVALID_VALUE", "expected a path"],
    ["file://elsewhere/a.csv", "DEFINITION_INVALID_VALUE", "file URI of this machine"],
    ["a\0b", "DEFINITION_INVALID_VALUE", "expected a path"],
    ["", "DEFINITION_INVALID_VALUE", "expected a path"],
    [`${"x".repeat(5000)}.csv`, "SOURCE_NOT_FOUND", "There is no file"],
  ])("%s is %s", async (location, code, text) => {
    await withFiles(tree, async ({ list }) => {
      const error: unknown = await list(location).catch((thrown: unknown) => thrown);
      expect(isMillraceError(error) && error.code).toBe(code);
      expect((error as Error).message).toContain(text);
    });
  });
});

describe("connections", () => {
  test("need a folder that is there", async () => {
    await withFiles(["d/a.csv"], async ({ context }) => {
      await adapter.checkConnection("d", {}, context);
      await adapter.checkConnection("file:d", {}, context);
      await adapter.checkConnection(".", {}, context);
      await expect(adapter.checkConnection("e", {}, context)).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
      await expect(adapter.checkConnection("d/a.csv", {}, context)).rejects.toThrow("is not a folder");
      await expect(adapter.checkConnection("d", { password: "x" }, context)).rejects.toMatchObject({
        code: "DEFINITION_UNKNOWN_KEY",
      });
    });
  });
});
