import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { noFaults, silentLogger } from "@millrace/foundation";
import { describe, expect, test } from "vitest";
import { createFileSystem, files } from "../src/index.ts";
import { withProject } from "./project-folder.ts";
import { codeOf, save, tree } from "./sink-setting.ts";

/** Forms and modes, with what readers see before and after the attempt that is killed. */
const targets = [
  ["a file, overwrite", { mode: "overwrite" }, "a\nold\n", "a\nnew\n"],
  ["a file, append", { mode: "append" }, "a\nold\n", "a\nold\nnew\n"],
  ["a new file, error_if_exists", { mode: "error_if_exists", uri: "other.csv" }, "", "a\nnew\n"],
  ["a folder, overwrite", { mode: "overwrite", uri: "parts", form: "folder" }, "a\nold\n", "a\nnew\n"],
  ["a folder, append", { mode: "append", uri: "parts", form: "folder" }, "a\nold\n", "a\nold\na\nnew\n"],
  ["a new folder, error_if_exists", { mode: "error_if_exists", uri: "other", form: "folder" }, "", "a\nnew\n"],
] as const;

type Request = (typeof targets)[number][1];

/** What a reader sees; nothing where nothing is. */
async function read(folder: string, request: Request): Promise<string> {
  const context = { projectRoot: folder, logger: silentLogger, faultPoints: noFaults };
  const found = await files().listFiles("uri" in request ? request.uri : "gold/daily.csv", context);
  return (await Promise.all(found.map(async (file) => readFile(file.uri, "utf8")))).join("");
}

async function prepare(folder: string, request: Request): Promise<void> {
  if (request.mode !== "error_if_exists") await save({ folder }, request, { key: "1", contents: { x: "a\nold\n" } });
}

const attempt = { key: "2", contents: { x: "a\nnew\n" } };

describe("a writer that is killed", () => {
  const points = ["effect.commit", "output.fsync", "output.rename", "manifest.commit"];
  const cases = targets.flatMap((target) =>
    points
      .filter((point) => point !== "manifest.commit" || "form" in target[1])
      .map((point) => ({ name: target[0], request: target[1], before: target[2], after: target[3], point })),
  );

  test.concurrent.for(cases)(
    "at $point leaves $name as it was, and the next run completes it",
    { timeout: 30_000 },
    async (given, { expect: check }) => {
      const { request, before, after, point } = given;
      await withProject(async (folder) => {
        await prepare(folder, request);
        const script = fileURLToPath(import.meta.resolve("./killed-writer.ts"));
        const text = JSON.stringify({ folder, request, attempt });
        const child = spawn(process.execPath, ["--conditions=@millrace/source", script, `${point}:1:kill`, text]);
        const [, signal] = (await once(child, "exit")) as [number | null, string | null];
        check(signal).toBe("SIGKILL");
        check(await read(folder, request)).toBe(before);
        await save({ folder }, request, attempt);
        check(await read(folder, request)).toBe(after);
      });
    },
  );

  test.each(targets)(
    "before any of its calls leaves %s old or new, and the next run completes it",
    { timeout: 60_000 },
    async (_name, request, before, after) => {
      // A dead process makes no more calls: the N-th and all later ones fail, clean-up included.
      let dies = 0;
      let calls = 0;
      const seen = new Set<string>();
      do {
        dies += 1;
        calls = await withProject(async (folder) => {
          await prepare(folder, request);
          let made = 0;
          const fileSystem = createFileSystem(() => {
            made += 1;
            if (made >= dies) throw Object.assign(new Error("dead"), { code: "EIO" });
          });
          await codeOf(save({ folder, options: { fileSystem } }, request, attempt));
          const now = await read(folder, request);
          seen.add(now);
          expect([before, after]).toContain(now);
          // A dead append may hold its lock: waiting for it takes no time on this clock.
          let nowMs = 0;
          const clock = {
            now: () => new Date(0),
            monotonicMs: () => nowMs,
            sleep: async (ms: number) => void (nowMs += ms),
          };
          if (now === before) await save({ folder, options: { clock } }, request, attempt);
          else if ("form" in request) await save({ folder }, request, attempt);
          expect(await read(folder, request)).toBe(after);
          return made;
        });
      } while (calls >= dies);
      expect([...seen].toSorted()).toEqual([before, after].toSorted());
    },
  );

  test("leaves names that no glob matches", async () => {
    await withProject(async (folder) => {
      const request = { uri: "gold/daily.csv", mode: "append", stagingDirectory: join(folder, "gold/.s") } as const;
      await save({ folder }, request, { key: "1", contents: { x: "a\nold\n" } });
      let made = 0;
      const fileSystem = createFileSystem((operation) => {
        if (operation === "rename") made += 1;
        // The probe for the file system is the first rename; the one that commits is the second.
        if (made >= 2) throw Object.assign(new Error("dead"), { code: "EIO" });
      });
      expect(await codeOf(save({ folder, options: { fileSystem } }, request, attempt))).toBe("STORE_IO");
      expect((await tree(folder)).length).toBeGreaterThan(2);
      const context = { projectRoot: folder, logger: silentLogger, faultPoints: noFaults };
      const found = await files().listFiles("**/*", context);
      expect(found.map((file) => file.uri)).toEqual([join(folder, "gold/daily.csv")]);
    });
  });
});
