import { describe, expect, test } from "vitest";
import { createProjectFiles } from "../src/init/project-files.ts";
import { formatSampleOrders, sampleRows } from "../src/init/sample-orders.ts";

describe("the sample of a new project", () => {
  const [header, ...rows] = formatSampleOrders().trimEnd().split("\n");

  test("has 200 orders, each with its own id, and 3 bad amounts", () => {
    expect(header).toBe("order_id,customer,amount,ordered_at");
    expect(rows).toHaveLength(sampleRows);
    expect(sampleRows).toBe(200);
    const amounts = rows.map((row) => row.split(",")[2] ?? "");
    expect(amounts.filter((amount) => !(Number(amount) > 0))).toEqual(["-12.50", "0.00", ""]);
    expect(new Set(rows.map((row) => row.split(",")[0])).size).toBe(200);
  });

  test("is the same on every machine", () => {
    expect(rows[0]).toBe("1,Hana,84.19,2026-01-01 11:10:13");
    expect(formatSampleOrders()).toBe(formatSampleOrders());
  });
});

describe("the files of a new project", () => {
  const files = createProjectFiles({ name: "shop", version: "1.2.3" });

  test("are those of the first hour", () => {
    expect([...files.keys()]).toEqual([
      "pipelines/orders.ts",
      "sql/daily.sql",
      "data/orders.csv",
      "test/orders.test.ts",
      "millrace.config.ts",
      "package.json",
      "tsconfig.json",
      ".gitignore",
      ".gitattributes",
      "AGENTS.md",
      ".github/workflows/ci.yml",
    ]);
  });

  test("begin with a pipeline of fourteen lines or so", () => {
    expect(files.get("pipelines/orders.ts")?.trimEnd().split("\n").length).toBeLessThanOrEqual(15);
  });

  test("ask for this version", () => {
    const manifest = JSON.parse(files.get("package.json") ?? "") as {
      readonly name: string;
      readonly devDependencies: Record<string, string>;
    };
    expect(manifest.name).toBe("shop");
    expect(manifest.devDependencies["millrace"]).toBe("^1.2.3");
  });
});
