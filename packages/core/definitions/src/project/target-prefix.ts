import { isAbsolute, posix } from "node:path";
import type { Issue, PipelineSpec, StepSpec } from "@millrace/protocols";
import { shorten, toIssue } from "../finding.ts";
import type { Finding } from "../finding.ts";
import { isUri } from "../rules/target.ts";

/** A pipeline whose relative targets are below a prefix. */
export interface PrefixedPipeline {
  readonly spec: PipelineSpec;
  readonly issues: readonly Issue[];
}

/**
 * Moves relative targets of store and publish steps below the `targets` of an environment, a folder or a URI, so that one
 * environment never writes over another. Absolute targets and URIs stay where they are, with a warning; a target that leaves the
 * prefix by `..` is an error.
 */
export function withTargets(spec: PipelineSpec, targets: string | undefined): PrefixedPipeline {
  if (targets === undefined) return { spec, issues: [] };
  const findings: Finding[] = [];
  const steps = spec.steps.map((step, index) => move(step, { index, targets, findings }));
  return { spec: { ...spec, steps }, issues: findings.map((finding) => toIssue(finding)) };
}

function move(
  step: StepSpec,
  context: { readonly index: number; readonly targets: string; readonly findings: Finding[] },
): StepSpec {
  const { layer, type, value, name } = step;
  const { index, targets, findings } = context;
  if ((layer !== "store" && layer !== "publish") || type !== "config_op" || value === "") return step;
  const where = { path: ["steps", index, "value"], step: name, received: value };
  if (isUri(value) || isAbsolute(value)) {
    findings.push({
      ...where,
      severity: "warning",
      code: "TARGET_INVALID",
      message: `Step ${shorten(name)}: the target ${shorten(value)} is absolute, so "targets" of the environment does not move it.`,
    });
    return step;
  }
  const inside = posix.normalize(value);
  if (inside === ".." || inside.startsWith("../")) {
    findings.push({
      ...where,
      code: "TARGET_INVALID",
      message: `Step ${shorten(name)}: the target ${shorten(value)} leaves ${shorten(targets)}, the "targets" of the environment.`,
    });
    return step;
  }
  return { ...step, value: `${targets.replace(/\/+$/, "")}/${inside}` };
}
