import { describe, expect, test } from "vitest";
import { captureCallSite, parseFrame } from "../src/builder/call-site.ts";

describe("call sites", () => {
  test("the place is that of the call, in the author's own text", () => {
    const probe = (): ReturnType<typeof captureCallSite> => captureCallSite(probe);
    const site = probe();
    expect(site?.file).toBe(import.meta.filename);
    // The line and column of "probe();" two lines up, counted by hand.
    expect([site?.line, site?.column]).toEqual([7, 18]);
  });

  test.each([
    ["    at Object.<anonymous> (file:///a/b%20c.ts:3:7)", { file: "/a/b c.ts", line: 3, column: 7 }],
    ["Error\n    at file:///a/b.ts?millrace=12:3:7\n    at file:///z.ts:1:1", { file: "/a/b.ts", line: 3, column: 7 }],
    ["    at async Promise.all (index 0)\n    at build (/a/b.ts:10:2)", { file: "/a/b.ts", line: 10, column: 2 }],
    ["    at new Foo (/a/(group)/b.ts:1:2)", { file: "/a/(group)/b.ts", line: 1, column: 2 }],
  ])("the frame %s is read", (stack, site) => {
    expect(parseFrame(stack)).toEqual(site);
  });

  test("what is no file has no place", () => {
    expect(parseFrame("    at [eval]:1:1")).toBeUndefined();
    expect(parseFrame("    at node:internal/modules/run_main:101:5")).toBeUndefined();
  });
});
