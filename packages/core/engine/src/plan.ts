import type {
  BoundaryReason,
  BoundDag,
  DagNode,
  GroupEnd,
  Issue,
  JsonObject,
  Observe,
  PinnedSource,
  Plan,
  PlannedTarget,
  QueryGroup,
  ResolvedPolicy,
  RunLimits,
} from "@millrace/protocols";
import { digestOf } from "@millrace/foundation";
import { isCodeStep } from "./bind.ts";
import { findBoundaries, isFileSink, isRelational } from "./boundaries.ts";
import type { EngineEnvironment } from "./environment.ts";
import { planTargets } from "./targets.ts";

/** Decisions that come from outside the definition. */
export interface PlanOptions {
  readonly limits: RunLimits;
  readonly observe: Observe;
  readonly deterministic: boolean;
  /** Starts a level only when the one before is done. Overrides the pipeline's policy. */
  readonly levelBarrier?: boolean;
  readonly logicalTime: Date;
  /** Steps to run; all where undefined. */
  readonly selected?: ReadonlySet<string>;
  /** Where sinks stage, so that their guarantee can be told. */
  readonly stagingDirectory: string;
}

/** A plan, and what was found while it was made. A plan with errors is not run. */
export interface PlanResult {
  readonly plan: Plan;
  readonly issues: readonly Issue[];
}

/**
 * Takes every decision of a run: query groups and why each ends, targets and their guarantees, pinned sources, limits.
 * Has no effect.
 */
export function planRun(bound: BoundDag, environment: EngineEnvironment, options: PlanOptions): PlanResult {
  const { dag } = bound;
  const selected = options.selected ?? new Set(dag.order);
  const observe = options.deterministic && options.observe === "taps" ? "boundaries" : options.observe;
  const boundaries = findBoundaries(bound, { observe, selected });
  const { targets, issues: targetIssues } = planTargets(bound, environment, options.stagingDirectory);
  const issues = [...bound.issues, ...targetIssues, ...refuseMaterializeNever(bound, boundaries)];

  const draft = draftGroups({ bound, boundaries, selected });
  const groupOf = new Map<string, string>();
  for (const group of draft) for (const step of group.steps) groupOf.set(step, group.id);
  const groups = draft.map((group) => completeGroup(group, { bound, environment, boundaries, targets, groupOf }));
  const logicalTime = options.logicalTime.toISOString();
  const plan: Plan = {
    pipeline: dag.spec.name,
    bound,
    groups,
    groupOf,
    sources: dag.order.flatMap((name) => (selected.has(name) ? (bound.steps.get(name)?.source ?? []) : [])),
    params: bound.params,
    logicalTime,
    limits: options.limits,
    observe,
    deterministic: options.deterministic,
    levelBarrier: options.levelBarrier ?? dag.spec.policy.level_barrier ?? false,
    digest: digestOf({ groups: groups.map((group) => group.digest), logicalTime }),
    warnings: issues.filter((issue) => issue.severity !== "error"),
    excluded: dag.order.filter((name) => !selected.has(name)),
  };
  return { plan, issues };
}

function refuseMaterializeNever(bound: BoundDag, boundaries: ReadonlyMap<string, readonly BoundaryReason[]>): Issue[] {
  return [...boundaries].flatMap(([dataset, reasons]): Issue[] => {
    const producer = bound.dag.producers.get(dataset)?.step ?? "";
    const node = bound.dag.nodes.get(producer);
    if (node?.step.metadata.policy?.materialize !== "never") return [];
    return [
      {
        severity: "error",
        code: "DEFINITION_INVALID_VALUE",
        message: `step "${producer}" says materialize: never, and dataset "${dataset}" must be materialised: ${reasons.join(", ")}`,
        path: ["steps", node.index, "metadata", "policy", "materialize"],
        step: producer,
      },
    ];
  });
}

/** What groups are cut from. */
interface GroupScope {
  readonly bound: BoundDag;
  readonly boundaries: ReadonlyMap<string, unknown>;
  readonly selected: ReadonlySet<string>;
}

interface DraftGroup {
  readonly id: string;
  readonly kind: QueryGroup["kind"];
  readonly steps: readonly string[];
}

/** Collects, for each step that ends a group, the steps that run inside its statement. */
function draftGroups(scope: GroupScope): DraftGroup[] {
  const { bound, boundaries, selected } = scope;
  const { dag } = bound;
  const drafts: DraftGroup[] = [];
  for (const name of dag.order) {
    if (!selected.has(name)) continue;
    const node = dag.nodes.get(name) as DagNode;
    if (isRelational(node)) {
      const dataset = Object.values(node.step.outputs)[0];
      if (dataset !== undefined && !boundaries.has(dataset)) continue;
      drafts.push({ id: name, kind: "sql", steps: collectFused(name, scope) });
    } else if (isFileSink(node)) {
      const steps = collectFused(name, scope);
      drafts.push({ id: name, kind: steps.length > 1 ? "sql" : "sink", steps });
    } else drafts.push({ id: name, kind: isCodeStep(node) ? "code" : "handler", steps: [name] });
  }
  return drafts;
}

