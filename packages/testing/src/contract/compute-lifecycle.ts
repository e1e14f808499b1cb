import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { TerminalError } from "@millrace/foundation";
import type { ComputeSession, RelationId } from "@millrace/protocols";
import { expect } from "vitest";
import { errorOf } from "./checks.ts";
import { rowsOf } from "./compute-bench.ts";
import type { ComputeBench } from "./compute-bench.ts";
import type { Facts } from "./gap.ts";

/** A statement is stopped in this time, whatever it does. Measured: 13 ms for DuckDB's interrupt. */
const stopMs = 5000;

/** Time, cancelling, closing, limits. */
export const lifecycleFacts: Facts<ComputeBench> = {
  "now() and its relatives give the logical time": async (bench) => {
    const session = await bench.openSession({ logicalTime: new Date("2001-02-03T23:45:06.789Z") });
    const raw = await bench.csv(session, "raw", { columns: { id: "INTEGER" }, lines: ["1"] });
    const first = await session.query("select id, now() as a, current_timestamp as b, current_date as c from raw", {
      inputs: { raw },
      label: "first",
    });
    const second = await session.query(
      "select cast(a as varchar) as a, cast(b as varchar) as b, cast(c as varchar) as c, cast(now() = a as integer) as same, " +
        "cast(current_date as varchar) as d from src",
      { inputs: { src: first }, label: "second" },
    );
    const [row = []] = await rowsOf(session, second);
    const [a, b, c, same, d] = row;
    expect(a).toMatch(/^2001-02-03 23:45:06\.789/);
    expect([b, c, same, d]).toEqual([a, "2001-02-03", 1, "2001-02-03"]);
    const saved = await bench.save(session, second, { name: "out.csv", format: "csv", options: { header: false } });
    expect(await readFile(saved.path, "utf8")).toContain("2001-02-03 23:45:06.789");
  },
  "an aborted signal stops a running statement and the session goes on": async (bench) => {
    const session = await bench.openSession();
    const slow = await slowRelation(bench, session);
    const abort = new AbortController();
    const running = errorOf(
      bench.save(session, slow, { name: "slow.parquet", format: "parquet", statement: { signal: abort.signal } }),
    );
    await pause(300);
    const started = performance.now();
    abort.abort();
    const error = await running;
    expect(error.code).toBe("RUN_CANCELLED");
    expect(performance.now() - started).toBeLessThan(stopMs);
    const raw = await bench.csv(session, "after", { columns: { id: "INTEGER" }, lines: ["1"] });
    expect(await rowsOf(session, raw)).toEqual([[1]]);
  },
  "a signal that is aborted already starts nothing": async (bench) => {
    const session = await bench.openSession();
    const slow = await slowRelation(bench, session);
    const started = performance.now();
    const error = await errorOf(
      bench.save(session, slow, {
        name: "slow.parquet",
        format: "parquet",
        statement: { signal: AbortSignal.abort() },
      }),
    );
    expect(error.code).toBe("RUN_CANCELLED");
    expect(performance.now() - started).toBeLessThan(stopMs);
    expect(await bench.exists("slow.parquet")).toBe(false);
  },
  "a statement stopped by a timeout rejects with the timeout's own error": async (bench) => {
    const session = await bench.openSession();
    const slow = await slowRelation(bench, session);
    const abort = new AbortController();
    const timeout = new TerminalError({ code: "STEP_TIMEOUT", fault: "caller", message: "It took longer than 0.3s." });
    const running = errorOf(session.count(slow, { signal: abort.signal }));
    await pause(300);
    abort.abort(timeout);
    expect(await running).toBe(timeout);
  },
  "cancel stops every running statement and the session goes on": async (bench) => {
    const session = await bench.openSession();
    const slow = await slowRelation(bench, session);
    const running = Promise.all([errorOf(session.count(slow)), errorOf(session.sample(slow, 5))]);
    await pause(300);
    const started = performance.now();
    await session.cancel();
    expect((await running).map((error) => error.code)).toEqual(["RUN_CANCELLED", "RUN_CANCELLED"]);
    expect(performance.now() - started).toBeLessThan(stopMs);
    const raw = await bench.csv(session, "after", { columns: { id: "INTEGER" }, lines: ["1"] });
    expect(await session.count(raw)).toBe(1);
  },
  "closing a session stops its statement and empties its scratch folder": async (bench) => {
    const session = await bench.openSession();
    const slow = await slowRelation(bench, session);
    const running = errorOf(session.count(slow));
    await pause(300);
    const started = performance.now();
    await session[Symbol.asyncDispose]();
    expect((await running).code).toBe("RUN_CANCELLED");
    expect(performance.now() - started).toBeLessThan(stopMs);
    expect(await readdir(bench.path("scratch-0"))).toEqual([]);
    // A second close is fine: `await using` and an error path may both close.
    await session[Symbol.asyncDispose]();
  },
  "a released relation is refused and others stay": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", { columns: { id: "INTEGER" }, lines: ["1", "2"] });
    const one = await session.query("select * from raw where id = 1", { inputs: { raw }, label: "one" });
    const two = await session.query("select * from raw where id = 2", { inputs: { raw }, label: "two" });
    await session.release(one);
    await errorOf(session.count(one));
    expect(await rowsOf(session, two)).toEqual([[2]]);
  },
  "stats count statements": async (bench) => {
    const session = await bench.openSession();
    const raw = await bench.csv(session, "raw", { columns: { id: "INTEGER" }, lines: ["1"] });
    const before = await session.stats();
    await session.count(raw);
    const after = await session.stats();
    expect(after.statements).toBeGreaterThan(before.statements);
  },
  "progress stays between 0 and 1 and is told at most ten times a second": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 2_000_000);
    const step = await session.query("select n % 1000 as r, count(*) as c, sum(n) as s from raw group by 1", {
      inputs: { raw: numbers },
      label: "step",
    });
    const told: { readonly at: number; readonly ratio: number | undefined }[] = [];
    const onProgress = (progress: { readonly ratio?: number }): void => {
      told.push({ at: performance.now(), ratio: progress.ratio });
    };
    const started = performance.now();
    await bench.save(session, step, { name: "out.parquet", format: "parquet", statement: { onProgress } });
    for (const { ratio } of told) if (ratio !== undefined) expect(ratio >= 0 && ratio <= 1).toBe(true);
    expect(told.length).toBeLessThanOrEqual(Math.ceil((performance.now() - started) / 100) + 1);
  },
  "deterministic sessions write the same bytes": async (bench) => {
    expect(bench.engine.capabilities.deterministic).toBe(true);
    const bytes: Buffer[] = [];
    for (const run of [1, 2, 3]) {
      const session = await bench.openSession({ deterministic: true });
      const numbers = await bench.numbers(session, `numbers${run}`, 200_000);
      const groups = await session.query("select n % 1000 as r, sum(cast(n as double) / 3) as s from raw group by 1", {
        inputs: { raw: numbers },
        label: "groups",
      });
      const { path } = await bench.save(session, groups, { name: `out${run}.parquet`, format: "parquet" });
      bytes.push(await readFile(path));
    }
    expect(bytes[1]?.equals(bytes[0] ?? Buffer.alloc(0))).toBe(true);
    expect(bytes[2]?.equals(bytes[0] ?? Buffer.alloc(0))).toBe(true);
  },
  "a sandbox confines reading and writing": async (bench) => {
    expect(bench.engine.capabilities.sandbox).toBe(true);
    const inside = await bench.write("inside/in.csv", "id\n1\n");
    const outside = await bench.write("outside/in.csv", "id\n1\n");
    const session = await bench.openSession({
      sandbox: { read: [bench.path("inside")], write: [bench.path("inside")] },
    });
    const source = { format: "csv", options: { header: true } } as const;
    const raw = await session.scan({ ...source, uris: [inside] }, "raw");
    expect((await bench.save(session, raw, { name: "inside/out.parquet", format: "parquet" })).rows).toBe(1);
    for (const attempt of [
      async () => bench.save(session, raw, { name: "outside/out.parquet", format: "parquet" }),
      async () => session.count(await session.scan({ ...source, uris: [outside] }, "other")),
      async () => {
        const sql = `select * from read_csv('${outside}')`;
        return session.count(await session.query(sql, { inputs: {}, label: "sql" }));
      },
    ]) {
      const error = await errorOf(attempt());
      expect(error.code).toBe("SANDBOX_VIOLATION");
    }
    expect(await bench.exists("outside/out.parquet")).toBe(false);
  },
  "sessions have their own logical time": async (bench) => {
    const session = await bench.openSession();
    const other = await bench.openSession({ logicalTime: new Date("1999-01-01T00:00:00Z") });
    const years = await Promise.all(
      [session, other].map(async (each) => {
        const relation = await each.query("select cast(current_date as varchar) as d", { inputs: {}, label: "d" });
        return rowsOf(each, relation);
      }),
    );
    expect(years).toEqual([[["2024-02-29"]], [["1999-01-01"]]]);
  },
};

/** A relation whose statement takes minutes: a billion pairs that no statistics can rule out. */
async function slowRelation(bench: ComputeBench, session: ComputeSession): Promise<RelationId> {
  const lines = Array.from({ length: 3000 }, (_, index) => String(index));
  const raw = await bench.csv(session, "slow_source", { columns: { n: "BIGINT" }, lines });
  return session.query(
    "select sum(sqrt(a.n * b.n + c.n)) as s from raw a cross join raw b cross join raw c where (a.n * 31 + b.n * 17 + c.n) % 1000003 <> 7",
    { inputs: { raw }, label: "slow" },
  );
}
