import { describeComputeEngineContract } from "@millrace/testing";
import { duckdb } from "../src/index.ts";

describeComputeEngineContract("duckdb", () => duckdb());
