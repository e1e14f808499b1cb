import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

// `ssr.resolve.conditions` decides what tests import (sources, never dist); `execArgv` does the same for
// import.meta.resolve, worker threads and child processes that inherit it. Either alone is not enough.
const root = resolve(import.meta.dirname, "../..");
const ssr = { resolve: { conditions: ["@millrace/source", "module", "node", "development|production"] } };
const execArgv = ["--conditions=@millrace/source"];
const folders = "{packages/*,packages/{core,compute,adapters,formats}/*,apps/*,tooling/*}";

export default defineConfig({
  root,
  test: {
    projects: [
      {
        root,
        ssr,
        test: {
          name: "unit",
          execArgv,
          include: [`${folders}/test/**/*.test.ts`],
          exclude: ["**/node_modules/**", "**/*.{integration,gate}.test.ts", "tooling/tests/**"],
        },
      },
      {
        root,
        ssr,
        test: {
          name: "integration",
          execArgv,
          include: [`${folders}/test/**/*.integration.test.ts`],
          testTimeout: 60_000,
        },
      },
      {
        root,
        ssr,
        test: {
          name: "gates",
          execArgv,
          include: ["tooling/*/test/**/*.gate.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        root,
        ssr,
        test: { name: "docs", execArgv, include: ["tooling/tests/test/*.test.ts"], testTimeout: 60_000 },
      },
    ],
  },
});
