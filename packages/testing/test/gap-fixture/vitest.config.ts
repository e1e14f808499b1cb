import { defineConfig } from "vitest/config";

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../../node_modules/.vite",
  ssr: { resolve: { conditions: ["@millrace/source", "module", "node", "development|production"] } },
  test: { include: ["gaps.fixture.ts"], execArgv: ["--conditions=@millrace/source"] },
});
