import { setTimeout as pause } from "node:timers/promises";
import type { Clock, IdSource, LogFields, Logger } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import {
  correlationContext,
  correlationFields,
  createMessageFlow,
  createRecordLogger,
  createRedactor,
  getCorrelationId,
  setCorrelationId,
  TerminalError,
  trackMessageFlow,
  withCorrelation,
} from "../src/index.ts";
import type { LogRecord, MessageHop } from "../src/index.ts";

const clock: Clock = { now: () => new Date(0), monotonicMs: () => 0, sleep: async () => undefined };

function countingIds(): IdSource {
  let count = 0;
  return { uuid: () => `id-${++count}`, random: () => 0 };
}

describe("correlation", () => {
  test("an id reaches everything that is awaited, and ends with its context", async () => {
    await correlationContext(
      async () => {
        await pause(1);
        expect([getCorrelationId(), await pause(1).then(getCorrelationId)]).toEqual(["req-1", "req-1"]);
        expect(correlationContext(getCorrelationId, { id: "inner" })).toBe("inner");
        expect(getCorrelationId()).toBe("req-1");
      },
      { id: "req-1" },
    );
    expect(getCorrelationId()).toBeUndefined();
    expect(correlationFields()).toEqual({});
  });

  test("tasks at the same time keep their own", async () => {
    const ids = await Promise.all(
      ["a", "b", "c"].map(async (id, index) =>
        correlationContext(
          async () => {
            await pause(5 - index);
            return getCorrelationId();
          },
          { id },
        ),
      ),
    );
    expect(ids).toEqual(["a", "b", "c"]);
  });

  test("without an id a new one is made", () => {
    expect(correlationContext(getCorrelationId, { idSource: countingIds() })).toBe("id-1");
    expect(correlationContext(getCorrelationId)).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("an id can be set inside of a context and does not leave it", async () => {
    await correlationContext(
      async () => {
        await pause(1);
        setCorrelationId("changed");
        await pause(1);
        expect(getCorrelationId()).toBe("changed");
      },
      { id: "first" },
    );
    expect(getCorrelationId()).toBeUndefined();
  });

  test.each([[""], ["a b"], ["a\nb"], ["x".repeat(129)], ["ü"]])("%j is refused as an id", (id) => {
    expect(() => correlationContext(() => 0, { id })).toThrow("visible ASCII");
  });
});

describe("loggers", () => {
  test("every line has the id of the work that logs it, whoever made the logger", () => {
    const lines: (readonly [string, LogFields | undefined])[] = [];
    const keep = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
    const plain: Logger = {
      debug: keep,
      info: keep,
      warn: keep,
      error: keep,
      child: (more) => ({ ...plain, info: (m, f) => keep(m, { ...more, ...f }) }),
    };
    const logger = withCorrelation(plain);
    logger.info("outside");
    correlationContext(
      () => {
        logger.warn("inside", { a: 1 });
        logger.child({ step: "daily" }).info("child");
      },
      { id: "req-1" },
    );
    expect(lines).toEqual([
      ["outside", {}],
      ["inside", { correlation_id: "req-1", a: 1 }],
      ["child", { step: "daily", correlation_id: "req-1" }],
    ]);
  });

  test("records are correlated, redacted and JSON-safe, and levels below are dropped", () => {
    const records: LogRecord[] = [];
    const redactor = createRedactor(["very-secret-value"]);
    const logger = createRecordLogger(
      { write: (record) => records.push(record), clock, redactor, level: "info" },
      { run_id: "r" },
    );
    logger.debug("not kept");
    correlationContext(
      () => {
        const error = new TerminalError({ code: "STORE_IO", fault: "upstream", message: "no very-secret-value here" });
        logger
          .child({ step: "daily" })
          .error("failed with very-secret-value", { error, big: 2n ** 64n, level: "mine", time: "mine" });
      },
      { id: "req-1" },
    );
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      time: "1970-01-01T00:00:00.000Z",
      level: "error",
      message: "failed with ***",
      correlation_id: "req-1",
      run_id: "r",
      step: "daily",
      big: "18446744073709551616",
      error: { code: "STORE_IO", message: "no *** here" },
    });
    expect(JSON.parse(JSON.stringify(records[0]))).toEqual(records[0]);
  });
});

describe("message flow", () => {
  const createFlow = (): { hops: MessageHop[]; flow: ReturnType<typeof createMessageFlow> } => {
    const hops: MessageHop[] = [];
    return { hops, flow: createMessageFlow({ onHop: (hop) => hops.push(hop), clock, ids: countingIds() }) };
  };

  test("hops inside a hop are its children, of the same message and correlation", async () => {
    const { hops, flow } = createFlow();
    const result = await correlationContext(
      async () =>
        trackMessageFlow(flow, { service: "ingest", messageId: "m1", attributes: { rows: 3 } }, async () =>
          flow.track({ service: "clean", stage: "transform" }, () => getCorrelationId()),
        ),
      { id: "req-1" },
    );
    expect(result).toBe("req-1");
    expect(hops.map((hop) => [hop.service, hop.state, hop.depth, hop.message_id, hop.correlation_id])).toEqual([
      ["ingest", "started", 0, "m1", "req-1"],
      ["clean", "started", 1, "m1", "req-1"],
      ["clean", "completed", 1, "m1", "req-1"],
      ["ingest", "completed", 0, "m1", "req-1"],
    ]);
    expect(hops[1]?.parent_hop_id).toBe(hops[0]?.hop_id);
    expect(hops[0]).toMatchObject({ attributes: { rows: 3 } });
    expect(hops[3]).toMatchObject({ duration_ms: 0 });
  });

  test("a message goes on in another service by its headers", async () => {
    const [here, there] = [createFlow(), createFlow()];
    const headers = await here.flow.track({ service: "sender", messageId: "m1" }, () => here.flow.headers());
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    await there.flow.track({ service: "receiver", headers: upper }, () => undefined);
    expect(there.hops[0]).toMatchObject({
      message_id: "m1",
      parent_hop_id: here.hops[0]?.hop_id,
      correlation_id: here.hops[0]?.correlation_id,
      depth: 1,
    });
    expect(here.flow.headers()).toEqual({});
  });

  test("a failure is recorded and goes on unchanged", async () => {
    const { hops, flow } = createFlow();
    const boom = new TerminalError({ code: "STORE_IO", fault: "upstream", message: "boom" });
    await expect(
      flow.track({ service: "s" }, () => {
        throw boom;
      }),
    ).rejects.toBe(boom);
    expect(hops.at(-1)).toMatchObject({ state: "failed", error: { code: "STORE_IO", message: "boom" } });
  });

  test("headers that nobody's flow wrote are refused", async () => {
    const { hops, flow } = createFlow();
    const headers = { "x-correlation-id": "a\nb: c" };
    await expect(flow.track({ service: "s", headers }, () => 0)).rejects.toThrow("x-correlation-id is not valid");
    expect(hops).toEqual([]);
  });
});
