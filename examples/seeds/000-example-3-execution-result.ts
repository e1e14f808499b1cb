// Seed 000 (NovaFlow), usage example 3: emit execution result.
import assert from "node:assert/strict";
import { createExecutionResult, ExecutionStatus } from "millrace/seed";

const result = createExecutionResult({
  status: ExecutionStatus.SUCCESS,
  startedAt: new Date("2026-02-01T08:00:00Z"),
  completedAt: new Date("2026-02-01T08:03:15Z"),
  metrics: { rows_written: 102345, dq_failures: 12 },
});

assert.equal(result.success, true);
assert.equal(result.durationSeconds, 195);
assert.equal(result.metrics["rows_written"], 102345);
