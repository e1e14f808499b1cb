// Seed 001 (factflow-foundation), public API, configuration: no singleton, a lazy accessor, overrides for tests.
import assert from "node:assert/strict";
import { createConfigScope } from "millrace/seed";

interface Config {
  readonly app: { readonly name: string };
  readonly database: { readonly url: string; readonly poolSize: number };
}

let loads = 0;
const scope = createConfigScope<Config>({
  load: () => {
    loads += 1;
    return { app: { name: "factflow" }, database: { url: "postgres://localhost/dev", poolSize: 5 } };
  },
});

// Loaded when `getConfig()` first runs, and not before.
assert.equal(loads, 0);
assert.equal(scope.getConfig().database.poolSize, 5);
assert.equal(loads, 1);

// `set_config()`, the way of production.
scope.setConfig({ app: { name: "factflow" }, database: { url: "postgres://db/prod", poolSize: 20 } });
assert.equal(scope.getConfig().database.poolSize, 20);

// `override_config()`, for a test: seen by the function and what it awaits, and by nothing else.
const inside = await scope.overrideConfig({ database: { poolSize: 1 } }, async () => {
  await Promise.resolve();
  return scope.getConfig().database;
});
assert.deepEqual(inside, { url: "postgres://db/prod", poolSize: 1 });
assert.equal(scope.getConfig().database.poolSize, 20);

// `reset_config()`, after a test.
scope.resetConfig();
assert.equal(scope.getConfig().database.poolSize, 5);
