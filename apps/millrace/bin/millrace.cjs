#!/usr/bin/env node
const { dirname, join } = require("node:path");
require(join(dirname(require.resolve("@millrace/cli/package.json")), "bin/millrace.cjs"));
