import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createFaultPoints, isMillraceError, noFaults, silentLogger } from "@millrace/foundation";
import type { ByteStore } from "@millrace/protocols";
import { createSeededIds, describeByteStoreContract } from "@millrace/testing";
import { describe, expect, test } from "vitest";
import { createFileSystem, files } from "../src/index.ts";
import { withProject } from "./project-folder.ts";

const context = { projectRoot: "/nowhere", logger: silentLogger, faultPoints: noFaults };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const open = (root: string): ByteStore => files().openByteStore(root, context);

async function textOf(store: ByteStore, key: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(key)) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function keysOf(store: ByteStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const object of store.list("")) keys.push(object.key);
  return keys;
}

describeByteStoreContract("a folder", (folder) => open(join(folder, "made", "when needed")));
describeByteStoreContract("a folder by its URI", (folder) => open(new URL(`file://${folder}`).href));

describe("links", () => {
  test("below the root lead nowhere, and the root itself may be one", async () => {
    await withProject(async (folder) => {
      const outside = join(folder, "outside");
      const root = join(folder, "root");
      await mkdir(outside);
      await writeFile(join(outside, "secret"), "secret");
      await mkdir(root);
      await symlink(outside, join(root, "out"));
      await symlink(join(outside, "secret"), join(root, "file"));
      await symlink(root, join(folder, "link"));
      const store = open(join(folder, "link"));
      await store.write("good", encode("x"));
      expect(await textOf(open(root), "good")).toBe("x");
      const attempts = [
        async () => textOf(store, "out/secret"),
        async () => store.stat("out/secret"),
        async () => store.write("out/new", encode("x")),
        async () => store.createIfAbsent("out/new", encode("x")),
        async () => store.move("good", "out/new"),
        async () => store.delete("out/secret"),
      ];
      for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
      // A linked file is no object: it can neither be read nor be written through.
      await expect(textOf(store, "file")).rejects.toMatchObject({ code: "STORE_OBJECT_NOT_FOUND" });
      await store.write("file", encode("own"));
      expect([await readdir(outside), await textOf(open(outside), "secret")]).toEqual([["secret"], "secret"]);
      expect(await keysOf(store)).toEqual(["file", "good"]);
    });
  });

  test("that are swapped in while a key is used lead nowhere either", { timeout: 60_000 }, async () => {
    // facts/reliability.md B.4: symlink swap between check and open, 200 races.
    await withProject(async (folder) => {
      const outside = join(folder, "outside");
      await mkdir(outside);
      const root = join(folder, "root");
      await mkdir(join(root, "a"), { recursive: true });
      let swaps = 0;
      const plain = createFileSystem();
      // Each call to the file system is a moment between two others: swap the folder for a link at every one of them.
      const fileSystem = createFileSystem((operation) => {
        if (operation !== "rename") swaps += 1;
      });
      const store = files({ fileSystem }).openByteStore(root, context);
      const stop = new AbortController();
      const swapping = (async () => {
        for (let round = 0; !stop.signal.aborted; round++) {
          await plain.rename(join(root, "a"), join(folder, `real-${round}`)).catch(() => undefined);
          await symlink(outside, join(root, "a")).catch(() => undefined);
          await plain.unlink(join(root, "a")).catch(() => undefined);
          await plain.rename(join(folder, `real-${round}`), join(root, "a")).catch(() => undefined);
        }
      })();
      for (let race = 0; race < 200; race++) await store.write(`a/${race}`, encode("x")).catch(() => undefined);
      stop.abort();
      await swapping;
      expect(await readdir(outside)).toEqual([]);
      expect(swaps).toBeGreaterThan(200);
    });
  });
});

