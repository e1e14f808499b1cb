import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { pipeline } from "@millrace/sdk";
import type { Connection, Source } from "@millrace/sdk";
import { createRecordingLogger } from "@millrace/testing";
import { columnsFromText } from "@millrace/foundation";
import { files } from "@millrace/files";
import type { Adapter, StepHandler } from "@millrace/protocols";
import { expect, test } from "vitest";
import { createScratchProject } from "./scratch-project.ts";

const password = "correct-horse-battery";

/** A system of one's own: a connection, and a step type that reads it. */
const crm = (): Connection<{ readonly contacts: Source }> => ({
  uri: "crm:eu",
  open: () => ({ contacts: { value: "contacts", type: "crm", params: { token: "secret:CRM_TOKEN" } } }),
});

const handler = (seen: unknown[]): StepHandler => ({
  layer: "ingest",
  type: "crm",
  describe: async (step) =>
    new Map([[Object.keys(step.outputs)[0] ?? "", { origin: "declared", columns: columnsFromText({ id: "BIGINT" }) }]]),
  run: async (step, { session, logger }) => {
    const token = step.params["token"] as string;
    seen.push(token);
    logger.info(`connected with ${token}`, { token });
    const compute = await session();
    const relation = await compute.query("select 1::bigint as id", { inputs: {}, label: step.name });
    if (step.params["fail"] === true) throw new Error(`refused: ${token}`);
    return new Map([["data", relation]]);
  },
});

test("a secret reaches the step that uses it, and no log, event, record, plan or error", async () => {
  await using project = createScratchProject();
  const seen: unknown[] = [];
  const logger = createRecordingLogger();
  const events: string[] = [];
  const rt = await project.runtime({
    secrets: { CRM_TOKEN: password },
    handlers: [handler(seen)],
    logger,
    events: { emit: (event) => void events.push(JSON.stringify(event)) },
  });
  const { contacts } = crm().open("crm");
  const failing = { ...contacts, params: { ...contacts.params, fail: true } };
  const made = pipeline("contacts", (p) => {
    const good = p.ingest("good", contacts);
    p.ingest("bad", failing);
    return { good };
  });
  const run = await rt.run(made);
  expect(run.state).toBe("failed");
  expect(seen).toEqual([password, password]);
  let error = "";
  try {
    run.orThrow();
  } catch (thrown) {
    error = inspect(thrown);
  }
  const folder = readdirSync(run.folder).map((name) => readFileSync(join(run.folder, name), "utf8"));
  const everything = [...folder, ...events, JSON.stringify(logger.lines), JSON.stringify(run.record), error].join("\n");
  expect(everything).toContain("connected with ***");
  expect(everything).toContain("refused: ***");
  expect(everything).not.toContain(password);
  expect(await run.outputs.good.count()).toBe(1);
});

test("a secret without a value fails the step by name", async () => {
  await using project = createScratchProject();
  const rt = await project.runtime({ handlers: [handler([])] });
  const run = await rt.run(pipeline("contacts", (p) => ({ rows: p.ingest("rows", crm().open("crm").contacts) })));
  expect(() => run.orThrow()).toThrow(
    expect.objectContaining({ code: "CONFIG_SECRET_NOT_FOUND", message: expect.stringContaining('"CRM_TOKEN"') }),
  );
});

test("a connection gets the secret, and the folder of the run does not", async () => {
  await using project = createScratchProject({ "a.csv": "a\n1\n" });
  const seen: unknown[] = [];
  const plain = files();
  const adapter: Adapter = {
    ...plain,
    name: "crm",
    schemes: ["crm"],
    checkConnection: async (uri, params) => void seen.push(uri, params),
    listFiles: (...rest) => plain.listFiles(...rest),
    openByteStore: (...rest) => plain.openByteStore(...rest),
    createSink: (...rest) => plain.createSink(...rest),
  };
  const rt = await project.runtime({
    adapters: [adapter, plain],
    secrets: (name) => (name === "CRM_TOKEN" ? password : undefined),
  });
  const connection: Connection<undefined> = {
    uri: "crm:eu",
    params: { token: "secret:CRM_TOKEN" },
    open: () => undefined,
  };
  const run = await rt.run(
    pipeline("connected", (p) => {
      p.connect("crm", connection);
      p.ingest("a", "a.csv");
    }),
  );
  expect(run.orThrow().state).toBe("success");
  expect(seen).toEqual(["crm:eu", { token: password }]);
  const folder = readdirSync(run.folder).map((name) => readFileSync(join(run.folder, name), "utf8"));
  expect(folder.join("\n")).not.toContain(password);
});
