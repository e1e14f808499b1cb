import type { Issue, PipelineSpec } from "@millrace/protocols";
import { describeValue, isRecord, sortFindings, toIssue } from "./finding.ts";
import type { Finding, Path, Report } from "./finding.ts";
import { checkName, report, wrongType } from "./rules/field.ts";
import { checkGraph } from "./rules/graph.ts";
import { checkHead, pipelineScope, readHead } from "./rules/pipeline.ts";
import { ReferenceResolver } from "./rules/reference.ts";
import type { VariableLookup } from "./rules/reference.ts";
import { builtInTypes } from "./rules/layer.ts";
import { readStep } from "./rules/step.ts";
import { checkTargets, targetsOf } from "./rules/target.ts";

/** How a definition is read. */
export interface NormalizeOptions {
  /** Step types of registered handlers, beside the built-in `sql`, `function`, `config_op` and `api`. */
  readonly types?: readonly string[];
  /** Resolves `${env.NAME}`. Without it references stay as they are: pass it once on the way of a definition. */
  readonly variables?: VariableLookup;
  /** Folder from which relative targets count, absolute. @defaultValue "/" */
  readonly root?: string;
}

/** A pipeline, and everything that was found. */
export interface NormalizedPipeline {
  /** Undefined where an issue of severity `error` was found. */
  readonly spec: PipelineSpec | undefined;
  readonly issues: readonly Issue[];
}

/** A pipeline as data: a spec, what an object file holds, or what `fromSteps` is given. */
export interface PipelineInput {
  readonly name: string;
  readonly steps: readonly unknown[];
  readonly params?: unknown;
  readonly policy?: unknown;
  readonly returns?: unknown;
  readonly description?: unknown;
}

/**
 * Checks a pipeline that is data and gives it its one form: defaults filled in, aliases and short spellings resolved. All
 * findings at once, in the order of the steps. A spec that was normalised comes back equal.
 */
export function normalizeSpec(input: PipelineInput, options: NormalizeOptions = {}): NormalizedPipeline {
  const { spec, findings } = readDefinition(input, "", options);
  return { spec, issues: sortFindings(findings).map((finding) => toIssue(finding)) };
}

/** What a list of steps amounts to. */
export interface ValidationReport {
  /** No errors; with `strict`, no warnings either. */
  readonly valid: boolean;
  readonly issues: readonly Issue[];
  readonly errors: number;
  readonly warnings: number;
}

/** How `validateSteps` judges. */
export interface ValidateOptions extends NormalizeOptions {
  /** Warnings make it invalid too. @defaultValue false */
  readonly strict?: boolean;
}

/** Checks a list of steps: what the seed's SDK validator does, with severities and a strict mode. */
export function validateSteps(steps: readonly unknown[], options: ValidateOptions = {}): ValidationReport {
  const { issues } = normalizeSpec({ name: "pipeline", steps }, options);
  const errors = issues.filter(({ severity }) => severity === "error").length;
  const warnings = issues.filter(({ severity }) => severity === "warning").length;
  return { valid: errors === 0 && (options.strict !== true || warnings === 0), issues, errors, warnings };
}

/**
 * Reads a definition: an array of steps, named by its file, or an object.
 *
 * @internal
 */
export function readDefinition(
  value: unknown,
  fileName: string,
  options: NormalizeOptions,
): { readonly spec: PipelineSpec | undefined; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const limited = limitedReport(findings);
  const scope = pipelineScope(limited);
  const failed = (): { readonly spec: undefined; readonly findings: readonly Finding[] } => ({
    spec: undefined,
    findings,
  });
  const fields = Array.isArray(value) ? { steps: value } : value;
  if (!isRecord(fields)) {
    report(scope, {
      code: "DEFINITION_WRONG_TYPE",
      message: `expected a list of steps, or an object with "steps", received ${describeValue(value)}.`,
    });
    return failed();
  }
  const head = readHead(fields, scope);
  const name = fields["name"] ?? fileName;
  if (typeof name === "string")
    checkName(name, scope, {
      path: fields["name"] === undefined ? [] : ["name"],
      label: fields["name"] === undefined ? "the name of its file" : "the name",
    });
  else wrongType(scope, "name", { value: name, expected: "text" });
  const { steps: rows } = fields;
  if (rows !== undefined && !Array.isArray(rows))
    wrongType(scope, "steps", { value: rows, expected: "a list of steps" });
  else if (rows === undefined || rows.length === 0)
    report(scope, { code: "DEFINITION_EMPTY", message: "it has no steps.", path: rows === undefined ? [] : ["steps"] });
  if (!Array.isArray(rows)) return failed();
  const types = [...builtInTypes, ...(options.types ?? [])];
  const list: readonly unknown[] = rows;
  const steps = list.map((row, index) => readStep(row, index, { types, ...limited }));
  checkGraph(steps, scope.report);
  checkHead(head, steps, scope);
  const resolver = options.variables === undefined ? undefined : new ReferenceResolver(options.variables, scope.report);
  const specs = steps.map(({ spec, index }) => resolver?.resolveStep(spec, index) ?? spec);
  checkTargets(targetsOf(specs, options.root ?? "/"), ({ place }) => place, scope.report);
  if (findings.some(({ severity = "error" }) => severity === "error")) return failed();
  const { description, ...rest } = head;
  const spec: PipelineSpec = {
    name: typeof name === "string" ? name : "",
    steps: specs,
    ...rest,
    ...(description === undefined ? {} : { description }),
  };
  return { spec, findings };
}

/** Most findings of one step, or of the head of a pipeline. More of them tell nothing, and each is looked up in the text. */
const maxFindings = 50;

/** Keeps findings; where a place has too many of one severity, the last one says so. */
function limitedReport(findings: Finding[]): { readonly report: Report; readonly isFull: (path: Path) => boolean } {
  const counts = new Map<string, number>();
  const placeOf = ([first, index]: Path): string => (first === "steps" && index !== undefined ? String(index) : "");
  return {
    isFull: (path) => (counts.get(`${placeOf(path)} error`) ?? 0) >= maxFindings,
    report(finding) {
      const { path, severity = "error", notes = [] } = finding;
      const place = `${placeOf(path)} ${severity}`;
      const count = (counts.get(place) ?? 0) + 1;
      counts.set(place, count);
      if (count < maxFindings) findings.push(finding);
      if (count === maxFindings)
        findings.push({ ...finding, notes: [...notes, "further findings of this step are left out"] });
    },
  };
}
