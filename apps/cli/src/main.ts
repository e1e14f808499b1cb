// The process: standard streams, signals, exit code. Everything else is in run-cli.ts.
import { createProcessIo } from "./process-io.ts";
import { runCli } from "./run-cli.ts";

// Set rather than exit: what is still being written reaches its reader.
process.exitCode = await runCli(process.argv.slice(2), createProcessIo(process));
