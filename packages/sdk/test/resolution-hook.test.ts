import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { createNodeProject } from "./node-project.ts";

const hook = JSON.stringify(join(import.meta.dirname, "../src/module/resolution-hook.ts"));
const here = JSON.stringify(pathToFileURL(import.meta.filename).href);

describe("a project without Millrace", () => {
  test("gets the copies that the registered modules would get", async () => {
    using project = createNodeProject(
      {
        "orders.ts":
          'import { pipeline } from "@millrace/sdk";\nexport default pipeline("orders", (p) => ({ raw: p.ingest("raw", "a.csv") }));',
      },
      {},
    );
    await expect(project.run('report((await import("./orders.ts")).default.name)')).rejects.toThrow(
      /Cannot find package '@millrace\/sdk'/,
    );
    expect(
      await project.run(`import { registerMillraceResolution } from ${hook};
      registerMillraceResolution("file:///nowhere/at/all.js", ${here});
      report((await import("./orders.ts")).default.name);`),
    ).toBe("orders");
  });

  test("keeps its own copy where it has one, and its own error where nobody has", async () => {
    using project = createNodeProject(
      {
        "node_modules/millrace/package.json": '{ "name": "millrace", "type": "module", "exports": "./i.js" }',
        "node_modules/millrace/i.js": 'export const own = "its own";',
        "own.ts": 'import { own } from "millrace"; export default own;',
        "nope.ts": 'import "@millrace/nope";',
      },
      {},
    );
    expect(
      await project.run(`import { registerMillraceResolution } from ${hook};
      registerMillraceResolution(${here});
      const failed = await import("./nope.ts").catch((error) => error.message);
      report([(await import("./own.ts")).default, failed.includes("nope.ts")]);`),
    ).toEqual(["its own", true]);
  });
});
