import type { ByteStore, ObjectStat } from "@millrace/protocols";
import { describe, expect } from "vitest";
import { withScratchFolder } from "../scratch-folder.ts";
import { bytesOf, errorOf, itemsOf } from "./checks.ts";
import { registerFacts } from "./gap.ts";
import type { Facts, SuiteOptions } from "./gap.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = async (store: ByteStore, key: string): Promise<string> =>
  new TextDecoder().decode(await bytesOf(store.read(key)));
const keysOf = async (store: ByteStore, prefix: string): Promise<readonly string[]> =>
  (await itemsOf(store.list(prefix))).map((object) => object.key);

/** Characters that shells, globs, URLs and file systems treat in their own way. */
const oddKeys = [
  "a b/c  d.txt",
  'it\'s "quoted"',
  "line\nbreak",
  "*?[x]{a,b}",
  "-rf",
  "%2e%2e/%41",
  "ü/漢字/😀",
  "back\\slash",
  "#hash?query&x=1",
  "a..b/...",
  ".hidden/.file",
  "~",
  "CON",
];

const badKeys = [
  "",
  "/",
  "/a",
  "a/",
  "a//b",
  ".",
  "..",
  "./a",
  "../a",
  "a/..",
  "a/./b",
  "a/../b",
  "a\0b",
  "lone \ud800",
];

const writing: Facts<ByteStore> = {
  "what was written is read, with its size and place": async (store) => {
    const stat = await store.write("data/a.bin", Uint8Array.of(0, 1, 255));
    expect(stat).toMatchObject({ key: "data/a.bin", sizeBytes: 3 });
    expect([...(await bytesOf(store.read("data/a.bin")))]).toEqual([0, 1, 255]);
    expect(await store.stat("data/a.bin")).toEqual(stat);
    expect(Math.abs(stat.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(store.uri("data/a.bin")).toContain("a.bin");
  },
  "pieces of a stream are one object, and an empty one is an object too": async (store) => {
    expect((await store.write("s", piecesOf(["one ", "", "two ", "three"]))).sizeBytes).toBe(13);
    expect(await textOf(store, "s")).toBe("one two three");
    await store.write("empty", new Uint8Array(0));
    expect(await store.stat("empty")).toMatchObject({ sizeBytes: 0 });
    expect(await textOf(store, "empty")).toBe("");
  },
  "a large object comes back": async (store) => {
    const body = Uint8Array.from({ length: 5_000_000 }, (_, index) => (index * 31) % 251);
    await store.write("large", body);
    expect(Buffer.compare(await bytesOf(store.read("large")), body)).toBe(0);
  },
  "writing again replaces the whole": async (store) => {
    const first = await store.write("k", encode("a long first text"));
    const second = await store.write("k", encode("short"));
    expect(await textOf(store, "k")).toBe("short");
    expect(second.etag).not.toBe(first.etag);
  },
  "an etag changes with content of the same length": async (store) => {
    const etags = new Set<string>();
    for (const text of ["aaaa", "bbbb", "cccc"]) etags.add((await store.write("k", encode(text))).etag);
    expect(etags.size).toBe(3);
    const first: ObjectStat | undefined = await store.stat("k");
    expect((await store.stat("k"))?.etag).toBe(first?.etag);
  },
  "a stream that fails leaves what was there, and nothing else": async (store) => {
    await store.write("k", encode("old"));
    const boom = new Error("the sender failed");
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield encode("new, but only half of");
      throw boom;
    }
    await expect(store.write("k", failing())).rejects.toThrow("the sender failed");
    await expect(store.write("fresh", failing())).rejects.toThrow("the sender failed");
    expect(await textOf(store, "k")).toBe("old");
    expect(await keysOf(store, "")).toEqual(["k"]);
  },
  "a reader sees the old object or the new one, never a part": async (store) => {
    const versions = ["a", "b", "c", "d"].map((letter) => encode(letter.repeat(300_000)));
    await store.write("k", versions[0] ?? new Uint8Array(0));
    const progress = { done: false };
    const writes = (async () => {
      for (const version of [...versions, ...versions]) await store.write("k", version);
      progress.done = true;
    })();
    const seen: Uint8Array[] = [];
    do seen.push(await bytesOf(store.read("k")));
    while (!progress.done);
    await writes;
    const mixed = seen.filter((bytes) => bytes.length !== 300_000 || new Set(bytes).size !== 1);
    expect(mixed).toHaveLength(0);
  },
  "a name may be an object or a folder of others, and neither destroys the other": async (store) => {
    await store.write("a", encode("object"));
    // Object stores have both; file systems refuse the second.
    await store.write("a/b", encode("inner")).catch((error: unknown) => {
      expect(error).toMatchObject({ code: expect.stringMatching(/^STORE_/) as unknown });
    });
    expect(await textOf(store, "a")).toBe("object");
    await store.write("f/g", encode("inner"));
    await store.write("f", encode("object")).catch((error: unknown) => {
      expect(error).toMatchObject({ code: expect.stringMatching(/^STORE_/) as unknown });
    });
    expect(await textOf(store, "f/g")).toBe("inner");
  },
};

const reading: Facts<ByteStore> = {
  "ranges count from 0 and leave their end out": async (store) => {
    await store.write("k", encode("0123456789"));
    const range = async (start?: number, end?: number): Promise<string> => {
      const given = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
      return new TextDecoder().decode(await bytesOf(store.read("k", given)));
    };
    expect([await range(2, 5), await range(7), await range(undefined, 3), await range()]).toEqual([
      "234",
      "789",
      "012",
      "0123456789",
    ]);
    expect([await range(9, 10), await range(8, 100), await range(4, 4)]).toEqual(["9", "89", ""]);
    expect([await range(10), await range(100, 200)]).toEqual(["", ""]);
  },
  "what is not there is an error to read and undefined to look at": async (store) => {
    expect(await store.stat("absent")).toBeUndefined();
    expect(await store.stat("absent/deeper")).toBeUndefined();
    const error = await errorOf(bytesOf(store.read("absent")));
    expect(error).toMatchObject({ code: "STORE_OBJECT_NOT_FOUND", failureClass: "terminal" });
    expect(error.message).toContain("absent");
    await store.write("folder/k", encode("x"));
    expect(await store.stat("folder")).toBeUndefined();
    expect((await errorOf(bytesOf(store.read("folder")))).code).toBe("STORE_OBJECT_NOT_FOUND");
  },
  "a list is sorted, complete, and by the beginning of keys": async (store) => {
    for (const key of ["b/2", "a", "b/10", "b-x", "b/1/deep", "c", "bb"]) await store.write(key, encode(key));
    expect(await keysOf(store, "")).toEqual(["a", "b-x", "b/1/deep", "b/10", "b/2", "bb", "c"]);
    expect(await keysOf(store, "b/")).toEqual(["b/1/deep", "b/10", "b/2"]);
    expect(await keysOf(store, "b/1")).toEqual(["b/1/deep", "b/10"]);
    expect(await keysOf(store, "b")).toEqual(["b-x", "b/1/deep", "b/10", "b/2", "bb"]);
    expect(await keysOf(store, "nothing/here")).toEqual([]);
    expect(await keysOf(store, "a/")).toEqual([]);
    const [first] = await itemsOf(store.list("a"));
    expect(first).toEqual(await store.stat("a"));
  },
  "a long list has every object once": async (store) => {
    // More than a page of the object stores, which have 1,000.
    const keys = Array.from({ length: 1200 }, (_, index) => `p/${String(index).padStart(5, "0")}`);
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map(async (key) => store.write(key, encode(key))));
    expect(await keysOf(store, "p/")).toEqual(keys);
  },
  "a list can be left before its end": async (store) => {
    for (const key of ["a", "b", "c"]) await store.write(key, encode(key));
    for await (const object of store.list("")) {
      expect(object.key).toBe("a");
      break;
    }
    expect(await textOf(store, "b")).toBe("b");
  },
  "deleting is final, and fine where nothing is": async (store) => {
    await store.write("d/k", encode("x"));
    await store.delete("d/k");
    await store.delete("d/k");
    expect([await store.stat("d/k"), await keysOf(store, "")]).toEqual([undefined, []]);
    await store.write("d", encode("now an object"));
    expect(await textOf(store, "d")).toBe("now an object");
  },
};

