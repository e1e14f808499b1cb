// Runs the SQL steps of Millrace pipelines on DuckDB, in this process.
//
//   import { duckdb } from "@millrace/duckdb";
//   const runtime = await createRuntime({ compute: [duckdb()] });
export { duckdb } from "./engine.ts";
export type { DuckDbOptions } from "./engine.ts";
export { duckdbCapabilities, duckdbVersion } from "./capabilities.ts";
