import { readFile } from "node:fs/promises";
import { createFaultPoints, noFaults, silentLogger } from "@millrace/foundation";
import { describe, expect, test } from "vitest";
import { createFileSystem, files } from "../src/index.ts";
import { withProject } from "./project-folder.ts";
import { begin, codeOf, save, stage, tree } from "./sink-setting.ts";

const targets = [{}, { mode: "append" }, { uri: "gold/parts", form: "folder" }] as const;

describe("fault points", () => {
  test.each(["effect.commit", "output.fsync", "output.rename"])(
    "a failure at %s shows nothing and leaves nothing, and the next attempt commits",
    async (point) => {
      for (const request of targets) {
        await withProject(async (folder) => {
          const faultPoints = createFaultPoints(`${point}:1:eio`);
          const failed = await begin({ folder, faultPoints }, request);
          await expect(failed.commit("k", await stage(failed, { "a.csv": "x\n" }))).rejects.toMatchObject({
            code: "STORE_IO",
            failureClass: "retryable",
            context: { errno: "EIO" },
          });
          await failed.abort();
          expect(await tree(folder)).toEqual([]);
          const next = await begin({ folder, faultPoints }, request, 2);
          await next.commit("k", await stage(next, { "a.csv": "x\n" }));
          expect(await tree(folder)).toContain("uri" in request ? "gold/parts/v1/part-00000.csv" : "gold/daily.csv");
        });
      }
    },
  );
});

describe("failing calls", () => {
  test.each([
    ["a file that is continued", { mode: "append" }],
    ["a folder that is continued", { mode: "append", uri: "gold/parts", form: "folder" }],
  ] as const)(
    "whichever fails, %s is the old one or the new one, and another attempt ends well",
    { timeout: 60_000 },
    async (_name, request) => {
      // facts/reliability.md T3: fail the N-th call for every N until one pass is untouched.
      const read = async (folder: string): Promise<string> => {
        const context = { projectRoot: folder, logger: silentLogger, faultPoints: noFaults };
        const found = await files().listFiles("uri" in request ? request.uri : "gold/daily.csv", context);
        return (await Promise.all(found.map(async (file) => readFile(file.uri, "utf8")))).join("");
      };
      const isFolder = "uri" in request;
      const [old, added] = ["a\nold\n", "a\nnew\n"];
      const after = isFolder ? `${old}${added}` : "a\nold\nnew\n";
      let failing = 0;
      let calls = 0;
      do {
        failing += 1;
        calls = await withProject(async (folder) => {
          await save({ folder }, request, { key: "1", contents: { "a.csv": old } });
          let made = 0;
          const fileSystem = createFileSystem((operation, path) => {
            made += 1;
            if (made === failing) throw Object.assign(new Error(`${operation} ${path}`), { code: "EIO" });
          });
          const setting = { folder, options: { fileSystem } };
          const outcome = await codeOf(save(setting, request, { key: "2", contents: { "a.csv": added } }));
          expect(["resolved", "STORE_IO"]).toContain(outcome);
          const seen = await read(folder);
          expect(outcome === "resolved" ? [after] : [old, after]).toContain(seen);
          // One file cannot tell a repeated append from another one: its guarantee is at-least-once.
          const isRepeatable = seen === old || isFolder;
          if (isRepeatable) await save({ folder }, request, { key: "2", contents: { "a.csv": added } });
          expect(await read(folder)).toBe(after);
          return made;
        });
      } while (calls >= failing);
      expect(failing).toBeGreaterThan(15);
    },
  );
});
