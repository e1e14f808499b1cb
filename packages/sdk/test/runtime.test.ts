import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createRuntime, optional, pipeline, sql } from "@millrace/sdk";
import type { Builder } from "@millrace/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createScratchProject, orderFiles } from "./scratch-project.ts";

const orders = pipeline("orders", { params: z.object({ minAmount: z.number().default(0) }) }, (p) => {
  const raw = p.ingest("raw_orders", "data/orders/*.csv");
  const clean = p.sql(
    "clean_orders",
    { raw },
    `
    select order_id, customer, amount::decimal(12,2) as amount, ordered_at::date as day from raw where amount > $minAmount`,
  );
  const daily = p.sql(
    "daily",
    { orders: clean },
    `select day, count(*) as n, sum(amount) as total from orders group by day order by day`,
  );
  p.store("save_daily", daily, "gold/daily.parquet");
  return { daily, clean };
});

const collect = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
};

describe("a run", () => {
  test("gives its outputs as rows, columns, batches and counts, and leaves a record", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const run = await rt.run(orders);
    expect(run.state).toBe("success");
    // Hand computation: orders 1, 3 and 5 have a positive amount, on three days.
    const rows = await collect(run.outputs.daily.rows());
    expect(rows.map((row) => [row["day"], row["n"], String(row["total"])])).toEqual([
      ["2026-01-01", 1, "10.50"],
      ["2026-01-02", 1, "4.25"],
      ["2026-01-03", 1, "7.00"],
    ]);
    const { n } = await run.outputs.daily.columns("n");
    expect(n?.data).toEqual(new BigInt64Array([1n, 1n, 1n]));
    const batches = await collect(run.outputs.daily.batches());
    expect(batches.reduce((sum, batch) => sum + batch.numRows, 0)).toBe(3);
    expect(await run.outputs.clean.count()).toBe(3);
    expect(
      run.steps.map((step) => [step.name, step.kind, step.state, step.rows, step.rowsAtLeast, step.target]),
    ).toEqual([
      ["raw_orders", "ingest", "success", 5, false, undefined],
      ["clean_orders", "transform", "success", 3, false, undefined],
      ["daily", "transform", "success", 3, false, undefined],
      ["save_daily", "store", "success", 3, false, expect.stringMatching(/gold\/daily\.parquet$/)],
    ]);
    expect([...run.dataMap.keys()]).toEqual(["raw_orders", "clean_orders", "daily"]);
    expect(await run.dataMap.get("raw_orders")?.count()).toBe(5);
    expect(existsSync(join(project.root, "gold/daily.parquet"))).toBe(true);
    expect(readdirSync(run.folder).toSorted()).toEqual(["events.ndjson", "log.ndjson", "plan.json", "run.json"]);
    expect(JSON.parse(readFileSync(join(run.folder, "run.json"), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(run.record)),
    );
    // Design section 9: the state folder is its owner's alone.
    expect(statSync(rt.stateDir).mode & 0o777).toBe(0o700);
  });

  test("parameters reach SQL as typed values, by the schema's rules", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const run = await rt.run(orders, { params: { minAmount: 5 } });
    expect(await run.outputs.daily.count()).toBe(2);
    expect(run.record.params).toEqual({ minAmount: 5 });
  });
});