/** The step and everything upstream that is not behind a boundary, in deterministic order. */
function collectFused(end: string, { bound, boundaries, selected }: GroupScope): string[] {
  const { dag } = bound;
  const found = new Set([end]);
  const queue = [end];
  for (const name of queue)
    for (const dataset of Object.values(dag.nodes.get(name)?.step.inputs ?? {})) {
      const producer = dag.producers.get(dataset)?.step;
      if (producer === undefined || boundaries.has(dataset) || found.has(producer) || !selected.has(producer)) continue;
      found.add(producer);
      queue.push(producer);
    }
  return [...found].toSorted((a, b) => compareNodes(dag.nodes.get(a) as DagNode, dag.nodes.get(b) as DagNode));
}

function compareNodes(a: DagNode, b: DagNode): number {
  return a.level - b.level || (a.step.name < b.step.name ? -1 : 1);
}

interface Completion {
  readonly bound: BoundDag;
  readonly environment: EngineEnvironment;
  readonly boundaries: ReadonlyMap<string, readonly BoundaryReason[]>;
  readonly targets: ReadonlyMap<string, PlannedTarget>;
  readonly groupOf: ReadonlyMap<string, string>;
}

function completeGroup(group: DraftGroup, completion: Completion): QueryGroup {
  const { bound, environment, groupOf } = completion;
  const nodes = group.steps.map((name) => bound.dag.nodes.get(name) as DagNode);
  const last = bound.dag.nodes.get(group.id) as DagNode;
  const dependsOn = new Set<string>();
  for (const node of nodes)
    for (const before of node.dependsOn) {
      const id = groupOf.get(before);
      if (id !== undefined && id !== group.id) dependsOn.add(id);
    }
  return {
    id: group.id,
    kind: group.kind,
    engine: last.step.engine,
    steps: group.steps,
    level: Math.max(...nodes.map((node) => node.level)),
    dependsOn: [...dependsOn].toSorted(),
    ends: groupEnds(last, completion),
    policy: resolvePolicy(nodes, bound),
    digest: digestOf({
      steps: nodes.map((node) => definitionOf(node, bound)),
      params: bound.params,
      compute: { name: environment.compute.name, version: environment.compute.version },
      sources: nodes.flatMap((node) =>
        bound.steps.get(node.step.name)?.source === undefined
          ? []
          : [pinOf(bound.steps.get(node.step.name)?.source as PinnedSource)],
      ),
    }),
  };
}

function groupEnds(last: DagNode, { boundaries, targets }: Completion): readonly GroupEnd[] {
  const { step } = last;
  const target = targets.get(step.name);
  if (target !== undefined)
    return [{ kind: "sink", step: step.name, dataset: Object.values(step.inputs)[0] ?? "", target }];
  const datasets = Object.values(step.outputs);
  if (datasets.length === 0) return [{ kind: "none", step: step.name }];
  return datasets.map((dataset) => ({
    kind: "boundary",
    step: step.name,
    dataset,
    reasons: boundaries.get(dataset) ?? [],
  }));
}

/** What a step does, without words for people. */
function definitionOf(node: DagNode, bound: BoundDag): JsonObject {
  const { layer, type, engine, params, inputs, outputs, name, value, metadata } = node.step;
  const columns = metadata.policy?.columns;
  return {
    name,
    layer,
    type,
    engine,
    value: bound.steps.get(name)?.sql ?? value,
    params,
    inputs,
    outputs,
    ...(columns === undefined ? {} : { columns }),
  };
}

function pinOf(source: PinnedSource): JsonObject {
  return {
    location: source.location,
    format: source.format,
    options: source.options,
    files: source.files.map((file) => ({
      uri: file.uri,
      size: file.sizeBytes,
      mtime: file.mtimeNs ?? null,
      inode: file.inode ?? null,
      etag: file.etag ?? null,
    })),
  };
}

function resolvePolicy(nodes: readonly DagNode[], bound: BoundDag): ResolvedPolicy {
  const pipeline = bound.dag.spec.policy;
  const own = nodes.map((node) => node.step.metadata.policy ?? {});
  const retry = Object.assign({}, pipeline.retry, ...own.map((policy) => policy.retry ?? {}));
  const timeouts = own.flatMap((policy) => policy.timeout_ms ?? []);
  const timeoutMs = timeouts.length > 0 ? Math.min(...timeouts) : pipeline.step_timeout_ms;
  const condition = own.find((policy) => policy.condition !== undefined)?.condition;
  return {
    retry: { attempts: 3, base_ms: 1000, factor: 2, cap_ms: 60_000, jitter: "full", ...retry },
    onError: own.find((policy) => policy.on_error !== undefined)?.on_error ?? pipeline.on_error ?? "fail_later",
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(condition === undefined ? {} : { condition }),
  };
}
