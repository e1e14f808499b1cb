import type { BoundDag, PinnedSource } from "./dag.ts";
import type { EffectGuarantee, WriteMode } from "./effect.ts";
import type { Issue } from "./issue.ts";
import type { JsonObject } from "./json.ts";
import type { EngineName, ErrorStrategy, RetryPolicy, StepCondition } from "./pipeline-spec.ts";

/** Why a dataset is materialised, or a group ends. Printed by `plan`. */
export type BoundaryReason =
  | "several consumers"
  | "stored"
  | "feeds code"
  | "comes from code"
  | "changes compute"
  | "has a policy of its own"
  | "asked for"
  | "dynamic pivot"
  | "32 steps"
  | "returned"
  | "read twice by one step"
  | "every step observed"
  | "no consumer";

/** How many steps get a row count: `boundaries` only, `taps` inside groups too, or `steps`, each a boundary. */
export type Observe = "boundaries" | "taps" | "steps";

/** Policy of a group, complete. */
export interface ResolvedPolicy {
  readonly retry: Required<RetryPolicy>;
  readonly timeoutMs?: number;
  readonly onError: ErrorStrategy;
  readonly condition?: StepCondition;
}

/** What a group leaves behind. */
export type GroupEnd =
  | {
      readonly kind: "boundary";
      readonly step: string;
      readonly dataset: string;
      readonly reasons: readonly BoundaryReason[];
    }
  | { readonly kind: "sink"; readonly step: string; readonly dataset: string; readonly target: PlannedTarget }
  | { readonly kind: "none"; readonly step: string };

/** Where a store or publish step writes. */
export interface PlannedTarget {
  readonly uri: string;
  readonly format: string;
  readonly mode: WriteMode;
  readonly form: "file" | "folder";
  readonly guarantee: EffectGuarantee;
  readonly options: JsonObject;
}

/**
 * The unit of attempt, retry, timeout and commit. `sql`: a chain of ingest and SQL steps that runs as one statement.
 * `code`: one map, transform or effect. `sink`: a store or publish of a dataset that is already materialised.
 * `handler`: one step of a registered `StepHandler`.
 */
export interface QueryGroup {
  readonly id: string;
  readonly kind: "sql" | "code" | "sink" | "handler";
  readonly engine: EngineName;
  /** Step names in topological order; the last one ends the group. */
  readonly steps: readonly string[];
  readonly level: number;
  /** Ids of the groups whose results it reads. */
  readonly dependsOn: readonly string[];
  readonly ends: readonly GroupEnd[];
  readonly policy: ResolvedPolicy;
  /** Digest of the definitions in the group, its params and its pinned inputs. */
  readonly digest: string;
}

/** Limits of a run, resolved. */
export interface RunLimits {
  readonly workers: number;
  readonly threads: number;
  /** Budget of the run process; the compute gets 55 % of it. */
  readonly memoryBytes: number;
  readonly timeoutMs?: number;
}

/** Every decision of a run, taken before any effect. Plain data: `plan --json` prints it whole. */
export interface Plan {
  readonly pipeline: string;
  readonly bound: BoundDag;
  readonly groups: readonly QueryGroup[];
  /** Step name to the id of its group. */
  readonly groupOf: ReadonlyMap<string, string>;
  readonly sources: readonly PinnedSource[];
  readonly params: JsonObject;
  /** ISO 8601, UTC: what `now()` gives in every step. */
  readonly logicalTime: string;
  readonly limits: RunLimits;
  readonly observe: Observe;
  readonly deterministic: boolean;
  readonly levelBarrier: boolean;
  readonly digest: string;
  readonly warnings: readonly Issue[];
  /** Steps that `--select` and `--exclude` leave out. */
  readonly excluded: readonly string[];
}
