import type { ComputeSession, MaterialiseResult, RelationId } from "@millrace/protocols";
import { expect } from "vitest";
import type { ComputeBench } from "./compute-bench.ts";
import type { Facts } from "./gap.ts";

/** Relations of a shape by label, the last one being what is materialised. */
type Shape = ReadonlyMap<string, RelationId>;

/**
 * Rows of the steps inside one statement. Truth is what a statement of its own counts for each relation; for a table
 * that every step is created as, both are the same by definition.
 */
export const countFacts: Facts<ComputeBench> = {
  "rows of a chain are exact at each step": async (bench) => {
    const session = await bench.openSession();
    const shape = await chain(session, await bench.numbers(session, "numbers", 100_000));
    const result = await materialise(bench, session, shape);
    // By hand: 100,000 numbers, every 10th is left out, then every even one, then one group for each remainder of 7.
    expect(exactRows(result, shape)).toEqual({ no_tens: 90_000, odd: 50_000, groups: 7 });
    expect(result.rows).toBe(7);
  },
  "rows of both sides of a join are exact": async (bench) => {
    const session = await bench.openSession();
    const shape = await join(bench, session, "join");
    const result = await materialise(bench, session, shape);
    await expectTruth(session, result, { shape, complete: true });
  },
  "rows of both sides of a left join are exact": async (bench) => {
    const session = await bench.openSession();
    const shape = await join(bench, session, "left join");
    const result = await materialise(bench, session, shape);
    await expectTruth(session, result, { shape, complete: true });
  },
  "rows of three joined steps are exact in whatever order they run": async (bench) => {
    const session = await bench.openSession();
    const two = await join(bench, session, "join");
    const third = await bench.numbers(session, "third", 900);
    const filtered = await session.query("select n as t from raw where n % 9 <> 4", {
      inputs: { raw: third },
      label: "third_side",
    });
    const all = await session.query("select j.k, j.v, c.t from j join c on c.t = j.k % 100", {
      inputs: { j: last(two), c: filtered },
      label: "all",
    });
    const shape = new Map([...two, ["third_side", filtered], ["all", all]]);
    const result = await materialise(bench, session, shape);
    await expectTruth(session, result, { shape, complete: true });
  },
  "rows of the parts of a union are exact": async (bench) => {
    const session = await bench.openSession();
    const first = await bench.numbers(session, "first", 40_000);
    const second = await bench.numbers(session, "second", 30_000);
    const a = await session.query("select n from raw where n % 4 = 0", { inputs: { raw: first }, label: "a" });
    const b = await session.query("select n from raw where n % 5 = 0", { inputs: { raw: second }, label: "b" });
    const u = await session.query("select n from a union all select n from b", { inputs: { a, b }, label: "u" });
    const shape = new Map([
      ["a", a],
      ["b", b],
      ["u", u],
    ]);
    const result = await materialise(bench, session, shape);
    expect(exactRows(result, shape)).toEqual({ a: 10_000, b: 6000, u: 16_000 });
  },
  "rows of two steps over one source that join each other are exact": async (bench) => {
    const session = await bench.openSession();
    const shape = await selfJoin(bench, session);
    const result = await materialise(bench, session, shape);
    // By hand: 30,000 numbers; 15,000 even, 10,000 threes, 5,000 both.
    expect(exactRows(result, shape)).toEqual({ even: 15_000, threes: 10_000, both: 5000 });
  },
  "a step that is read twice is never counted twice": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 30_000);
    const even = await session.query("select n from raw where n % 2 = 0", { inputs: { raw: numbers }, label: "even" });
    const pairs = await session.query("select a.n, b.n as m from src a join src b on b.n = a.n + 2", {
      inputs: { src: even },
      label: "pairs",
    });
    const shape = new Map([
      ["even", even],
      ["pairs", pairs],
    ]);
    const result = await materialise(bench, session, shape);
    expect(result.rows).toBe(14_999);
    await expectTruth(session, result, { shape, complete: false });
  },
  "a count that a consumer cut short is at_least": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 1_000_000);
    const step = await session.query("select n, n % 7 as r from raw where n >= 0", {
      inputs: { raw: numbers },
      label: "step",
    });
    const few = await session.query("select * from src limit 10", { inputs: { src: step }, label: "few" });
    const nothing = await session.query("select * from src where 1 = 0", { inputs: { src: step }, label: "nothing" });
    const empty = await session.query("select n as k from src where n < 0", {
      inputs: { src: numbers },
      label: "empty",
    });
    const joined = await session.query("select s.n from s join e on e.k = s.n", {
      inputs: { s: step, e: empty },
      label: "joined",
    });
    for (const [name, end, rows] of [
      ["few", few, 10],
      ["nothing", nothing, 0],
      ["joined", joined, 0],
    ] as const) {
      const shape = new Map([
        ["step", step],
        ["empty", empty],
        [name, end],
      ]);
      const result = await materialise(bench, session, shape);
      expect(result.rows, name).toBe(rows);
      await expectTruth(session, result, { shape, complete: false });
    }
  },
  "labels that need quoting are counted under their own name": async (bench) => {
    const session = await bench.openSession();
    const numbers = await bench.numbers(session, "numbers", 1000);
    const odd = 'it\'s "odd" -- 😀 %s';
    const a = await session.query("select n from raw where n % 2 = 1", { inputs: { raw: numbers }, label: odd });
    const b = await session.query("select count(*) as n from src", { inputs: { src: a }, label: "b" });
    const shape = new Map([
      [odd, a],
      ["b", b],
    ]);
    const result = await materialise(bench, session, shape);
    expect(exactRows(result, shape)).toEqual({ [odd]: 500, b: 1 });
  },
  "without taps rows are written all the same": async (bench) => {
    const session = await bench.openSession();
    const shape = await chain(session, await bench.numbers(session, "numbers", 10_000));
    const saved = await bench.save(session, last(shape), {
      name: "plain.parquet",
      format: "parquet",
      statement: { taps: false },
    });
    expect(saved.rows).toBe(7);
  },
};