/** Writes, creates and moves with one call failing; gives the number of calls that were made. */
async function survive(folder: string, fault: { readonly failing: number; readonly errno: string }): Promise<number> {
  await open(folder).write("d/k", encode("old"));
  await open(folder).write("d/from", encode("moved"));
  let calls = 0;
  const fileSystem = createFileSystem((operation, path) => {
    calls += 1;
    if (calls === fault.failing) throw Object.assign(new Error(`${operation} ${path}`), { code: fault.errno });
  });
  const store = files({ fileSystem }).openByteStore(folder, context);
  const outcome = await (async () => {
    await store.write("d/k", encode("new"));
    await store.createIfAbsent("d/new", encode("created"));
    await store.move("d/from", "e/to");
    return "all done";
  })().catch((error: unknown) => (isMillraceError(error) ? error.code : String(error)));
  expect(["all done", "STORE_IO"]).toContain(outcome);
  const after = open(folder);
  const contents = await Promise.all((await keysOf(after)).map(async (key) => `${key}=${await textOf(after, key)}`));
  const allowed = new Set(["d/k=old", "d/k=new", "d/new=created", "d/from=moved", "e/to=moved"]);
  expect(contents.filter((content) => !allowed.has(content))).toEqual([]);
  expect(contents.some((content) => content.endsWith("=moved"))).toBe(true);
  // Trying again with the fault lifted always ends well.
  await after.write("d/k", encode("new"));
  await after.createIfAbsent("d/new", encode("created"));
  if ((await after.stat("d/from")) !== undefined) await after.move("d/from", "e/to");
  expect([await textOf(after, "d/k"), await textOf(after, "d/new"), await textOf(after, "e/to")]).toEqual([
    "new",
    "created",
    "moved",
  ]);
  return calls;
}

describe("durability", () => {
  const record = (): { readonly calls: string[]; readonly store: (folder: string) => ByteStore } => {
    const calls: string[] = [];
    const fileSystem = createFileSystem((operation) => calls.push(operation));
    return { calls, store: (folder) => files({ fileSystem, ids: createSeededIds() }).openByteStore(folder, context) };
  };

  test("a write syncs the file before its rename and the folder after it", async () => {
    await withProject(async (folder) => {
      const { calls, store } = record();
      await store(folder).write("k", encode("x"));
      const order = calls.filter((call) => ["write", "sync", "rename"].includes(call));
      expect(order).toEqual(["write", "sync", "rename", "sync"]);
    });
  });

  test("a move syncs the content that somebody else wrote, and the folder that it comes to", async () => {
    await withProject(async (folder) => {
      const { calls, store } = record();
      await store(folder).write("from/k", encode("x"));
      calls.length = 0;
      await store(folder).move("from/k", "to/k");
      expect(calls.filter((call) => call === "sync" || call === "rename")).toEqual(["sync", "sync", "rename", "sync"]);
    });
  });

  test.each(["EIO", "ENOSPC"])(
    "whichever call fails with %s, the object is old or new, and the error is ours",
    { timeout: 60_000 },
    async (errno) => {
      // facts/reliability.md T3: fail the N-th call for every N until one pass is untouched.
      let failing = 0;
      let calls = 0;
      do {
        failing += 1;
        calls = await withProject(async (folder) => survive(folder, { failing, errno }));
      } while (calls >= failing);
      // A write, a create and a move are at least this many calls: the fault really was everywhere.
      expect(failing).toBeGreaterThan(30);
    },
  );

  test("a root that is made is its owner's alone", async () => {
    await withProject(async (folder) => {
      await open(join(folder, "a/state")).write("d/k", encode("x"));
      expect((await stat(join(folder, "a/state"))).mode & 0o777).toBe(0o700);
    });
  });

  test("an error names the file that was meant", async () => {
    await withProject(async (folder) => {
      const fileSystem = createFileSystem((operation) => {
        if (operation === "write") throw Object.assign(new Error("full"), { code: "ENOSPC" });
      });
      const store = files({ fileSystem }).openByteStore(join(folder, "state"), context);
      const pattern = `Cannot write ${folder}/state/d/.millrace-tmp-`;
      await expect(store.write("d/k", encode("x"))).rejects.toThrow(pattern);
    });
  });

  test("temporary files of a dead writer are never objects", async () => {
    await withProject(async (folder) => {
      await writeFile(join(folder, ".millrace-tmp-dead"), "half of");
      const store = open(folder);
      expect(await keysOf(store)).toEqual([]);
      await expect(store.stat(".millrace-tmp-dead")).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
    });
  });

  test("moves pass the fault points of outputs", async () => {
    await withProject(async (folder) => {
      await open(folder).write("from", encode("x"));
      for (const point of ["output.fsync", "output.rename"]) {
        const faultPoints = createFaultPoints(`${point}:1:enospc`);
        const store = files().openByteStore(folder, { ...context, faultPoints });
        await expect(store.move("from", "to")).rejects.toMatchObject({
          code: "STORE_IO",
          context: { errno: "ENOSPC" },
        });
        expect(await keysOf(store)).toEqual(["from"]);
      }
    });
  });
});
