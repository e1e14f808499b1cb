import { availableParallelism, totalmem } from "node:os";
import { parseByteSize, parseDurationMs } from "@millrace/foundation";
import type { PipelineSpec, RunLimits } from "@millrace/protocols";

/** Limits that a caller may set, for a runtime or one run. */
export interface LimitOptions {
  /** Groups that run at the same time. @defaultValue the pipeline's, else 4 */
  readonly workers?: number;
  /** Threads of the compute. @defaultValue all cores */
  readonly threads?: number;
  /** Budget of the process: `"2GB"` or bytes; the compute gets 55 % of it. @defaultValue 80 % of the machine's or container's */
  readonly memory?: string | number;
  /** Longest time of a run: `"10m"` or milliseconds. @defaultValue the pipeline's, else none */
  readonly timeout?: string | number;
}

/**
 * Share of the process's memory that the compute may use. The rest is for JavaScript, Arrow batches on their way and
 * what the compute allocates beside its own limit.
 *
 * **Source** measured with DuckDB 1.5.6 (2026-11): 2.9 GB resident at a `memory_limit` of 2 GB.
 */
const computeShare = 0.55;
/** Share of the machine that a run takes unless told otherwise. */
const machineShare = 0.8;

/** Limits of a run, complete. What a run says wins over the pipeline, and that over the runtime. */
export function resolveLimits(run: LimitOptions, runtime: LimitOptions, spec: PipelineSpec | undefined): RunLimits {
  const timeout = run.timeout ?? spec?.policy.timeout_ms ?? runtime.timeout;
  const memory = run.memory ?? runtime.memory;
  return {
    workers: run.workers ?? spec?.policy.workers ?? runtime.workers ?? 4,
    threads: run.threads ?? runtime.threads ?? availableParallelism(),
    memoryBytes: memory === undefined ? Math.floor(availableBytes() * machineShare) : parseByteSize(memory),
    ...(timeout === undefined ? {} : { timeoutMs: parseDurationMs(timeout) }),
  };
}

/** Memory of the compute under these limits. */
export function computeMemoryBytes(limits: RunLimits): number {
  return Math.floor(limits.memoryBytes * computeShare);
}

/** A container's limit, where there is one below the machine's memory. */
function availableBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