async function chain(session: ComputeSession, numbers: RelationId): Promise<Shape> {
  const noTens = await session.query("select n from raw where n % 10 <> 0", {
    inputs: { raw: numbers },
    label: "no_tens",
  });
  const odd = await session.query("select n, n % 7 as r from raw where n % 2 = 1", {
    inputs: { raw: noTens },
    label: "odd",
  });
  const groups = await session.query("select r, count(*) as c, sum(n) as s from raw group by r", {
    inputs: { raw: odd },
    label: "groups",
  });
  return new Map([
    ["no_tens", noTens],
    ["odd", odd],
    ["groups", groups],
  ]);
}

async function join(bench: ComputeBench, session: ComputeSession, kind: "join" | "left join"): Promise<Shape> {
  const facts = await bench.numbers(session, "facts", 60_000);
  const names = await bench.numbers(session, "names", 1000);
  const left = await session.query("select n as v, n % 2000 as k from raw where n % 3 <> 0", {
    inputs: { raw: facts },
    label: "left_side",
  });
  const right = await session.query("select n as k from raw where n % 5 <> 2", {
    inputs: { raw: names },
    label: "right_side",
  });
  const joined = await session.query(`select l.k, l.v, r.k as other from l ${kind} r on r.k = l.k`, {
    inputs: { l: left, r: right },
    label: "joined",
  });
  const kept = await session.query("select k, v from raw where v % 2 = 0", { inputs: { raw: joined }, label: "kept" });
  return new Map([
    ["left_side", left],
    ["right_side", right],
    ["joined", joined],
    ["kept", kept],
  ]);
}

async function selfJoin(bench: ComputeBench, session: ComputeSession): Promise<Shape> {
  const numbers = await bench.numbers(session, "numbers", 30_000);
  const even = await session.query("select n from raw where n % 2 = 0", { inputs: { raw: numbers }, label: "even" });
  const threes = await session.query("select n from raw where n % 3 = 0", {
    inputs: { raw: numbers },
    label: "threes",
  });
  const both = await session.query("select a.n from a join b on b.n = a.n", {
    inputs: { a: even, b: threes },
    label: "both",
  });
  return new Map([
    ["even", even],
    ["threes", threes],
    ["both", both],
  ]);
}

function last(shape: Shape): RelationId {
  const relation = [...shape.values()].at(-1);
  if (relation === undefined) throw new Error("a shape has a relation");
  return relation;
}

async function materialise(bench: ComputeBench, session: ComputeSession, shape: Shape): Promise<MaterialiseResult> {
  const name = `${[...shape.keys()].join("-").replaceAll(/[^a-z_-]/g, "")}.parquet`;
  return bench.save(session, last(shape), { name, format: "parquet", statement: { taps: true } });
}

/** Counts that are exact, by label. The end of the statement counts too: its rows are those that were written. */
function exactRows(result: MaterialiseResult, shape: Shape): Readonly<Record<string, number | string>> {
  return Object.fromEntries(
    [...shape.keys()].map((label, index) => {
      const count = result.counts.get(label);
      const end = index === shape.size - 1 ? result.rows : "not counted";
      return [label, count === undefined ? end : count.at_least ? `at least ${count.rows}` : count.rows];
    }),
  );
}

/** Every exact count is the truth, and no other count is above it. */
async function expectTruth(
  session: ComputeSession,
  result: MaterialiseResult,
  { shape, complete }: { readonly shape: Shape; readonly complete: boolean },
): Promise<void> {
  const truth = Object.fromEntries(
    await Promise.all([...shape].map(async ([label, relation]) => [label, await session.count(relation)] as const)),
  );
  if (complete) expect(exactRows(result, shape)).toEqual(truth);
  for (const [label, count] of result.counts) {
    const rows = truth[label];
    if (rows === undefined) continue;
    if (count.at_least) expect(count.rows, label).toBeLessThanOrEqual(rows);
    else expect(count.rows, label).toBe(rows);
  }
}
