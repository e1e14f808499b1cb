import type {
  BoundDag,
  BoundStep,
  Dag,
  DagNode,
  DatasetSchema,
  Issue,
  JsonObject,
  LoadedPipeline,
  ParsedSql,
  SourceLock,
} from "@millrace/protocols";
import { isMillraceError } from "@millrace/foundation";
import { bindParams } from "./bind-params.ts";
import { bindSource, declaredColumns } from "./bind-source.ts";
import { bindSql, placeIssues } from "./bind-sql.ts";
import type { EngineEnvironment } from "./environment.ts";
import { collectConnections, resolveLocation } from "./location.ts";
import type { Connection } from "./location.ts";
import { substituteParameters } from "./sql-parameters.ts";
import type { OffsetIssue, SubstitutedSql } from "./sql-parameters.ts";

/** How to bind. */
export interface BindOptions {
  /** Values of parameters; defaults fill the rest. */
  readonly params: JsonObject;
  readonly lock?: SourceLock;
  /** `lock`: a source that the lock knows is not read. `live`: sources are read and compared with the lock. */
  readonly sources: "lock" | "live";
  readonly locate?: LoadedPipeline["locate"];
  /** Refuses code steps. @defaultValue false */
  readonly sandbox?: boolean;
}

/** Layer and type of a code step. */
export function isCodeStep(node: DagNode): boolean {
  return node.step.type === "function";
}

/**
 * Finds columns and types of every dataset without reading data, and checks every step.
 * What an author can mend comes back as issues, all at once; below a step that failed, schemas are open.
 */
export async function bindDag(dag: Dag, environment: EngineEnvironment, options: BindOptions): Promise<BoundDag> {
  const params = bindParams(dag.spec, options.params);
  const issues: OffsetIssue[] = [...params.issues];
  const steps = new Map<string, BoundStep>();
  const schemas = new Map<string, DatasetSchema>();
  const connections = collectConnections(dag);
  const declaredParams = Object.keys(dag.spec.params);

  const sqlNodes = [...dag.nodes.values()].filter((node) => node.step.type === "sql");
  const texts = sqlNodes.map((node) => {
    const text = substituteParameters(node, environment.analyzer, {
      literals: params.literals,
      declared: declaredParams,
    });
    issues.push(...text.issues);
    return text;
  });
  const parsed = new Map<string, ParsedStep>();
  for (const [index, tree] of (await environment.analyzer.parse(texts.map((text) => text.sql))).entries()) {
    const [node, text] = [sqlNodes[index], texts[index]];
    if (node !== undefined && text !== undefined) parsed.set(node.step.name, { text, parsed: tree });
  }

  for (const name of dag.order) {
    const node = dag.nodes.get(name) as DagNode;
    const inputs = new Map<string, DatasetSchema>(
      Object.entries(node.step.inputs).map(([input, dataset]) => [
        input,
        schemas.get(dataset) ?? { origin: "open", columns: [] },
      ]),
    );
    const result = await bindStep({
      node,
      inputs,
      parsed: parsed.get(name),
      dag,
      environment,
      options,
      connections,
      params: params.values,
    });
    issues.push(...result.issues);
    steps.set(name, result.step);
    for (const [dataset, schema] of result.step.outputs) schemas.set(dataset, schema);
  }
  for (const dataset of dag.spec.returns)
    if (!dag.producers.has(dataset))
      issues.push({
        severity: "error",
        code: "DEFINITION_UNDEFINED_INPUT",
        message: `the pipeline returns dataset "${dataset}", and no step produces it`,
        path: ["returns"],
        received: dataset,
      });
  return { dag, steps, schemas, params: params.values, issues: placeIssues(issues, options.locate) };
}

interface ParsedStep {
  readonly text: SubstitutedSql;
  readonly parsed: ParsedSql;
}

interface StepBinding {
  readonly node: DagNode;
  readonly inputs: ReadonlyMap<string, DatasetSchema>;
  readonly parsed: ParsedStep | undefined;
  readonly dag: Dag;
  readonly environment: EngineEnvironment;
  readonly options: BindOptions;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly params: JsonObject;
}

interface StepBound {
  readonly step: BoundStep;
  readonly issues: readonly OffsetIssue[];
}

