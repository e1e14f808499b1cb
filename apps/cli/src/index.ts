// The command line as a function, for programs that bring their own process.
//
//   import { createProcessIo, runCli } from "@millrace/cli";
//   process.exitCode = await runCli(["validate", "orders.ts"], createProcessIo());
export { createProcessIo } from "./process-io.ts";
export { runCli } from "./run-cli.ts";
export type { Io, OutputStream } from "./io.ts";
export type { Environment } from "./output/style.ts";
export type { CliDocument } from "./output/document.ts";