describe("code steps", () => {
  test("map, transform and effect get typed inputs and context", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const seen: unknown[] = [];
    const scoring = pipeline("scoring", { params: z.object({ factor: z.number() }) }, (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv", {
        columns: { order_id: "BIGINT!", customer: "VARCHAR", amount: "DECIMAL(12,2)", ordered_at: "TIMESTAMP" },
      });
      const scored = p.map("scored", raw, { order_id: "BIGINT!", score: "DOUBLE!" }, (row, { params }) =>
        row.amount === null ? undefined : { order_id: row.order_id, score: row.amount.toNumber() * params.factor },
      );
      const totals = p.transform(
        "totals",
        { scored },
        { rows: "BIGINT!", total: "DOUBLE!" },
        async ({ scored: input }) => {
          const { score } = await input.columns("score");
          return [{ rows: await input.count(), total: score.data.reduce((sum, value) => sum + value, 0) }];
        },
      );
      p.effect("notify", { totals }, async ({ totals: input }, context) => {
        for await (const row of input.rows()) seen.push(row, context.stepName, context.idempotencyKey, context.now);
      });
      return { scored, totals };
    });
    const run = await rt.run(scoring, { params: { factor: 2 }, at: "2026-02-03T04:05:06Z", runId: "r1" });
    expect(run.orThrow().state).toBe("success");
    // 2 * (10.50 - 3.00 + 4.25 + 7.00), by hand.
    expect(await collect(run.outputs.totals.rows())).toEqual([{ rows: 4, total: 37.5 }]);
    expect(seen).toEqual([{ rows: 4, total: 37.5 }, "notify", "r1:notify", new Date("2026-02-03T04:05:06Z")]);
  });

  test("a throw fails the step with the author's line, and what needs it is skipped", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const broken = pipeline("broken", (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      const scored = p.map("scored", raw, { id: "BIGINT!" }, (row) => {
        if (row["order_id"] === 3) throw new RangeError("bad order");
        return { id: row["order_id"] };
      });
      const after = p.sql("after", { scored }, `select * from scored`);
      const other = p.sql("other", { raw }, `select count(*) as n from raw`);
      return { scored, after, other };
    });
    const run = await rt.run(broken);
    expect(run.state).toBe("failed");
    expect(Object.fromEntries(run.steps.map((step) => [step.name, step.state]))).toEqual({
      raw: "success",
      scored: "failed",
      after: "skipped",
      other: "success",
    });
    expect(await collect(run.outputs.other.rows())).toEqual([{ n: 5 }]);
    expect([...run.dataMap.keys()]).toEqual(["raw", "other"]);
    await expect(run.outputs.after.count()).rejects.toMatchObject({
      code: "DATASET_NOT_PRODUCED",
      message: expect.stringContaining('step "after" is skipped'),
    });
    expect(() => run.orThrow()).toThrow(
      expect.objectContaining({ code: "STEP_CODE_FAILED", message: expect.stringContaining("bad order") }),
    );
  });

  test("an optional input that is missing has no rows", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const resilient = pipeline("resilient", (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      const rates = p.map("rates", raw, { rate: "DOUBLE!" }, () => {
        throw new Error("no rates today");
      });
      const all = p.transform(
        "all",
        { raw, rates: optional(rates) },
        { rows: "BIGINT!", present: "BOOLEAN!", rates: "BIGINT!" },
        async (inputs) => [
          { rows: await inputs.raw.count(), present: inputs.rates.present, rates: await inputs.rates.count() },
        ],
      );
      return { all };
    });
    const run = await rt.run(resilient);
    expect(await collect(run.outputs.all.rows())).toEqual([{ rows: 5, present: false, rates: 0 }]);
  });
});

