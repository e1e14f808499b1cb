import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SinkRequest } from "@millrace/protocols";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFileSystem } from "../src/index.ts";
import { withProject } from "./project-folder.ts";
import { begin, codeOf, save, stage, tree } from "./sink-setting.ts";

const append = { mode: "append" } as const;

/** What a file becomes when an attempt appends to it. */
async function appended(old: string | undefined, added: string, request: Partial<SinkRequest> = {}): Promise<string> {
  return withProject(async (folder) => {
    await mkdir(join(folder, "gold"));
    const name = request.format === "ndjson" ? "gold/daily.ndjson" : "gold/daily.csv";
    if (old !== undefined) await writeFile(join(folder, name), old);
    await save({ folder }, { ...append, uri: name, ...request }, { key: "k", contents: { x: added } });
    expect(await tree(folder)).toEqual(["gold/", name]);
    return readFile(join(folder, name), "utf8");
  });
}

describe("an append to a CSV", () => {
  // Expected bytes written by hand: the old ones, a line end where one is missing, the new ones without their header.
  test.each([
    ["nothing", undefined, "a,b\n1,2\n", "a,b\n1,2\n"],
    ["an empty file", "", "a,b\n1,2\n", "a,b\n1,2\n"],
    ["rows", "a,b\n1,2\n", "a,b\n3,4\n", "a,b\n1,2\n3,4\n"],
    ["a row without its line end", "a,b\n1,2", "a,b\n3,4\n", "a,b\n1,2\n3,4\n"],
    ["a header alone", "a,b\n", "a,b\n3,4\n", "a,b\n3,4\n"],
    ["a header without its line end", "a,b", "a,b\n3,4\n", "a,b\n3,4\n"],
    ["Windows line ends", "a,b\r\n1,2\r\n", "a,b\n3,4\n", "a,b\r\n1,2\r\n3,4\n"],
    ["a byte order mark", "\ufeffa,b\n1,2\n", "a,b\n3,4\n", "\ufeffa,b\n1,2\n3,4\n"],
    ["a header that is quoted", '"a","b"\n1,2\n', "a,b\n3,4\n", '"a","b"\n1,2\n3,4\n'],
    ["names with everything in them", '"a,\n""x","é"\n1,2\n', '"a,\n""x",é\n3,4\n', '"a,\n""x","é"\n1,2\n3,4\n'],
    ["rows, and there are no new ones", "a,b\n1,2", "a,b\n", "a,b\n1,2"],
  ])("continues %s", async (_name, old, added, expected) => {
    expect(await appended(old, added)).toBe(expected);
  });

  test("continues one of another dialect, and one without a header", async () => {
    const semicolons = { options: { delim: ";", quote: "'" } };
    expect(await appended("'a;x';b\n1;2\n", "'a;x';'b'\n3;4\n", semicolons)).toBe("'a;x';b\n1;2\n3;4\n");
    expect(await appended("1,2\n", "3,4\n", { options: { header: false } })).toBe("1,2\n3,4\n");
  });

  test.each([
    ["other names", "a,b\n1,2\n", "a,c\n3,4\n", '"a,b"', '"a,c"'],
    ["another order", "a,b\n1,2\n", "b,a\n3,4\n", '"a,b"', '"b,a"'],
    ["one name more", "a,b\n1,2\n", "a,b,c\n3,4,5\n", '"a,b"', '"a,b,c"'],
    ["another separator", "a;b\n1;2\n", "a,b\n3,4\n", '"a;b"', '"a,b"'],
    ["a quote that never ends", '"a,b\n1,2\n', "a,b\n3,4\n", "unreadable", '"a,b"'],
  ])("is refused for %s, and both headers are named", async (_name, old, added, there, new_) => {
    await withProject(async (folder) => {
      await writeFile(join(folder, "x.csv"), old);
      const outcome = save({ folder }, { ...append, uri: "x.csv" }, { key: "k", contents: { x: added } });
      await expect(outcome).rejects.toMatchObject({ code: "TARGET_INVALID", failureClass: "terminal" });
      await expect(outcome).rejects.toThrow(`its header is ${there}, and the rows have ${new_}`);
      expect([await readFile(join(folder, "x.csv"), "utf8"), await tree(folder)]).toEqual([old, ["x.csv"]]);
    });
  });
});

describe("an append to NDJSON", () => {
  test.each([
    ["nothing", undefined, '{"a":1}\n', '{"a":1}\n'],
    ["rows", '{"a":1}\n', '{"a":2}\n', '{"a":1}\n{"a":2}\n'],
    ["a row without its line end", '{"a":1}', '{"a":2}\n', '{"a":1}\n{"a":2}\n'],
    ["rows, and there are no new ones", '{"a":1}', "", '{"a":1}'],
  ])("continues %s", async (_name, old, added, expected) => {
    expect(await appended(old, added, { format: "ndjson" })).toBe(expected);
  });
});

