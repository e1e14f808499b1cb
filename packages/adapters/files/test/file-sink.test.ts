import { mkdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withProject } from "./project-folder.ts";
import { begin, codeOf, save, stage, tree } from "./sink-setting.ts";

const textOf = async (folder: string, name = "gold/daily.csv"): Promise<string> => readFile(join(folder, name), "utf8");

describe("one file", () => {
  test("appears with its folders at the commit and not before, and nothing of staging stays", async () => {
    await withProject(async (folder) => {
      const writer = await begin({ folder }, {});
      const staged = await stage(writer, { x: "a\n1\n2\n" });
      expect(await codeOf(stat(join(folder, "gold")))).toContain("ENOENT");
      const receipt = await writer.commit("k", staged);
      expect(await textOf(folder)).toBe("a\n1\n2\n");
      expect(receipt).toEqual({
        files: [{ uri: join(folder, "gold/daily.csv"), sizeBytes: 6, rows: 3 }],
        bytesWritten: 6,
      });
      expect(await tree(folder)).toEqual(["gold/", "gold/daily.csv"]);
    });
  });

  test("is replaced whole: readers see one version or the other", { timeout: 60_000 }, async () => {
    // facts/reliability.md T8, with 30 rewrites.
    await withProject(async (folder) => {
      const versions = ["a", "b", "c"].map((letter) => letter.repeat(2_000_000));
      await save({ folder }, {}, { key: "0", contents: { x: versions[0] ?? "" } });
      const progress = { done: false };
      const writing = (async () => {
        for (let rewrite = 0; rewrite < 30; rewrite++)
          await save({ folder }, {}, { key: "k", contents: { x: versions[rewrite % 3] ?? "" } });
        progress.done = true;
      })();
      const seen: string[] = [];
      do seen.push(await textOf(folder));
      while (!progress.done);
      await writing;
      expect(seen.filter((text) => !versions.includes(text))).toEqual([]);
      expect(seen.length).toBeGreaterThan(10);
    });
  });

  test("keeps the rights of the file that it replaces", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "gold"));
      await writeFile(join(folder, "gold/daily.csv"), "old", { mode: 0o640 });
      await save({ folder }, {}, { key: "k", contents: { x: "new" } });
      expect((await stat(join(folder, "gold/daily.csv"))).mode & 0o777).toBe(0o640);
    });
  });

  test("error_if_exists refuses before any work, and at the commit where somebody was faster", async () => {
    await withProject(async (folder) => {
      const mode = { mode: "error_if_exists" } as const;
      const slow = await begin({ folder }, mode);
      await save({ folder }, mode, { key: "k", contents: { x: "first" } });
      expect(await codeOf(begin({ folder }, mode))).toBe("TARGET_EXISTS");
      expect(await codeOf(slow.commit("k2", await stage(slow, { x: "second" })))).toBe("TARGET_EXISTS");
      await slow.abort();
      expect(await textOf(folder)).toBe("first");
      expect(await tree(folder)).toEqual(["gold/", "gold/daily.csv"]);
    });
  });

  test("what was staged is what is committed", async () => {
    await withProject(async (folder) => {
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
    ["/dev/null", "TARGET_INVALID"],
    ["s3://b/x.csv", "DEFINITION_INVALID_VALUE"],
  ])("%s is refused with %s", async (uri, code) => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "gold"));
      await writeFile(join(folder, "file.txt"), "");
      expect(await codeOf((async () => begin({ folder }, { uri }))())).toBe(code);
      expect(await tree(folder)).toEqual(["file.txt", "gold/"]);
    });
  });
});

describe("links", () => {
  const write = async (folder: string, uri: string): Promise<string> =>
    codeOf(save({ folder }, { uri }, { key: "k", contents: { x: "new" } }));

  test("inside the project stay links: what they point to is replaced", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "real"));
      await writeFile(join(folder, "real/daily.csv"), "old");
      await symlink("real/daily.csv", join(folder, "daily.csv"));
      await symlink("real", join(folder, "gold"));
      expect(await write(folder, "daily.csv")).toBe("resolved");
      expect([await readlink(join(folder, "daily.csv")), await textOf(folder, "real/daily.csv")]).toEqual([
        "real/daily.csv",
        "new",
      ]);
      expect(await write(folder, "gold/other.csv")).toBe("resolved");
      expect(await textOf(folder, "real/other.csv")).toBe("new");
    });
  });

  test("that lead out of the project are refused, for a target and for a folder of it", async () => {
    await withProject(async (outer) => {
      const folder = join(outer, "project");
      await mkdir(join(outer, "elsewhere"));
      await mkdir(folder);
      await writeFile(join(outer, "elsewhere/daily.csv"), "untouched");
      await symlink(join(outer, "elsewhere/daily.csv"), join(folder, "daily.csv"));
      await symlink(join(outer, "elsewhere"), join(folder, "gold"));
      await symlink(join(outer, "nothing"), join(folder, "broken.csv"));
      for (const uri of ["daily.csv", "gold/daily.csv", "gold/new/x.csv", "broken.csv", join(folder, "daily.csv")])
        expect(await write(folder, uri)).toBe("TARGET_INVALID");
      expect(await codeOf(begin({ folder }, { uri: "gold", form: "folder" }))).toBe("TARGET_INVALID");
      // Written as it is, the place is what the author means.
      expect(await write(folder, join(outer, "elsewhere/other.csv"))).toBe("resolved");
      expect(await tree(join(outer, "elsewhere"))).toEqual(["daily.csv", "other.csv"]);
      expect(await textOf(outer, "elsewhere/daily.csv")).toBe("untouched");
    });
  });

  test("outside of the project are no targets, links to outside from outside included", async () => {
    await withProject(async (outer) => {
      const folder = join(outer, "project");
      await mkdir(folder);
      await writeFile(join(outer, "real.csv"), "untouched");
      await symlink(join(outer, "real.csv"), join(outer, "link.csv"));
      expect(await write(folder, join(outer, "link.csv"))).toBe("TARGET_INVALID");
      expect(await textOf(outer, "real.csv")).toBe("untouched");
    });
  });

  test("to the project itself count as the project", async () => {
    await withProject(async (outer) => {
      await mkdir(join(outer, "real"));
      await symlink(join(outer, "real"), join(outer, "project"));
      expect(await write(join(outer, "project"), "gold/daily.csv")).toBe("resolved");
      expect(await textOf(outer, "real/gold/daily.csv")).toBe("new");
    });
  });
});