const conditions: Facts<ByteStore> = {
  "createIfAbsent writes once": async (store) => {
    expect(await store.createIfAbsent("m/1.json", encode("first"))).toBe(true);
    expect(await store.createIfAbsent("m/1.json", encode("second"))).toBe(false);
    expect(await textOf(store, "m/1.json")).toBe("first");
    expect(await keysOf(store, "")).toEqual(["m/1.json"]);
  },
  "one of many writers at the same time creates, and its content is whole": async (store) => {
    expect(store.capabilities.conditionalCreate).toBe(true);
    for (let round = 0; round < 10; round++) {
      const key = `race/${round}`;
      const bodies = Array.from({ length: 16 }, (_, index) => encode(String.fromCharCode(97 + index).repeat(20_000)));
      const won = await Promise.all(bodies.map(async (body) => store.createIfAbsent(key, body)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(Buffer.compare(await bytesOf(store.read(key)), bodies[won.indexOf(true)] ?? new Uint8Array(0))).toBe(0);
    }
    expect(await keysOf(store, "race/")).toHaveLength(10);
  },
  "whoever sees a created object sees all of it": async (store) => {
    const body = encode("x".repeat(400_000));
    const creating = store.createIfAbsent("k", body);
    const sizes: (number | undefined)[] = [];
    for (let look = 0; look < 200; look++) sizes.push((await store.stat("k"))?.sizeBytes);
    await creating;
    expect([...new Set(sizes)].filter((size) => size !== undefined && size !== body.length)).toEqual([]);
  },
  "move takes an object along, and replaces what is there": async (store) => {
    await store.write("from/k", encode("moved"));
    await store.write("to/k", encode("replaced"));
    expect(await store.move("from/k", "to/k")).toBe(true);
    expect([await textOf(store, "to/k"), await keysOf(store, "")]).toEqual(["moved", ["to/k"]]);
  },
  "move with ifAbsent leaves both where the target is there": async (store) => {
    await store.write("a", encode("a"));
    await store.write("b", encode("b"));
    expect(await store.move("a", "b", { ifAbsent: true })).toBe(false);
    expect([await textOf(store, "a"), await textOf(store, "b")]).toEqual(["a", "b"]);
    expect(await store.move("a", "new/deep/c", { ifAbsent: true })).toBe(true);
    expect(await keysOf(store, "")).toEqual(["b", "new/deep/c"]);
  },
  "one of many moves with ifAbsent at the same time wins": async (store) => {
    for (let round = 0; round < 5; round++) {
      const froms = Array.from({ length: 8 }, (_, index) => `from/${round}-${index}`);
      for (const from of froms) await store.write(from, encode(from));
      const won = await Promise.all(froms.map(async (from) => store.move(from, `to/${round}`, { ifAbsent: true })));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await textOf(store, `to/${round}`)).toBe(froms[won.indexOf(true)]);
      expect(await keysOf(store, `from/${round}-`)).toHaveLength(7);
    }
  },
  "a move of what is not there is an error and changes nothing": async (store) => {
    await store.write("to", encode("stays"));
    for (const ifAbsent of [false, true])
      expect((await errorOf(store.move("absent", "elsewhere", { ifAbsent }))).code).toBe("STORE_OBJECT_NOT_FOUND");
    expect((await errorOf(store.move("absent", "to"))).code).toBe("STORE_OBJECT_NOT_FOUND");
    expect([await textOf(store, "to"), await keysOf(store, "")]).toEqual(["stays", ["to"]]);
  },
  "a move onto itself keeps the object": async (store) => {
    await store.write("k", encode("x"));
    await store.move("k", "k");
    expect(await textOf(store, "k")).toBe("x");
  },
};

const keys: Facts<ByteStore> = {
  "keys with odd characters are keys like others": async (store) => {
    for (const key of oddKeys) await store.write(key, encode(key));
    for (const key of oddKeys) expect(await textOf(store, key)).toBe(key);
    expect((await keysOf(store, "")).toSorted()).toEqual(oddKeys.toSorted());
    expect(new Set(oddKeys.map((key) => store.uri(key))).size).toBe(oddKeys.length);
    expect(await keysOf(store, "%2e%2e/")).toEqual(["%2e%2e/%41"]);
  },
  "composed and decomposed letters are different keys": async (store) => {
    await store.write("\u00e9", encode("composed"));
    await store.write("e\u0301", encode("decomposed"));
    expect([await textOf(store, "\u00e9"), await textOf(store, "e\u0301")]).toEqual(["composed", "decomposed"]);
  },
  ...Object.fromEntries(
    badKeys.map((key) => [
      `the key ${JSON.stringify(key)} is refused everywhere`,
      async (store: ByteStore): Promise<void> => expectRefused(store, key),
    ]),
  ),
  "a key that is longer than the store takes is refused by its capabilities": async (store) => {
    const long = `${"k/".repeat(Math.ceil(store.capabilities.maxKeyBytes / 2))}k`;
    expect((await errorOf(store.write(long, encode("x")))).code).toBe("STORE_KEY_INVALID");
  },
  "a list by a prefix that would leave the store is refused": async (store) => {
    for (const prefix of ["../", "/etc", "a/../../"])
      expect((await errorOf(itemsOf(store.list(prefix)))).code).toBe("STORE_KEY_INVALID");
  },
};

async function expectRefused(store: ByteStore, key: string): Promise<void> {
  await store.write("good", encode("x"));
  const attempts = [
    async () => store.stat(key),
    async () => bytesOf(store.read(key)),
    async () => store.write(key, encode("x")),
    async () => store.createIfAbsent(key, encode("x")),
    async () => store.move(key, "target"),
    async () => store.move("good", key),
    async () => store.delete(key),
    async () => store.uri(key),
  ];
  for (const attempt of attempts)
    expect(await errorOf(attempt())).toMatchObject({ code: "STORE_KEY_INVALID", failureClass: "terminal" });
  expect(await keysOf(store, "")).toEqual(["good"]);
}

async function* piecesOf(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield encode(text);
}

/**
 * What every byte store must do, as tests: whole objects, ranges, lists, conditions, keys.
 *
 * @param factory - Makes an empty store; is given an empty folder of its own, which is removed afterwards.
 * @example describeByteStoreContract("files", (folder) => files().openByteStore(folder, context))
 */
export function describeByteStoreContract(
  name: string,
  factory: (folder: string) => ByteStore | Promise<ByteStore>,
  options: SuiteOptions = {},
): void {
  describe(`${name} is a ByteStore`, () => {
    registerFacts<ByteStore>(
      { ...writing, ...reading, ...conditions, ...keys },
      async (check) => withScratchFolder(async (folder) => check(await factory(folder)), { inMemory: true }),
      options,
    );
  });
}