describe("appends", () => {
  test("say what they added, and how large the file is now", async () => {
    await withProject(async (folder) => {
      await save({ folder }, append, { key: "1", contents: { x: "a\n1\n" } });
      const receipt = await save({ folder }, append, { key: "2", contents: { x: "a\n22\n" } });
      expect(receipt).toMatchObject({ files: [{ sizeBytes: 7 }], bytesWritten: 3 });
    });
  });

  test("keep every byte of a large file, and its rights", async () => {
    await withProject(async (folder) => {
      // More than one read of the adapter.
      const old = `a\n${Array.from({ length: 400_000 }, (_, row) => `${row}\n`).join("")}`;
      await writeFile(join(folder, "x.csv"), old, { mode: 0o604 });
      await save({ folder }, { ...append, uri: "x.csv" }, { key: "k", contents: { x: "a\nlast\n" } });
      expect(await readFile(join(folder, "x.csv"), "utf8")).toBe(`${old}last\n`);
      expect((await stat(join(folder, "x.csv"))).mode & 0o777).toBe(0o604);
    });
  });

  test("at the same time lose no rows, whoever is faster", { timeout: 60_000 }, async () => {
    await withProject(async (folder) => {
      for (const first of [undefined, "a\n"]) {
        const uri = first === undefined ? "new.csv" : "old.csv";
        if (first !== undefined) await writeFile(join(folder, uri), first);
        const writers = await Promise.all(
          Array.from({ length: 6 }, async (_, index) => {
            const writer = await begin({ folder }, { ...append, uri });
            return async () => writer.commit(String(index), await stage(writer, { x: `a\nrow ${index}\n` }));
          }),
        );
        await Promise.all(writers.map(async (commit) => commit()));
        const rows = (await readFile(join(folder, uri), "utf8")).split("\n");
        expect([rows[0], rows.slice(1, -1).toSorted()]).toEqual([
          "a",
          ["row 0", "row 1", "row 2", "row 3", "row 4", "row 5"],
        ]);
      }
    });
  });

  test("to a file that others change each time give up, and another attempt can help", async () => {
    await withProject(async (folder) => {
      const path = join(folder, "x.csv");
      await writeFile(path, "a\n");
      const real = createFileSystem();
      // Somebody else is always done just before the file is looked at for the last time.
      let others = 0;
      const fileSystem = {
        ...real,
        writeNew: async (...given: Parameters<typeof real.writeNew>): Promise<void> => {
          await real.writeNew(...given);
          await writeFile(path, `a\nother ${(others += 1)}\n`);
        },
      };
      const setting = { folder, options: { fileSystem } };
      const outcome = save(setting, { ...append, uri: "x.csv" }, { key: "k", contents: { x: "a\nmine\n" } });
      await expect(outcome).rejects.toMatchObject({ code: "TARGET_CHANGED", failureClass: "retryable" });
      expect(await readFile(path, "utf8")).toBe(`a\nother ${others}\n`);
      expect(await tree(folder)).toEqual(["x.csv"]);
    });
  });

  test("wait for a lock as long as its holder may live, and no longer", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, ".millrace-lock-x.csv"));
      await writeFile(join(folder, "x.csv"), "a\n");
      let nowMs = 0;
      const sleep = async (ms: number): Promise<void> => void (nowMs += ms);
      const clock = { now: () => new Date(0), monotonicMs: () => nowMs, sleep };
      const setting = { folder, options: { clock } };
      await save(setting, { ...append, uri: "x.csv" }, { key: "k", contents: { x: "a\n1\n" } });
      // A lock that nobody holds is removed after 10 s, and taken at the next look.
      expect([nowMs, await tree(folder)]).toEqual([10_010, ["x.csv"]]);
    });
  });

  test("one after the other are all rows in their order", { timeout: 60_000 }, async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "ü", " ", "'", "😀"), maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(cell, { maxLength: 4 }), { minLength: 1, maxLength: 5 }), async (parts) => {
        await withProject(async (folder) => {
          for (const [index, rows] of parts.entries()) {
            const text = rows.map((value) => `"${value}"\n`).join("");
            const contents = { x: `header\n${text}` };
            await save({ folder }, append, { key: String(index), contents });
          }
          const all = parts.flat().map((value) => `"${value}"\n`);
          expect(await readFile(join(folder, "gold/daily.csv"), "utf8")).toBe(`header\n${all.join("")}`);
        });
      }),
      { numRuns: 40 },
    );
  });

  test("to what is no file are refused", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "gold/daily.csv"), { recursive: true });
      expect(await codeOf(begin({ folder }, append))).toBe("TARGET_INVALID");
    });
  });
});
