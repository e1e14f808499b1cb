// Seed 000 (NovaFlow), usage example 1: environment config override.
import assert from "node:assert/strict";
import { catalogName, createFrameworkScope, FrameworkConfig } from "millrace/seed";

const config = FrameworkConfig.fromEnv("prod");

// The seed's singleton is a scope here: whoever needs the configuration is given it.
const scope = createFrameworkScope();
scope.setConfig(config);

assert.equal(scope.getConfig().env, "prod");
assert.equal(catalogName(scope.getConfig()), "cluk_prod_nova");

// `reset_config()` in unit tests.
scope.resetConfig();
assert.equal(scope.getConfig().env, "dev");
