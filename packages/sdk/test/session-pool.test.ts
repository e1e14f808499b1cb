import type { ComputeSession } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { SessionPool } from "../src/runtime/session-pool.ts";
import type { OpenedSession } from "../src/runtime/open-session.ts";

/** Opens sessions that only know whether they are closed. */
function createOpener(): { readonly closed: string[]; readonly open: (name: string) => () => Promise<OpenedSession> } {
  const closed: string[] = [];
  return {
    closed,
    open: (name) => async () => ({
      session: { name } as unknown as ComputeSession,
      [Symbol.asyncDispose]: async () => void closed.push(name),
    }),
  };
}

describe("sessions of a runtime", () => {
  test("one kind is shared, and stays open for who asks next", async () => {
    const { closed, open } = createOpener();
    await using pool = new SessionPool();
    const first = await pool.acquire("a", open("a1"));
    const second = await pool.acquire("a", open("a2"));
    expect(second.session).toBe(first.session);
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    const third = await pool.acquire("a", open("a3"));
    expect(third.session).toBe(first.session);
    expect(closed).toEqual([]);
  });

  test("of those that nobody uses, the latest stays", async () => {
    const { closed, open } = createOpener();
    await using pool = new SessionPool();
    const a = await pool.acquire("a", open("a"));
    const b = await pool.acquire("b", open("b"));
    await a[Symbol.asyncDispose]();
    await a[Symbol.asyncDispose]();
    expect(closed).toEqual([]);
    await b[Symbol.asyncDispose]();
    expect(closed).toEqual(["a"]);
    await pool[Symbol.asyncDispose]();
    expect(closed).toEqual(["a", "b"]);
    await expect(pool.acquire("a", open("a"))).rejects.toMatchObject({ code: "RUNTIME_DISPOSED" });
  });

  test("one that did not open is opened again", async () => {
    const { open } = createOpener();
    await using pool = new SessionPool();
    await expect(pool.acquire("a", () => Promise.reject(new Error("no memory")))).rejects.toThrow("no memory");
    expect(await pool.acquire("a", open("a"))).toHaveProperty("session.name", "a");
  });
});
