import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cliEnvelopeSchema, planJsonSchema, runRecordSchema } from "@millrace/protocols/schemas";
import { documentOf, millrace, prepareMillrace, temporaryFolder, type Outcome } from "./millrace.ts";

const folder = temporaryFolder();
const shop = join(folder.path, "shop");
const shopMillrace = (...args: readonly string[]): Outcome => millrace(args, { cwd: shop });
let made: Outcome;

beforeAll(async () => {
  await prepareMillrace();
  made = millrace(["init", "shop"], { cwd: folder.path });
}, 60_000);
afterAll(() => folder.remove());

/** Runs a check while a file of the shop reads otherwise. */
function whileChanged(file: string, change: (text: string) => string, check: () => void): void {
  const path = join(shop, file);
  const before = readFileSync(path, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
  try {
    check();
  } finally {
    writeFileSync(path, before);
  }
}

describe("init", () => {
  test("makes a project with everything of the first hour, and says what is next", () => {
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(made.stdout.trimEnd().split("\n").at(-1)).toBe(" cd shop && npx millrace run");
    for (const file of [
      "pipelines/orders.ts",
      "millrace-env.d.ts",
      "millrace.lock.json",
      "AGENTS.md",
      ".github/workflows/ci.yml",
    ])
      expect(existsSync(join(shop, file)), file).toBe(true);
  });

  test("refuses a folder with something in it, and changes nothing there", () => {
    const before = readFileSync(join(shop, "package.json"), "utf8");
    const outcome = millrace(["init", "shop"], { cwd: folder.path });
    expect(outcome).toMatchObject({ status: 20, stdout: "" });
    expect(outcome.stderr).toContain("error[CLI_FOLDER_NOT_EMPTY]: shop is not empty");
    expect(readFileSync(join(shop, "package.json"), "utf8")).toBe(before);
  });

  test("leaves fresh types and a pipeline without findings", () => {
    expect(shopMillrace("types", "--check")).toMatchObject({ status: 0, stdout: " ✓ fresh\n" });
    expect(shopMillrace("validate", "--strict").status).toBe(0);
  });
});

describe("run", () => {
  test("shows a line for each step, then rows, targets and folders", () => {
    const outcome = shopMillrace("run");
    expect(outcome.status).toBe(0);
    // 200 orders, 3 of them bad (init/sample-orders.ts).
    expect(outcome.stderr).toMatch(/✓ raw_orders +ingest .* 200 +┐ one query/);
    expect(outcome.stderr).toMatch(/✓ clean_orders +sql +−3 filtered +200 → 197 +│/);
    expect(outcome.stdout).toMatch(/✓ orders finished in /);
    expect(outcome.stdout).toMatch(/Rows +200 read, 3 filtered, \d+ written/);
    expect(outcome.stdout).toMatch(/Wrote +gold\/daily\.parquet +\d+ rows/);
    expect(outcome.stdout).toMatch(/Tables +\.millrace\/data/);
    expect(outcome.stdout).toMatch(/Run +\.millrace\/runs\//);
    expect(outcome.stdout).not.toContain("\u001B");
  });

  test("--json gives the record of the run and nothing else on stdout", () => {
    const outcome = shopMillrace("run", "--json", "--run-id", "nightly-1");
    const document = cliEnvelopeSchema.parse(JSON.parse(outcome.stdout));
    const record = runRecordSchema.parse(document.data);
    expect(record).toMatchObject({ run_id: "nightly-1", state: "success" });
    const written = JSON.parse(readFileSync(join(shop, ".millrace/runs/nightly-1/run.json"), "utf8")) as unknown;
    expect(runRecordSchema.parse(written)).toEqual(record);
    const again = shopMillrace("run", "--run-id", "nightly-1");
    expect(again).toMatchObject({ status: 20, stdout: "" });
    expect(again.stderr).toContain("error[RUN_EXISTS]");
  });

  test("what a pipeline prints does not reach the document", () => {
    whileChanged(
      "pipelines/orders.ts",
      (text) => `console.log("hello from the module");\n${text}`,
      () => {
        const outcome = shopMillrace("validate", "--json");
        expect(documentOf(outcome).ok).toBe(true);
        expect(outcome.stderr).toContain("hello from the module");
      },
    );
  });

  test("runs what is selected", () => {
    const outcome = shopMillrace("run", "--select", "+daily", "--json");
    const { steps } = documentOf(outcome).data as { readonly steps: readonly { readonly name: string }[] };
    expect(steps.map(({ name }) => name).toSorted()).toEqual(["clean_orders", "daily", "raw_orders"]);
    expect(shopMillrace("run", "--exclude", "save_dayly").stderr).toContain('did you mean "save_daily"?');
  });

  test("--deterministic gives the same bytes twice", () => {
    const bytes = (): string => {
      expect(shopMillrace("run", "--deterministic", "--at", "2026-01-01").status).toBe(0);
      return readFileSync(join(shop, "gold/daily.parquet"), "base64");
    };
    expect(bytes()).toBe(bytes());
  });

  test("--sandbox runs SQL over declared files, and --timeout is 40", () => {
    expect(shopMillrace("run", "--sandbox", "--sequential", "--level-barrier").status).toBe(0);
    const slow = join(shop, "pipelines/slow.json");
    const steps = [
      {
        layer: "ingest",
        name: "raw",
        type: "config_op",
        engine: "duckdb",
        value: "data/orders.csv",
        outputs: { data: "raw" },
      },
      {
        layer: "transform",
        name: "slow",
        type: "sql",
        engine: "duckdb",
        value:
          "select count(*) as n from raw a, range(100000000) b, range(100000) c where (a.order_id + b.range) % 7 = c.range % 5",
        inputs: { raw: "raw" },
        outputs: { data: "slow" },
      },
      {
        layer: "store",
        name: "save",
        type: "config_op",
        engine: "duckdb",
        value: "gold/slow.parquet",
        inputs: { data: "slow" },
      },
    ];
    writeFileSync(slow, JSON.stringify(steps));
    try {
      const outcome = shopMillrace("run", "pipelines/slow.json", "--timeout", "1s");
      expect(outcome.status).toBe(40);
      expect(outcome.stdout).toContain("slow ran into its timeout");
      expect(outcome.stdout).toContain("exit 40");
      expect(existsSync(join(shop, "gold/slow.parquet"))).toBe(false);
    } finally {
      rmSync(slow);
    }
  }, 20_000);

  test("a bad run id, time and size are refused before anything runs", () => {
    for (const [flag, value] of [
      ["--run-id", "../x"],
      ["--at", "2026-02-30"],
      ["--memory", "much"],
      ["--timeout", "5 parsecs"],
      ["--param", "since=1"],
    ] as const) {
      const outcome = shopMillrace("run", flag, value);
      expect(outcome.status, flag).toBe(20);
      expect(outcome.stderr, flag).toMatch(/^error\[/);
    }
  });
});

describe("plan", () => {
  test("says what is read, run and written, and changes nothing", () => {
    rmSync(join(shop, "gold"), { recursive: true, force: true });
    const outcome = shopMillrace("plan");
    expect(outcome.status).toBe(0);
    expect(outcome.stdout).toContain("raw_orders → clean_orders → daily");
    expect(outcome.stdout).toMatch(/read +data\/orders\.csv/);
    expect(outcome.stdout).toMatch(/write +gold\/daily\.parquet +parquet file, overwrite, atomic-replace/);
    expect(outcome.stdout).toContain("daily: day DATE, orders BIGINT!");
    expect(existsSync(join(shop, "gold"))).toBe(false);
  });

  test("--json is the whole plan", () => {
    const plan = planJsonSchema.parse(documentOf(shopMillrace("plan", "--json")).data);
    expect(plan).toMatchObject({ schema: "millrace.plan", pipeline: "orders" });
  });
});

describe("validate", () => {
  test("shows a wrong column in the author's file with a suggestion", () => {
    whileChanged(
      "pipelines/orders.ts",
      (text) => text.replace("where amount > 0", "where amuont > 0"),
      () => {
        const outcome = shopMillrace("validate");
        expect(outcome).toMatchObject({ status: 20, stdout: "" });
        const lines = outcome.stderr.split("\n");
        expect(lines[0]).toMatch(/^error\[SQL_COLUMN_NOT_FOUND\]: .*"amuont"/);
        const place = lines.findIndex((line) => line.startsWith("  --> pipelines/orders.ts:"));
        expect(lines[place]).toBe("  --> pipelines/orders.ts:9:11");
        expect(lines[place + 1]).toBe(' 9 |     where amuont > 0`, { medallion: "silver" });');
        expect(lines[place + 2]).toMatch(/^ {3}\| {11}\^{6} did you mean "amount"\?$/);
        expect(outcome.stderr).toContain("1 error, 0 warnings in ");
        expect(outcome.stderr).toContain("millrace explain SQL_COLUMN_NOT_FOUND");
      },
    );
  });

  test("shows a mistake in a SQL file there", () => {
    whileChanged(
      "sql/daily.sql",
      (text) => text.replace("sum(amount)", "summ(amount)"),
      () => {
        const outcome = shopMillrace("validate");
        expect(outcome.status).toBe(20);
        expect(outcome.stderr).toContain("--> sql/daily.sql:2:");
      },
    );
  });

  test("gives findings as data, and annotations under GitHub Actions", () => {
    whileChanged(
      "sql/daily.sql",
      (text) => text.replace("group by day", "group by dya"),
      () => {
        const { data, errors } = documentOf(shopMillrace("validate", "--json"));
        expect(data).toMatchObject({ pipelines: [{ pipeline: "orders", valid: false }] });
        expect(errors[0]?.issues?.[0]).toMatchObject({
          step: "daily",
          position: { file: join(shop, "sql/daily.sql") },
        });
        const hosted = millrace(["validate"], { cwd: shop, env: { GITHUB_ACTIONS: "true" } });
        expect(hosted.stderr).toContain("::error file=sql/daily.sql,line=");
      },
    );
  });

  test("a syntax error of the module has its place, and no stack unless asked", () => {
    whileChanged(
      "pipelines/orders.ts",
      (text) => text.replace("return { daily };", "return { daily ;"),
      () => {
        const outcome = shopMillrace("validate");
        expect(outcome.status).toBe(20);
        expect(outcome.stderr).toContain("error[DEFINITION_MODULE_FAILED]");
        expect(outcome.stderr).toContain("--> pipelines/orders.ts:");
        expect(outcome.stderr).not.toMatch(/^\s+at /m);
      },
    );
  });
});

describe("types", () => {
  test("--check says what is stale, and types writes it", () => {
    whileChanged(
      "sql/daily.sql",
      (text) => text.replace("count(*) as orders", "count(*) as n"),
      () => {
        const outcome = shopMillrace("types", "--check");
        expect(outcome).toMatchObject({ status: 20, stdout: "" });
        expect(outcome.stderr).toContain("error[TYPES_STALE]: millrace-env.d.ts is stale");
        expect(shopMillrace("types").stdout).toBe(" ✓ millrace-env.d.ts\n");
        expect(readFileSync(join(shop, "millrace-env.d.ts"), "utf8")).toContain('n: "BIGINT!"');
      },
    );
    expect(shopMillrace("types").status).toBe(0);
  });

  test("a broken pipeline leaves the types as they are", () => {
    const before = readFileSync(join(shop, "millrace-env.d.ts"), "utf8");
    whileChanged(
      "sql/daily.sql",
      (text) => text.replace("select day", "select dya"),
      () => {
        expect(shopMillrace("types").status).toBe(20);
        expect(readFileSync(join(shop, "millrace-env.d.ts"), "utf8")).toBe(before);
      },
    );
  });

  test("a renamed column of the source is found by a run, and taken in by --refresh", () => {
    whileChanged(
      "data/orders.csv",
      (text) => text.replace("amount", "price"),
      () => {
        // The lock still has the column: this is what works offline.
        expect(shopMillrace("validate").status).toBe(0);
        const outcome = shopMillrace("run");
        expect(outcome.status).toBe(20);
        expect(outcome.stderr).toContain('no longer has column "amount"');
        expect(shopMillrace("types", "--refresh").status).toBe(20);
      },
    );
  });
});

describe("looking", () => {
  test("query answers SQL, a dataset by name, and suggests", () => {
    expect(shopMillrace("run").status).toBe(0);
    const sum = documentOf(shopMillrace("query", "select sum(orders) as n from orders.daily", "--json"));
    expect(sum.data["rows"]).toEqual([{ n: "197" }]);
    const rows = documentOf(shopMillrace("query", "daily", "--rows", "2", "--json")).data;
    expect(rows).toMatchObject({ truncated: true, columns: { day: "DATE", orders: "BIGINT", total: "DECIMAL(38,2)" } });
    expect((rows["rows"] as readonly { readonly orders: unknown }[])[0]?.orders).toEqual(expect.any(Number));
    expect(shopMillrace("query", "select * from orders.dayly").stderr).toContain('Did you mean "orders.daily"?');
    expect(shopMillrace("query", "drop table daily").status).toBe(20);
  });

  test("query computes what no run has committed", () => {
    expect(
      documentOf(shopMillrace("query", "select count(*) as n from orders.clean_orders", "--json")).data["rows"],
    ).toEqual([{ n: 197 }]);
  });

  test("--int64 string keeps integers as text", () => {
    const { data } = documentOf(shopMillrace("query", "select 9007199254740993 as n", "--json", "--int64", "string"));
    expect(data["rows"]).toEqual([{ n: "9007199254740993" }]);
    expect(documentOf(shopMillrace("query", "select 9007199254740993 as n", "--json")).errors[0]?.code).toBe(
      "STEP_VALUE_OUT_OF_RANGE",
    );
  });

  test("show has columns, the number of rows and the first ones", () => {
    expect(documentOf(shopMillrace("show", "orders.daily", "--rows", "3", "--json")).data).toMatchObject({
      dataset: "orders.daily",
      truncated: true,
    });
    expect(shopMillrace("show", "orders.daily").stdout).toMatch(/orders\.daily {2}\d+ rows, 3 columns/);
  });

  test("preview computes a step and writes nothing", () => {
    rmSync(join(shop, "gold"), { recursive: true, force: true });
    const outcome = shopMillrace("preview", "clean_orders", "--rows", "2", "--json");
    expect(documentOf(outcome).data).toMatchObject({ step: "clean_orders", truncated: true });
    expect(existsSync(join(shop, "gold"))).toBe(false);
    expect(shopMillrace("preview", "orders", "clean_orders").status).toBe(0);
    expect(shopMillrace("preview", "claen_orders").stderr).toContain('Did you mean "clean_orders"?');
  });

  test.each([
    ["text", "clean_orders [transform] ← raw_orders"],
    ["mermaid", "graph TD"],
    ["dot", "digraph"],
    ["json", '"nodes"'],
    ["svg", "<svg "],
  ])("graph draws %s", (format, words) => {
    expect(shopMillrace("graph", "--format", format).stdout).toContain(words);
  });

  test("graph and docs write files", () => {
    expect(shopMillrace("graph", "--format", "svg", "--out", "out/orders.svg").stdout).toBe(" ✓ out/orders.svg\n");
    expect(readFileSync(join(shop, "out/orders.svg"), "utf8")).toContain("</svg>");
    expect(shopMillrace("docs", "--out", "out/orders.md").status).toBe(0);
    expect(readFileSync(join(shop, "out/orders.md"), "utf8")).toContain("| `total` | `DECIMAL(38,2)` | never null |");
  });

  test("config show says where values come from", () => {
    const outcome = millrace(["config", "show", "--explain", "--json", "--workers", "3"], {
      cwd: shop,
      env: { MILLRACE_OBSERVE: "steps" },
    });
    const settings = documentOf(outcome).data["settings"];
    expect(settings).toContainEqual({ key: "workers", value: 3, source: "flag", detail: "--workers" });
    expect(settings).toContainEqual({ key: "observe", value: "steps", source: "variable", detail: "MILLRACE_OBSERVE" });
    expect(settings).toContainEqual({ key: "engine", value: "duckdb", source: "default", detail: "built in" });
  });
});

describe("test", () => {
  test("runs the step test of a new project with nothing installed", () => {
    const outcome = shopMillrace("test");
    expect(outcome.status).toBe(0);
    expect(outcome.stdout).toContain("1 passed");
    expect(documentOf(shopMillrace("test", "--json")).data).toMatchObject({ runner: "built-in", passed: 1, failed: 0 });
  });

  test("shows what differs as a table, in the author's file", () => {
    whileChanged(
      "test/orders.test.ts",
      (text) => text.replace("{ order_id: 1 }]);", "{ order_id: 2 }]);"),
      () => {
        const outcome = shopMillrace("test");
        expect(outcome.status).toBe(30);
        expect(outcome.stdout).toContain("error[TEST_FAILED]: clean_orders keeps orders with a positive amount");
        expect(outcome.stdout).toContain("--> test/orders.test.ts:");
        expect(outcome.stdout).toMatch(/- 2[\s\S]*\+ 1/);
        expect(documentOf(shopMillrace("test", "--json")).errors[0]?.code).toBe("TEST_FAILED");
      },
    );
  });
});
