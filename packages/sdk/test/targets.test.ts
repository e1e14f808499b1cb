import type { StepHandler } from "@millrace/protocols";
import { folder, pipeline } from "@millrace/sdk";
import type { Target } from "@millrace/sdk";
import { describe, expect, test } from "vitest";
import { createScratchProject, orderFiles } from "./scratch-project.ts";

const contacts: Target<"upsert"> = { value: "contacts", type: "crm", modes: ["upsert"] };

describe("targets", () => {
  test("an adapter's own target gets its mode and key", async () => {
    await using project = createScratchProject(orderFiles);
    const seen: unknown[] = [];
    const handler: StepHandler = {
      layer: "publish",
      type: "crm",
      describe: async () => new Map(),
      run: async (step, { inputs, session }) => {
        const compute = await session();
        const [input] = inputs.values();
        seen.push(step.params, input === undefined ? 0 : await compute.count(input));
        return new Map();
      },
    };
    const rt = await project.runtime({ handlers: [handler] });
    const run = await rt.run(
      pipeline("crm", (p) => {
        const raw = p.ingest("raw", "data/orders/*.csv", {
          columns: { order_id: "BIGINT", customer: "VARCHAR", amount: "DOUBLE", ordered_at: "TIMESTAMP" },
        });
        p.publish("to_crm", raw, contacts, { mode: "upsert", key: ["order_id"] });
      }),
    );
    expect(run.orThrow().state).toBe("success");
    expect(seen).toEqual([{ mode: "upsert", key: ["order_id"] }, 5]);
  });

  test("a folder connection is where its files are, for reading and writing", async () => {
    await using project = createScratchProject(orderFiles);
    const rt = await project.runtime();
    const run = await rt.run(
      pipeline("lake", (p) => {
        const lake = p.connect("lake", folder("data"));
        const raw = p.ingest("raw", lake.file("orders/*.csv"));
        p.publish("out", raw, lake.file("copy.csv"), { mode: "overwrite", delim: ";" });
        p.store("by_customer", raw, lake.file("customers/"), { partitionBy: ["customer"] });
        return { raw };
      }),
    );
    expect(run.orThrow().state).toBe("success");
    expect(project.read("data/copy.csv").split("\n")[0]).toBe("order_id;customer;amount;ordered_at");
    expect(await run.outputs.raw.count()).toBe(5);
  });
});
