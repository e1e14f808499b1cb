// The process: standard streams, signals, exit code. Everything else is in run-cli.ts.
import { createProcessIo } from "./process-io.ts";
import { runCli } from "./run-cli.ts";

// Not awaited at the top: commands import modules that share a file with this one in the bundle, and would wait for it.
void main();

async function main(): Promise<void> {
  // Set rather than exit: what is still being written reaches its reader.
  process.exitCode = await runCli(process.argv.slice(2), createProcessIo());
}
