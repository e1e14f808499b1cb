import type {
  BoundDag,
  DagNode,
  FileFormat,
  Issue,
  JsonObject,
  JsonValue,
  PlannedTarget,
  WriteMode,
} from "@millrace/protocols";
import { isMillraceError } from "@millrace/foundation";
import { isFileSink } from "./boundaries.ts";
import type { EngineEnvironment } from "./environment.ts";
import { collectConnections, resolveFormat, resolveLocation } from "./location.ts";
import type { Connection } from "./location.ts";

const controlParams = new Set(["format", "source_type", "mode", "connection", "form"]);
const modes: readonly WriteMode[] = ["overwrite", "append", "error_if_exists"];

/** A target, or why a step cannot write. */
interface TargetResult {
  readonly target: PlannedTarget | undefined;
  readonly issues: readonly Issue[];
}

/** Resolves where a store or publish step writes, in which form and with which guarantee. Touches nothing. */
function planTarget(
  node: DagNode,
  environment: EngineEnvironment,
  options: { readonly connections: ReadonlyMap<string, Connection>; readonly stagingDirectory: string },
): TargetResult {
  const { step } = node;
  const issue = (code: string, message: string, path: readonly string[]): TargetResult => ({
    target: undefined,
    issues: [{ severity: "error", code, message, path: ["steps", node.index, ...path], step: step.name }],
  });
  try {
    const location = resolveLocation(step, {
      ...options,
      projectRoot: environment.projectRoot,
      adapters: environment.adapters,
    });
    const mode = writeMode(step.params["mode"]);
    if (mode === undefined)
      return issue(
        "DEFINITION_INVALID_VALUE",
        `step "${step.name}": mode ${JSON.stringify(step.params["mode"])} is not one of ${modes.join(", ")}`,
        ["params", "mode"],
      );
    const partitioned = step.params["partition_by"] !== undefined || step.params["file_size_bytes"] !== undefined;
    const folder = step.params["form"] === "folder" || partitioned || location.uri.endsWith("/");
    const format = resolveFormat(step, location.uri, "parquet");
    const form = folder || !hasExtension(location.uri) ? "folder" : "file";
    const writingOptions: Record<string, JsonValue> = {};
    for (const [name, value] of Object.entries(step.params)) if (!controlParams.has(name)) writingOptions[name] = value;
    const request = {
      uri: location.uri.replace(/(?<=.)\/+$/, ""),
      format,
      form,
      mode,
      options: writingOptions as JsonObject,
      stagingDirectory: options.stagingDirectory,
    } as const;
    if (!environment.compute.capabilities.writes.includes(format))
      return issue(
        "SOURCE_FORMAT_UNKNOWN",
        `step "${step.name}": ${environment.compute.name} does not write ${format}`,
        ["value"],
      );
    const sink = location.adapter.createSink(request, {
      projectRoot: environment.projectRoot,
      logger: environment.logger,
      faultPoints: environment.faultPoints,
    });
    return {
      target: { uri: request.uri, format, mode, form, guarantee: sink.guarantee, options: request.options },
      issues: [],
    };
  } catch (error) {
    if (!isMillraceError(error) || error.fault === "internal") throw error;
    return issue(error.code, error.message, ["value"]);
  }
}

function writeMode(given: JsonValue | undefined): WriteMode | undefined {
  if (given === undefined) return "overwrite";
  const name = JSON.stringify(given).replaceAll('"', "").toLowerCase().replaceAll("-", "_");
  return modes.find((mode) => mode === (name === "errorifexists" || name === "error" ? "error_if_exists" : name));
}

function hasExtension(uri: string): boolean {
  return /\.[a-z0-9]+$/i.test(uri.split("/").at(-1) ?? "");
}

/** Format of a planned target, as the compute knows it. */
export function targetFormat(target: PlannedTarget): FileFormat {
  return target.format as FileFormat;
}

const guaranteeRank = { transactional: 0, "atomic-replace": 1, "idempotent-key": 2, "at-least-once": 3 } as const;

/** Targets of all steps that write files, by step, and what is wrong with them. */
export function planTargets(
  bound: BoundDag,
  environment: EngineEnvironment,
  stagingDirectory: string,
): { readonly targets: ReadonlyMap<string, PlannedTarget>; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const targets = new Map<string, PlannedTarget>();
  const writers = new Map<string, string>();
  const connections = collectConnections(bound.dag);
  const required = bound.dag.spec.policy.require_guarantee;
  const handled = (node: DagNode): boolean =>
    environment.handlers.some((handler) => handler.layer === node.step.layer && handler.type === node.step.type);
  for (const name of bound.dag.order) {
    const node = bound.dag.nodes.get(name) as DagNode;
    if (!isFileSink(node) || handled(node)) continue;
    const { target, issues: found } = planTarget(node, environment, { connections, stagingDirectory });
    issues.push(...found);
    if (target === undefined) continue;
    const about = { severity: "error", path: ["steps", node.index, "value"], step: name } as const;
    const twin = writers.get(target.uri);
    if (twin !== undefined)
      issues.push({
        ...about,
        code: "DEFINITION_DUPLICATE_TARGET",
        message: `steps "${twin}" and "${name}" both write ${target.uri}`,
        received: node.step.value,
      });
    if (required !== undefined && guaranteeRank[target.guarantee] > guaranteeRank[required])
      issues.push({
        ...about,
        code: "GUARANTEE_TOO_WEAK",
        message: `step "${name}" writes ${target.uri} ${target.guarantee}; the policy requires ${required}`,
        expected: required,
        received: target.guarantee,
      });
    writers.set(target.uri, name);
    targets.set(name, target);
  }
  return { targets, issues };
}
