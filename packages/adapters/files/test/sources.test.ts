import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { isMillraceError, noFaults, silentLogger } from "@millrace/foundation";
import { describe, expect, test } from "vitest";
import { createFileSystem, files } from "../src/index.ts";
import { withProject } from "./project-folder.ts";

const adapter = files();

async function withFiles(names: readonly string[], run: (project: Project) => Promise<void>): Promise<void> {
  await withProject(async (folder) => {
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

  test("ten thousand files are listed in under two seconds", { timeout: 60_000 }, async () => {
    // facts/reliability.md B.3, 57.
    await withProject(async (folder) => {
      mkdirSync(join(folder, "d"));
      for (let index = 0; index < 10_000; index++) writeFileSync(join(folder, "d", `${index}.csv`), "");
      const context = { projectRoot: folder, logger: silentLogger, faultPoints: noFaults };
      const started = performance.now();
      const found = await adapter.listFiles("d/*.csv", context);
      expect(performance.now() - started).toBeLessThan(2000);
      expect([found.length, new Set(found.map((file) => file.uri)).size]).toEqual([10_000, 10_000]);
      expect(found.map((file) => file.uri)).toEqual(found.map((file) => file.uri).toSorted());
    });
  });

  test.each(["d/aa.csv", "d/nothing/here.csv", "d/*.parquet", "d/a.csv/x", "d", "d/2024", `${"x".repeat(5000)}.csv`])(
    "%s has none",
    async (location) => {
      await withFiles(tree, async ({ list }) => {
        expect(await list(location)).toEqual([]);
      });
    },
  );

  test("names of files that are still written, of manifests and of staging are left out", async () => {
    const hidden = ["d/a.csv.tmp", "d/_millrace/1.csv", "d/.millrace-staging-1/b.csv", "d/deep/_millrace/2.csv"];
    await withFiles(["d/a.csv", ...hidden], async ({ list }) => {
      expect(await list("d/*")).toEqual(["d/a.csv"]);
      expect(await list("d/**")).toEqual(["d/a.csv"]);
      expect(await list("**/*.csv")).toEqual(["d/a.csv"]);
      expect(await list("d/*.tmp")).toEqual(["d/a.csv.tmp"]);
      expect(await list("d/_millrace/*.csv")).toEqual(["d/_millrace/1.csv"]);
    });
  });

  test.each([
    ["/dev/zero", "SOURCE_UNREADABLE", "device or a pipe"],
    ["d/l*", "SOURCE_UNREADABLE", "symbolic link to nothing"],
    ["{a,b}".repeat(12), "SOURCE_UNREADABLE", "more than 1000 patterns"],
    ["s3://bucket/key", "DEFINITION_INVALID_VALUE", "expected a path"],
    ["file://elsewhere/a.csv", "DEFINITION_INVALID_VALUE", "file URI of this machine"],
    ["a\0b", "DEFINITION_INVALID_VALUE", "expected a path"],
    ["", "DEFINITION_INVALID_VALUE", "expected a path"],
  ])("%j is %s", async (location, code, text) => {
    await withFiles(tree, async ({ folder, list }) => {
      await symlink(join(folder, "gone"), join(folder, "d/link.csv"));
      const error: unknown = await list(location).catch((thrown: unknown) => thrown);
      expect(isMillraceError(error) && error.code).toBe(code);
      expect((error as Error).message).toContain(text);
    });
  });

  test.each([
    ["EACCES", "SOURCE_UNREADABLE", "terminal"],
    ["EMFILE", "STORE_IO", "retryable"],
  ])("a folder that answers %s is %s, and names the folder", async (errno, code, failureClass) => {
    await withFiles(["d/a.csv"], async ({ folder, context }) => {
      const fileSystem = createFileSystem((operation) => {
        if (operation === "list") throw Object.assign(new Error("refused"), { code: errno });
      });
      const listing = files({ fileSystem }).listFiles("d/*", context);
      await expect(listing).rejects.toMatchObject({ code, failureClass });
      await expect(listing).rejects.toThrow(`Cannot list ${folder}/d`);
    });
  });

  test("a name that is not UTF-8 is an error, not a file less", async () => {
    await withFiles(["a.csv"], async ({ folder, list }) => {
      const name = Buffer.concat([Buffer.from(`${folder}/b`), Buffer.of(0xff), Buffer.from(".csv")]);
      writeFileSync(name, "x");
      await expect(list("*.csv")).rejects.toThrow("its name is not UTF-8");
      rmSync(name);
      expect(await list("*.csv")).toEqual(["a.csv"]);
    });
  });
});

describe("a folder with a manifest", () => {
  const manifest = (schema: string, paths: readonly string[]): string =>
    JSON.stringify({ schema, version: 1, files: paths.map((path) => ({ path, size_bytes: 1 })) });

  test.each(["millrace.target", "millrace.manifest"])(
    "of %s is the files that the newest one names",
    async (schema) => {
      await withFiles(["out/v1/a.csv", "out/v2/b.csv", "out/v2/c.csv"], async ({ folder, list }) => {
        await mkdir(join(folder, "out/_millrace"));
        const write = async (version: number, paths: readonly string[]): Promise<void> =>
          writeFile(
            join(folder, "out/_millrace", `${String(version).padStart(20, "0")}.json`),
            manifest(schema, paths),
          );
        await write(9, ["v1/a.csv"]);
        expect(await list("out")).toEqual(["out/v1/a.csv"]);
        await write(10, ["v2/c.csv", "v1/a.csv", "v2/b.csv"]);
        expect([await list("out"), await list("out/"), await list("./out")]).toEqual(
          Array.from({ length: 3 }, () => ["out/v2/c.csv", "out/v1/a.csv", "out/v2/b.csv"]),
        );
        await write(11, ["v2/b.csv", "v3/gone.csv"]);
        await expect(list("out")).rejects.toThrow("v3/gone.csv, which does not exist");
      });
    },
  );
});
