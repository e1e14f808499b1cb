import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fromSteps, pipeline, readSourceLock } from "@millrace/sdk";
import { createManualClock } from "@millrace/testing";
import { describe, expect, test } from "vitest";
import { createScratchProject, orderFiles } from "./scratch-project.ts";

const orders = pipeline("orders", (p) => {
  const raw = p.ingest("raw_orders", "data/orders/*.csv");
  return { clean: p.sql("clean", { raw }, `select order_id, amount from raw`) };
});
const lockFile = "millrace.lock.json";

describe("the source lock", () => {
  test("is written by the first run, not by plan or validate, and lets checks work offline", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime({ lockFile });
    await rt.validate(orders);
    await using planned = await rt.plan(orders);
    expect(planned.issues).toEqual([]);
    expect(existsSync(join(project.root, lockFile))).toBe(false);
    await rt.run(orders);
    const lock = await readSourceLock(join(project.root, lockFile));
    expect(Object.keys(lock?.sources ?? {})).toEqual(["orders.raw_orders"]);
    expect(lock?.sources["orders.raw_orders"]).toMatchObject({
      location: "data/orders/*.csv",
      format: "csv",
      columns: { order_id: "BIGINT", amount: "DOUBLE" },
    });
    // Without the data: what the lock says is enough.
    const copy = createScratchProject({ [lockFile]: project.read(lockFile) });
    const offline = await copy.runtime({ lockFile });
    expect(await offline.validate(orders)).toEqual([]);
    await expect(offline.run(orders)).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    await copy[Symbol.asyncDispose]();
  });

  test("a run says what has changed in a source since", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime({ lockFile });
    await rt.run(orders);
    project.write({
      "data/orders/2.csv": orderFiles["data/orders/1.csv"]?.replace("amount", "amount_usd") ?? "",
      "data/orders/1.csv": orderFiles["data/orders/1.csv"]?.replace("amount", "amount_usd") ?? "",
    });
    const error = await rt
      .run(orders)
      .catch(
        (reason: unknown) =>
          reason as { readonly issues: readonly { readonly code: string; readonly message: string }[] },
      );
    expect("issues" in error ? error.issues.map(({ code }) => code) : []).toContain("SOURCE_CHANGED");
  });

  test("types refresh it; what has not changed stays as it was written", async () => {
    await using project = createScratchProject(orderFiles);
    const clock = createManualClock(new Date("2026-01-01T00:00:00Z"));
    const rt = await project.runtime({ lockFile, clock });
    const first = await rt.types([orders], { refresh: true });
    const again = await (await project.runtime()).types([orders], { refresh: true });
    expect(first.lock.sources["orders.raw_orders"]?.columns).toEqual(again.lock.sources["orders.raw_orders"]?.columns);
    expect(again.text).toBe(first.text);
  });

  test.each([
    ["{", "is not JSON"],
    ["{}", "is no lock"],
    ['{ "schema": "millrace.lock", "version": 2, "sources": {} }', "has version 2"],
    ['{ "schema": "millrace.lock", "version": 1, "sources": { "a.b": { "location": 1 } } }', 'a source "a.b"'],
  ])("a damaged lock (%s) says so", async (text, message) => {
    await using project = createScratchProject({ ...orderFiles, [lockFile]: text });
    const rt = await project.runtime({ lockFile });
    await expect(rt.run(orders)).rejects.toMatchObject({
      code: "CONFIG_FILE_INVALID",
      message: expect.stringContaining(message),
    });
  });

  test("locks of several pipelines stand side by side", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime({ lockFile });
    await rt.run(orders);
    await rt.run(
      fromSteps("rows", [{ layer: "ingest", name: "read", value: "data/orders/1.csv", outputs: { data: "one" } }]),
    );
    expect(Object.keys((await readSourceLock(join(project.root, lockFile)))?.sources ?? {})).toEqual([
      "orders.raw_orders",
      "rows.one",
    ]);
    expect(readdirSync(project.root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