describe("what is found before a run", () => {
  test("a pipeline that cannot run as it is written rejects with all findings at their places", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const wrong = pipeline("wrong", (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      p.sql("one", { raw }, `select order_id, amuont from raw`);
      p.sql("two", { raw }, sql`select nope from ${raw} where ${sql`customer = ${"ann"}`}`);
    });
    const error = await rt.run(wrong).then(
      () => undefined,
      (reason: unknown) =>
        reason as {
          code: string;
          issues: { code: string; suggestion?: string; position?: { file: string; line: number; column: number } }[];
        },
    );
    expect(error?.code).toBe("SQL_COLUMN_NOT_FOUND");
    const lines = readFileSync(import.meta.filename, "utf8").split("\n");
    const placeOf = (text: string): { line: number; column: number } => {
      const line = lines.findIndex((one) => one.includes(`${text} from`));
      return { line: line + 1, column: (lines[line] ?? "").indexOf(text) + 1 };
    };
    expect(
      error?.issues
        .filter(({ code }) => code === "SQL_COLUMN_NOT_FOUND")
        .map(({ position, suggestion }) => ({ ...position, suggestion })),
    ).toEqual([
      { file: import.meta.filename, ...placeOf("amuont"), suggestion: "amount" },
      { file: import.meta.filename, ...placeOf("nope"), suggestion: expect.any(String) },
    ]);
    expect(existsSync(join(rt.stateDir, "runs"))).toBe(false);
  });

  test("parameters are checked by their schema before anything runs", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    await expect(rt.run(orders, { params: { minAmount: "5" as never } })).rejects.toMatchObject({
      code: "PARAMETER_INVALID",
      message: expect.stringContaining('parameter "minAmount"'),
    });
    await expect(rt.run(orders, { params: { minAmuont: 5 } as never })).rejects.toMatchObject({
      code: "PARAMETER_INVALID",
      message: expect.stringContaining('no parameter "minAmuont"'),
    });
  });

  test("warnings are errors under strict", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const random = pipeline("floats", (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv", {
        columns: { order_id: "BIGINT", customer: "VARCHAR", amount: "DOUBLE", ordered_at: "TIMESTAMP" },
      });
      return { total: p.sql("total", { raw }, `select sum(amount) as total from raw`) };
    });
    expect((await rt.validate(random)).map(({ code, severity }) => [code, severity])).toEqual([
      ["SQL_ORDER_DEPENDENT", "warning"],
    ]);
    expect((await rt.run(random)).state).toBe("success");
    await expect(rt.run(random, { strict: true })).rejects.toMatchObject({ code: "SQL_ORDER_DEPENDENT" });
  });

  test("validate needs no values of parameters", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const dated = pipeline("dated", { params: z.object({ since: z.iso.date() }) }, (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      return { recent: p.sql("recent", { raw }, `select * from raw where ordered_at >= $since`) };
    });
    expect(await rt.validate(dated)).toEqual([]);
    await expect(rt.run(dated, {} as never)).rejects.toMatchObject({ code: "PARAMETER_INVALID" });
    expect(await (await rt.run(dated, { params: { since: "2026-01-02" } })).outputs.recent.count()).toBe(3);
  });

  test("declared columns let the steps below a missing file be checked", async () => {
    await using project = createScratchProject();
    const rt = await project.runtime();
    const missing = pipeline("missing", (p) => {
      const raw = p.ingest("raw", "data/nope.csv", { columns: { order_id: "BIGINT" } });
      return { bad: p.sql("bad", { raw }, `select order_idd from raw`) };
    });
    expect((await rt.validate(missing)).map(({ code, step }) => [code, step])).toEqual([
      ["SOURCE_NOT_FOUND", "raw"],
      ["SQL_COLUMN_NOT_FOUND", "bad"],
    ]);
  });

  test("steps are added while the callback runs, and not after", () => {
    let leaked: Builder<"leaky", unknown> | undefined;
    pipeline("leaky", (p) => {
      leaked = p;
    });
    expect(() => leaked?.ingest("late", "a.csv")).toThrow(expect.objectContaining({ code: "DEFINITION_NOT_PURE" }));
  });

  test("a sandbox refuses code, and SQL reaches declared files alone", async () => {
    await using project = createScratchProject({ ...orderFiles, "secret.csv": "a\n1\n" });
    const rt = await project.runtime();
    const code = pipeline("code", (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      return { mapped: p.map("mapped", raw, { id: "BIGINT" }, () => ({ id: 1 })) };
    });
    await expect(rt.run(code, { sandbox: true })).rejects.toMatchObject({ code: "SANDBOX_CODE" });
    const outside = pipeline("outside", (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      p.sql("peek", { raw }, `select * from read_csv('secret.csv')`);
    });
    await expect(rt.run(outside, { sandbox: true })).rejects.toMatchObject({ code: "SQL_TABLE_FUNCTION" });
    const run = await rt.run(orders, { sandbox: true });
    expect(run.orThrow().state).toBe("success");
    expect(await run.outputs.daily.count()).toBe(3);
  });
});

describe("values from outside", () => {
  test("variables reach paths, and one that is not set is found at its place", async () => {
    await using project = createScratchProject(orderFiles);
    const copy = pipeline("copy", (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      p.store("save", raw, "${env.OUT}/copy.csv");
    });
    const rt = await project.runtime({ variables: (name) => (name === "OUT" ? "elsewhere" : undefined) });
    expect((await rt.run(copy)).orThrow().state).toBe("success");
    expect(existsSync(join(project.root, "elsewhere/copy.csv"))).toBe(true);
    const issues = await (await project.runtime()).validate(copy);
    expect(issues.map(({ code, position }) => [code, position?.file])).toEqual([
      ["DEFINITION_VARIABLE_UNSET", import.meta.filename],
    ]);
  });

  test("parameters of the runtime count for pipelines that declare them, and those of the run win", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime({ params: { minAmount: 5, other: 1 } });
    expect((await rt.run(orders)).record.params).toEqual({ minAmount: 5 });
    expect((await rt.run(orders, { params: { minAmount: 1 } })).record.params).toEqual({ minAmount: 1 });
  });

  test("a logical time is a time", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    await expect(rt.run(orders, { at: "soon" })).rejects.toMatchObject({ code: "PARAMETER_INVALID" });
  });

  test("a runtime without a compute, and a run without an adapter for files, say what to pass", async () => {
    await expect(createRuntime({ compute: [] })).rejects.toMatchObject({ code: "ENGINE_UNKNOWN" });
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime({ adapters: [] });
    await expect(rt.run(orders)).rejects.toMatchObject({ code: "ADAPTER_UNKNOWN" });
  });
});

