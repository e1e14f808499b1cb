#!/usr/bin/env node
// CommonJS that an old Node can parse, so that it can say what is wrong.
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const message = `millrace needs Node 22.18 or newer; this is ${process.version}.`;
  if (process.argv.includes("--json")) {
    const error = { code: "NODE_TOO_OLD", failure_class: "terminal", fault: "caller", message, context: {} };
    process.stdout.write(
      `${JSON.stringify({ schema: "millrace.cli", version: 1, ok: false, data: null, errors: [error] })}\n`,
    );
  }
  process.stderr.write(`error[NODE_TOO_OLD]: ${message} Install a newer Node.\n`);
  process.exit(20);
}
// libuv reads this once, before its first use: an ES module would be too late. DuckDB's queries wait in this pool,
// and so do file calls behind them.
process.env.UV_THREADPOOL_SIZE ??= "16";
require("node:module").enableCompileCache?.();
const dist = join(__dirname, "..", "dist");
const entry = ["bundle/main.js", "main.js"].map((file) => join(dist, file)).find((file) => existsSync(file));
if (entry === undefined) {
  process.stderr.write("millrace is not built yet: run `npm start` or `npm run build` in its repository once.\n");
  process.exit(20);
}
import(pathToFileURL(entry));
