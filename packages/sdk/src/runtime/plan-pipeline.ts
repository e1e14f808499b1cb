import { join } from "node:path";
import { planRun, selectSteps } from "@millrace/engine";
import type { Issue, JsonObject, Observe, Plan } from "@millrace/protocols";
import { bindWorkspace } from "./workspace.ts";
import type { Binding, BindSettings, LockedSettings, Workspace } from "./workspace.ts";

/** How a run is planned. */
export interface PlanSettings extends BindSettings {
  /** Steps to run: names, `+name` with all it needs, `name+` with all that needs it, `tag:`, `path:`, `medallion:`. @defaultValue all */
  readonly select?: readonly string[];
  /** Steps to leave out, in the same forms. */
  readonly exclude?: readonly string[];
  /** How many steps get a row count. @defaultValue "taps" */
  readonly observe?: Observe;
  /** Levels start only when the level before is done. @defaultValue the pipeline's, else false */
  readonly levelBarrier?: boolean;
  /** One group at a time, in the order of the levels. @defaultValue false */
  readonly sequential?: boolean;
}

/** A plan, or why there is none. Holds the session in which it runs until it is disposed. */
export interface PlannedPipeline extends Binding, AsyncDisposable {
  readonly workspace: Workspace;
  /** Undefined where an issue is an error. */
  readonly plan: Plan | undefined;
}

/** Takes every decision of a run. Reads metadata, and has no effect outside the state folder. */
export async function planWorkspace(
  workspace: Workspace,
  settings: LockedSettings<PlanSettings>,
  { stateDir, params }: { readonly stateDir: string; readonly params: JsonObject },
): Promise<PlannedPipeline> {
  const binding = await bindWorkspace(workspace, settings, params);
  const { dag, bound } = binding;
  const give = (plan: Plan | undefined, issues: readonly Issue[]): PlannedPipeline => ({
    ...binding,
    workspace,
    plan: issues.some(({ severity }) => severity === "error") ? undefined : plan,
    issues,
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  });
  if (dag === undefined || bound === undefined || binding.issues.some(({ severity }) => severity === "error"))
    return give(undefined, binding.issues);
  const selection = selectSteps(dag, settings);
  const { plan, issues } = planRun(bound, workspace.environment, {
    limits: settings.sequential === true ? { ...workspace.limits, workers: 1 } : workspace.limits,
    observe: settings.observe ?? "taps",
    deterministic: workspace.deterministic,
    logicalTime: workspace.logicalTime,
    selected: selection.steps,
    stagingDirectory: join(stateDir, "staging"),
    ...(settings.levelBarrier === undefined ? {} : { levelBarrier: settings.levelBarrier }),
  });
  const found = [...selection.issues, ...issues.slice(bound.issues.length)].map((issue): Issue => {
    const position = issue.position ?? workspace.loaded.locate(issue.path);
    const severity = settings.strict === true && issue.severity === "warning" ? "error" : issue.severity;
    return { ...issue, severity, ...(position === undefined ? {} : { position }) };
  });
  const all = [...binding.issues, ...found];
  return give({ ...plan, warnings: all.filter(({ severity }) => severity !== "error") }, all);
}
