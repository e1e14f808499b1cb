import { runStateMappings } from "@millrace/protocols";
import type { RunRecord } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import {
  catalogName,
  createExecutionResult,
  createFrameworkScope,
  ExecutionStatus,
  FrameworkConfig,
  isFeatureEnabled,
  observabilityTable,
  quarantinePath,
  rawDataPath,
  tableName,
  toExecutionResult,
} from "../src/index.ts";

describe("framework configuration", () => {
  test("names catalogs and paths as seed 000 says", () => {
    const config = FrameworkConfig.fromEnv("dev");
    expect(catalogName(config)).toBe("cluk_dev_nova");
    expect(rawDataPath(config, { schema: "sales", sourceRef: "landing_api", table: "daily_orders" })).toBe(
      "/Volumes/cluk_dev_nova/sales/raw/landing_api/daily_orders/",
    );
    expect(tableName(config, "sales", "daily_orders")).toBe("cluk_dev_nova.sales.daily_orders");
    expect(quarantinePath(config, "2026-02-01")).toBe("/Volumes/cluk_dev_nova/nova_framework/quarantine/2026-02-01/");
  });

  test("seed 000, example 1: an environment is set on a scope", () => {
    const scope = createFrameworkScope();
    scope.setConfig(FrameworkConfig.fromEnv("prod"));
    expect(catalogName(scope.getConfig())).toBe("cluk_prod_nova");
    scope.resetConfig();
    expect(scope.getConfig().env).toBe("dev");
    expect(createFrameworkScope("test").getConfig().env).toBe("test");
  });

  test("switches are read where they are asked for", () => {
    const config = FrameworkConfig.fromEnv("dev", {
      enableSoftDelete: false,
      observability: { metricsEnabled: false },
    });
    expect([
      isFeatureEnabled(config, "soft_delete"),
      isFeatureEnabled(config, "schema_evolution"),
      isFeatureEnabled(config, "data_quality"),
    ]).toEqual([false, true, true]);
    expect([observabilityTable(config, "metrics"), observabilityTable(config, "dqErrors")]).toEqual([
      undefined,
      "cluk_dev_nova.nova_framework.dq_errors",
    ]);
  });

  test("fields come from snake_case, and unknown or mistyped ones fail with a suggestion", () => {
    const config = FrameworkConfig.fromDict({
      env: "uat",
      catalog: { organization: "acme", framework_name: "mill" },
      enable_soft_delete: false,
    });
    expect([catalogName(config), config.enableSoftDelete]).toEqual(["acme_uat_mill", false]);
    expect(() => FrameworkConfig.fromDict({ catalog: { organisation: "acme" } })).toThrow(
      'Unknown field "catalog.organisation". Did you mean "organization"?',
    );
    expect(() => FrameworkConfig.fromDict({ enable_soft_delete: "no" })).toThrow("must be a boolean; received string");
    expect(() => FrameworkConfig.fromDict({ storage: null })).toThrow("must be an object; received null");
    expect(() => FrameworkConfig.fromDict({ constructor: 1 })).toThrow("Unknown field");
    expect(() => FrameworkConfig.fromDict({ observability: { log_level: "loud" } })).toThrow("log_level must be");
  });

  test("no part of a path or name leaves its place", () => {
    const config = FrameworkConfig.fromEnv("dev");
    expect(() => rawDataPath(config, { schema: "sales", sourceRef: "../../etc", table: "t" })).toThrow(
      '"source_ref" must be',
    );
    expect(() => tableName(config, "s", "t; drop table x")).toThrow('"table" must be');
    expect(() => FrameworkConfig.fromEnv("../prod")).toThrow('"env" must be');
    const typo = FrameworkConfig.fromEnv("dev", { storage: { baseVolumeTemplate: "/Volumes/{catalogue}/" } });
    expect(() => rawDataPath(typo, { schema: "s", sourceRef: "r", table: "t" })).toThrow(
      'has "{catalogue}"; known here: catalog, schema, source_ref, table',
    );
  });
});

describe("execution result", () => {
  test("seed 000, example 3: duration and success", () => {
    const result = createExecutionResult({
      status: ExecutionStatus.SUCCESS,
      startedAt: new Date("2026-02-01T08:00:00Z"),
      completedAt: new Date("2026-02-01T08:03:15Z"),
      metrics: { rows_written: 102_345, dq_failures: 12 },
    });
    expect(result).toMatchObject({
      durationSeconds: 195,
      success: true,
      metrics: { rows_written: 102_345, dq_failures: 12 },
    });
  });

  test("a running one has no duration, and none ends before it starts", () => {
    const startedAt = new Date("2026-02-01T08:00:00Z");
    expect(createExecutionResult({ status: "running", startedAt })).toMatchObject({
      durationSeconds: undefined,
      success: false,
      metrics: {},
    });
    expect(() => createExecutionResult({ status: "failed", startedAt, completedAt: new Date(0) })).toThrow(
      "cannot end",
    );
    expect(() => createExecutionResult({ status: "failed", startedAt, completedAt: new Date(Number.NaN) })).toThrow(
      "cannot end",
    );
  });

  test("a run in NovaFlow's words", () => {
    const step = {
      layer: "store",
      type: "config_op",
      group: "g",
      state: "success",
      origin: "run",
      attempts: 1,
    } as const;
    const run: RunRecord = {
      schema: "millrace.run",
      version: 1,
      run_id: "r",
      pipeline: "orders",
      state: "warning",
      correlation_id: "c",
      started_at: "2026-02-01T08:00:00.000Z",
      ended_at: "2026-02-01T08:00:02.500Z",
      logical_time: "2026-02-01T08:00:00.000Z",
      params: {},
      plan_digest: "d",
      executions: [],
      attempts: [],
      datasets: [],
      warnings: [],
      steps: [
        { ...step, name: "raw", layer: "ingest", rows: { rows: 100, at_least: false }, rows_rejected: 4 },
        { ...step, name: "save", target: "gold/a.parquet", rows: { rows: 90, at_least: false } },
        { ...step, name: "save2", target: "gold/b.parquet", state: "failed" },
      ],
    };
    expect(toExecutionResult(run)).toMatchObject({
      status: "success",
      durationSeconds: 2.5,
      metrics: { rows_written: 90, dq_failures: 4 },
    });
    expect(new Set(Object.values(runStateMappings).map((mapping) => mapping.novaflow))).toEqual(
      new Set(Object.values(ExecutionStatus)),
    );
  });
});
