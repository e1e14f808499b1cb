import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { millrace, prepareMillrace, startMillrace, temporaryFolder } from "./millrace.ts";

const folder = temporaryFolder();
const shop = join(folder.path, "shop");

beforeAll(async () => {
  await prepareMillrace();
  millrace(["init", "shop"], { cwd: folder.path });
}, 60_000);
afterAll(() => folder.remove());

test("types --watch writes again after a change, says what is wrong meanwhile, and ends with Ctrl-C", async () => {
  const child = startMillrace(["types", "--watch"], { cwd: shop });
  let stderr = "";
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!pattern.test(stderr)) return;
        child.stderr.off("data", check);
        resolve();
      };
      child.stderr.on("data", check);
      check();
    });
  child.stderr.setEncoding("utf8").prependListener("data", (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));

  await seen(/watching \./);
  const sql = join(shop, "sql/daily.sql");
  const before = readFileSync(sql, "utf8");
  writeFileSync(sql, before.replace("count(*) as orders", "count(*) as n"));
  await seen(/sql\/daily\.sql\n ✓ millrace-env\.d\.ts/);
  expect(readFileSync(join(shop, "millrace-env.d.ts"), "utf8")).toContain('n: "BIGINT!"');

  writeFileSync(sql, before.replace("select day", "select dya"));
  await seen(/error\[SQL_COLUMN_NOT_FOUND\][\s\S]*did you mean "day"\?/);
  expect(readFileSync(join(shop, "millrace-env.d.ts"), "utf8")).toContain('n: "BIGINT!"');

  writeFileSync(sql, before);
  await seen(/(✓ millrace-env\.d\.ts[\s\S]*){2}/);
  child.kill("SIGINT");
  expect(await ended).toBe(0);
}, 30_000);
