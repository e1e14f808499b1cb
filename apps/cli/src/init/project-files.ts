import { formatSampleOrders } from "./sample-orders.ts";

/** Files of a new project by path, in the order in which people meet them. `name` is a valid package name. */
export function createProjectFiles(options: {
  readonly name: string;
  readonly version: string;
}): ReadonlyMap<string, string> {
  return new Map([
    ["pipelines/orders.ts", pipeline],
    ["sql/daily.sql", dailySql],
    ["data/orders.csv", formatSampleOrders()],
    ["test/orders.test.ts", stepTest],
    ["millrace.config.ts", config],
    ["package.json", formatManifest(options)],
    ["tsconfig.json", tsconfig],
    [".gitignore", gitignore],
    [".gitattributes", gitattributes],
    ["AGENTS.md", agents],
    [".github/workflows/ci.yml", workflow],
  ]);
}

const pipeline = `import { pipeline } from "millrace";

// From raw orders to sales a day. See what it would do: \`millrace plan\`. Do it: \`millrace run\`.
export default pipeline("orders", (p) => {
  const raw = p.ingest("raw_orders", "data/orders.csv", { medallion: "bronze" });
  const clean = p.sql("clean_orders", { raw }, /* sql */ \`
    select order_id, customer, amount::decimal(12,2) as amount, ordered_at::date as day
    from raw
    where amount > 0\`, { medallion: "silver" });
  const daily = p.sqlFile("daily", { orders: clean }, "../sql/daily.sql", { medallion: "gold" });
  p.store("save_daily", daily, "gold/daily.parquet");
  return { daily };
});
`;

const dailySql = `-- Orders and sales of each day.
select day, count(*) as orders, sum(amount) as total
from orders
group by day
order by day
`;

const stepTest = `import { rowMatchers, testStep } from "millrace/testing";
import { expect, test } from "vitest";
import orders from "../pipelines/orders.ts";

expect.extend(rowMatchers);

test("clean_orders keeps orders with a positive amount", async () => {
  const { rows } = await testStep(orders, "clean_orders", {
    raw: [
      { order_id: 1, amount: 5 },
      { order_id: 2, amount: -1 },
      { order_id: 3, amount: null },
    ],
  });
  expect(rows).toMatchRows([{ order_id: 1 }]);
});
`;

const config = `import { defineConfig } from "millrace";

// Order, last wins: defaults, this file, its environment (--env prod), .env, MILLRACE_*, flags.
// \`millrace config show --explain\` says where each value came from.
export default defineConfig({});
`;

const tsconfig = `{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true,
    "skipLibCheck": true,
    "types": []
  },
  "include": ["millrace-env.d.ts", "millrace.config.ts", "pipelines", "test"]
}
`;

const gitignore = `node_modules/
.millrace/
gold/
.env
`;

/** Line ends decide bytes, and bytes decide digests. */
const gitattributes = `* text=auto eol=lf
millrace-env.d.ts linguist-generated
millrace.lock.json linguist-generated
`;

const agents = `# Working in this project

Data pipelines in TypeScript and SQL on DuckDB, run by the \`millrace\` command.

| to | run |
| --- | --- |
| check everything without reading data | \`npx millrace validate\` |
| see what a run would do, without effect | \`npx millrace plan\` |
| run, and look at what came out | \`npx millrace run\`, then \`npx millrace query orders.daily\` |
| see the first rows of one step | \`npx millrace preview clean_orders\` |
| test steps with a few rows | \`npx millrace test\` |
| refresh column types after a change of SQL or data | \`npx millrace types\` (\`--refresh\` reads the sources again) |
| understand an error code | \`npx millrace explain SQL_COLUMN_NOT_FOUND\` |

- A pipeline is a module in \`pipelines/\` whose default export is \`pipeline(name, build)\`. \`build\` only describes: no reading, no clock.
- One SELECT a step. Its tables are the logical names of its inputs; values come in as \`$name\` parameters, never as text.
- \`millrace-env.d.ts\` and \`millrace.lock.json\` are generated and committed. Never edit them; run \`millrace types\`.
- After a change: \`npx millrace validate\`, \`npx millrace types\`, \`npx tsc\`, \`npx millrace test\`. Add \`--json\` for output that programs read.
`;

const workflow = `name: ci
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
      - run: npm install
      - run: npx millrace validate --strict
      - run: npx millrace types --check
      - run: npx tsc
      - run: npx millrace test
`;

function formatManifest({ name, version }: { readonly name: string; readonly version: string }): string {
  const manifest = {
    name,
    private: true,
    type: "module",
    scripts: {
      start: "millrace run",
      test: "millrace test",
      check: "millrace validate && millrace types --check && tsc",
    },
    devDependencies: { millrace: `^${version}`, typescript: "^7.0.2", vitest: "^5.1.1" },
    engines: { node: ">=22.18" },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
