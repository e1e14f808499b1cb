import { suggestName } from "@millrace/foundation";
import type { ParamSpec, PipelinePolicy } from "@millrace/protocols";
import { isRecord, listNames, shorten } from "../finding.ts";
import { attempt } from "./duration.ts";
import {
  below,
  checkKeys,
  isFull,
  readJson,
  readRecord,
  readText,
  readTexts,
  report,
  wrongType,
  wrongValue,
} from "./field.ts";
import type { Scope } from "./field.ts";
import { parseColumnType } from "@millrace/foundation";
import { readPipelinePolicy } from "./policy.ts";
import type { ReadStep } from "./step.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Keys of a pipeline that is an object. `$schema` tells editors where to look, and is ignored. */
const pipelineKeys: readonly string[] = ["$schema", "name", "description", "params", "policy", "returns", "steps"];

/** What a pipeline has beside its steps. */
export interface PipelineHead {
  readonly params: Readonly<Record<string, ParamSpec>>;
  readonly policy: PipelinePolicy;
  readonly returns: readonly string[];
  readonly description?: string;
}

/** The scope of the pipeline itself. */
export function pipelineScope(limited: Pick<Scope, "report" | "isFull">): Scope {
  return { path: [], label: "The pipeline", ...limited };
}

/** Everything of a pipeline but its name and steps. */
export function readHead(fields: Fields, scope: Scope): PipelineHead {
  checkKeys(fields, pipelineKeys, scope);
  readText(fields, "$schema", scope);
  const description = readText(fields, "description", scope);
  const policy = readRecord(fields, "policy", scope);
  return {
    params: readParams(fields, scope),
    policy: policy === undefined ? {} : readPipelinePolicy(policy, below(scope, "policy")),
    returns: readTexts(fields, "returns", scope) ?? [],
    ...(description === undefined ? {} : { description }),
  };
}

function readParams(fields: Fields, outer: Scope): Readonly<Record<string, ParamSpec>> {
  const params = readRecord(fields, "params", outer);
  if (params === undefined) return {};
  const scope = below(outer, "params");
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, isFull(scope) ? {} : readParam(name, value, scope)]),
  );
}

function readParam(name: string, value: unknown, scope: Scope): ParamSpec {
  if (!/^[A-Za-z_]\w{0,127}$/.test(name) || name === "__proto__")
    report(scope, {
      code: "DEFINITION_INVALID_NAME",
      message: `the parameter ${shorten(name)} cannot be used: SQL reads it as $name, of letters, digits and _, at most 128.`,
      path: [name],
      at: "key",
    });
  if (!isRecord(value)) {
    const example = typeof value === "object" ? "" : `, such as { default: ${JSON.stringify(value)} }`;
    wrongType(scope, name, { value, expected: `an object with type, default or description${example}` });
    return {};
  }
  const inside = below(scope, name);
  checkKeys(value, ["type", "default", "description"], inside);
  const type = readText(value, "type", inside);
  if (type !== undefined && attempt(() => parseColumnType(type)) === undefined)
    wrongValue(inside, "type", { value: type, expected: "a SQL type such as DATE or DECIMAL(18,2)" });
  const initial = readJson(value, "default", inside);
  const description = readText(value, "description", inside);
  return {
    ...(type === undefined ? {} : { type }),
    ...(initial === undefined ? {} : { default: initial }),
    ...(description === undefined ? {} : { description }),
  };
}

/** Rules between the head and the steps: returned datasets are produced, conditions name parameters that exist. */
export function checkHead(head: PipelineHead, steps: readonly ReadStep[], scope: Scope): void {
  checkReturns(head, steps, scope);
  const params = Object.keys(head.params);
  for (const { index, spec } of steps) {
    const name = /^params\.(.+)$/.exec(spec.metadata.policy?.condition?.field ?? "")?.[1];
    if (name === undefined || params.includes(name)) continue;
    const at: Scope = {
      path: ["steps", index, "metadata", "policy", "condition"],
      label: `Step ${shorten(spec.name)}`,
      step: spec.name,
      report: scope.report,
    };
    const suggestion = suggestName(name, params);
    report(at, {
      code: "DEFINITION_INVALID_VALUE",
      message: `the condition names the parameter ${shorten(name)}, which the pipeline does not declare.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
      path: ["field"],
      expected: `one of ${listNames(params)}`,
      received: name,
      ...(suggestion === undefined ? {} : { suggestion: `params.${suggestion}` }),
    });
  }
}

function checkReturns(head: PipelineHead, steps: readonly ReadStep[], scope: Scope): void {
  if (head.returns.length === 0) return;
  const datasets = new Set(steps.flatMap(({ spec }) => Object.values(spec.outputs)));
  const inside = below(scope, "returns");
  const seen = new Set<string>();
  for (const [index, dataset] of head.returns.entries()) {
    if (isFull(scope)) return;
    if (seen.has(dataset)) wrongValue(inside, index, { value: dataset, expected: "named once" });
    seen.add(dataset);
    if (datasets.has(dataset) || steps.some((step) => !step.outputsKnown)) continue;
    const suggestion = suggestName(dataset, datasets);
    report(inside, {
      code: "DEFINITION_UNDEFINED_INPUT",
      message: `it returns ${shorten(dataset)}, which no step produces.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
      path: [index],
      received: dataset,
      ...(suggestion === undefined ? {} : { suggestion }),
      notes: [`datasets that steps produce: ${listNames([...datasets])}`],
    });
  }
}