describe("settings of a run", () => {
  test("a selection runs a part", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const run = await rt.run(orders, { select: ["+clean_orders"] });
    expect(run.steps.map(({ name }) => name)).toEqual(["raw_orders", "clean_orders"]);
    await expect(run.outputs.daily.count()).rejects.toMatchObject({
      code: "DATASET_NOT_PRODUCED",
      message: expect.stringContaining("was not part of the run"),
    });
    await expect(rt.run(orders, { select: ["dialy"] })).rejects.toMatchObject({ code: "SELECTION_EMPTY" });
  });

  test("a signal that has aborted cancels, and nothing is written", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const run = await rt.run(orders, { signal: AbortSignal.abort() });
    expect(run.state).toBe("cancelled");
    expect(() => run.orThrow()).toThrow(expect.objectContaining({ code: "RUN_CANCELLED" }));
    expect(existsSync(join(project.root, "gold"))).toBe(false);
  });

  test("a timeout ends the run inside a running step", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const slow = pipeline("slow", { timeout: "200ms" }, (p) => {
      const raw = p.ingest("raw", "data/orders/*.csv");
      p.effect(
        "wait",
        { raw },
        (_, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
      );
    });
    const run = await rt.run(slow);
    expect(run.state).toBe("timed_out");
    expect(() => run.orThrow()).toThrow(expect.objectContaining({ code: "RUN_TIMEOUT" }));
  });

  test("listeners, hooks and sinks hear every event in order; one that throws changes nothing", async () => {
    await using project = createScratchProject(orderFiles);
    const heard: string[] = [];
    const rt = await project.runtime({
      events: { emit: (event) => void heard.push(`sink ${event.event}`) },
      hooks: { pipelineComplete: ({ state, successCount }) => void heard.push(`hook ${state} ${successCount}`) },
    });
    const tiny = pipeline("tiny", (p) => ({ raw: p.ingest("raw", "data/orders/*.csv") }));
    tiny.on("nodeComplete", (event) => {
      heard.push(`listener ${event.kind} ${event.stepName} ${event.rows?.rows} ${event.state}`);
      throw new Error("a listener is no judge");
    });
    const run = await rt.run(tiny, { onEvent: ({ sequence }) => void heard.push(`#${sequence}`) });
    expect(run.state).toBe("success");
    expect(heard.filter((line) => !line.includes("progress"))).toEqual([
      "sink pipeline_start",
      "#1",
      "sink node_start",
      "#2",
      "sink node_complete",
      "#3",
      "listener ingest raw 5 success",
      "sink pipeline_complete",
      "hook success 1",
      "#4",
    ]);
    const log = readFileSync(join(run.folder, "log.ndjson"), "utf8");
    expect(log).toContain('a listener of \\"nodeComplete\\" failed');
  });

  test("the correlation id of the caller is in events, log and record", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const ids = new Set<string>();
    const run = await rt.run(orders, {
      correlationId: "request-7",
      onEvent: (event) => void ids.add(event.correlation_id),
    });
    expect([...ids]).toEqual(["request-7"]);
    expect(run.record.correlation_id).toBe("request-7");
  });
});

describe("a run leaves nothing behind", () => {
  test("scratch, staging and sessions are gone when the runtime is", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const run = await rt.run(orders);
    await run.outputs.daily.count();
    await rt[Symbol.asyncDispose]();
    await expect(run.outputs.daily.count()).rejects.toMatchObject({ code: "RUNTIME_DISPOSED" });
    const left = readdirSync(rt.stateDir, { recursive: true, encoding: "utf8" });
    expect(left.filter((name) => /^(?:scratch|staging)\//.test(name))).toEqual([]);
  });
});