async function bindStep(binding: StepBinding): Promise<StepBound> {
  const { node, inputs, environment, options } = binding;
  const { step } = node;
  if (step.engine !== environment.compute.name)
    return failed(binding, {
      severity: "error",
      code: "ENGINE_UNKNOWN",
      message: `step "${step.name}" asks for engine "${step.engine}"; configured: ${environment.compute.name}`,
      path: ["steps", node.index, "engine"],
      step: step.name,
      received: step.engine,
    });
  try {
    const handler = environment.handlers.find((one) => one.layer === step.layer && one.type === step.type);
    if (handler !== undefined) {
      const outputs = await handler.describe(step, {
        inputs,
        params: binding.params,
        projectRoot: environment.projectRoot,
      });
      return bound(binding, (output) => outputs.get(output) ?? { origin: "open", columns: [] });
    }
    if (step.layer === "transform" && step.type === "sql" && binding.parsed !== undefined) {
      const result = await bindSql({ node, inputs, environment, ...binding.parsed });
      return bound(binding, () => result.schema, {
        issues: result.issues,
        extra: {
          sql: binding.parsed.text.sql,
          parameterSpans: binding.parsed.text.spans,
          ...(result.analysis === undefined ? {} : { analysis: result.analysis }),
        },
      });
    }
    if (isCodeStep(node)) return await bindCode(binding);
    if (step.layer === "ingest" && step.type === "config_op") {
      const result = await bindSource(node, environment, {
        pipeline: binding.dag.spec.name,
        connections: binding.connections,
        sources: options.sources,
        ...(options.lock === undefined ? {} : { lock: options.lock }),
      });
      const origin = declaredColumns(node) === undefined ? "bound" : "declared";
      return bound(binding, () => ({ origin, columns: result.source.columns }), {
        issues: result.issues,
        extra: { source: result.source },
      });
    }
    if (step.type === "config_op" && (step.layer === "store" || step.layer === "publish"))
      return bound(binding, () => ({ origin: "open", columns: [] }));
    if (step.layer === "connect" && step.type === "config_op") {
      resolveLocation(step, {
        projectRoot: environment.projectRoot,
        adapters: environment.adapters,
        connections: binding.connections,
      });
      return bound(binding, () => ({ origin: "open", columns: [] }));
    }
    return failed(binding, {
      severity: "error",
      code: "STEP_TYPE_UNKNOWN",
      message: `step "${step.name}": nothing runs type "${step.type}" of layer "${step.layer}"`,
      path: ["steps", node.index, "type"],
      step: step.name,
      received: step.type,
    });
  } catch (error) {
    if (!isMillraceError(error) || error.fault === "internal") throw error;
    const suggestion = error.context["suggestion"];
    return failed(binding, {
      severity: "error",
      code: error.code,
      message: error.message,
      path: ["steps", node.index, "value"],
      step: step.name,
      length: step.value.length,
      ...(typeof suggestion === "string" ? { suggestion } : {}),
    });
  }
}

async function bindCode(binding: StepBinding): Promise<StepBound> {
  const { node, environment, options } = binding;
  const { step } = node;
  if (options.sandbox === true)
    return failed(binding, {
      severity: "error",
      code: "SANDBOX_CODE",
      message: `step "${step.name}" is code, which --sandbox refuses`,
      path: ["steps", node.index, "type"],
      step: step.name,
    });
  const resolved = await environment.functions.resolve(step.value, {
    step: step.name,
    ...(environment.pipelineFile === undefined ? {} : { pipelineFile: environment.pipelineFile }),
  });
  if (resolved === undefined) {
    const names = environment.functions.names();
    return failed(binding, {
      severity: "error",
      code: "FUNCTION_NOT_FOUND",
      message: `step "${step.name}": function "${step.value}" is not registered and is no ./module.ts#export; registered: ${names.length === 0 ? "none" : names.slice(0, 20).join(", ")}`,
      path: ["steps", node.index, "value"],
      step: step.name,
      received: step.value,
    });
  }
  const columns = declaredColumns(node);
  const single = Object.keys(step.outputs).length === 1;
  return bound(binding, () =>
    columns === undefined || !single ? { origin: "open", columns: [] } : { origin: "declared", columns },
  );
}

function bound(
  binding: StepBinding,
  schemaOf: (output: string) => DatasetSchema,
  more: { readonly issues?: readonly OffsetIssue[]; readonly extra?: Partial<BoundStep> } = {},
): StepBound {
  const { node, inputs } = binding;
  const outputs = new Map(Object.entries(node.step.outputs).map(([output, dataset]) => [dataset, schemaOf(output)]));
  return { step: { name: node.step.name, inputs, outputs, ...more.extra }, issues: more.issues ?? [] };
}

function failed(binding: StepBinding, issue: Issue): StepBound {
  return bound(binding, () => declaredSchema(binding.node), { issues: [issue] });
}

/** What a step declares holds although the step could not be bound: a missing file does not leave the steps below unchecked. */
function declaredSchema(node: DagNode): DatasetSchema {
  const open: DatasetSchema = { origin: "open", columns: [] };
  if (Object.keys(node.step.outputs).length !== 1) return open;
  try {
    const columns = declaredColumns(node);
    return columns === undefined ? open : { origin: "declared", columns };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    // Columns that cannot be read are what failed.
    return open;
  }
}
