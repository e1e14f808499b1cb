import { callStepFunction, createStepInput, encodeOutput, inferColumns, mapRows } from "@millrace/engine";
import { suggestName, TerminalError } from "@millrace/foundation";
import type {
  BoundStep,
  Column,
  ComputeSession,
  DagNode,
  RelationId,
  RowFunction,
  StepContext,
  StepInput,
} from "@millrace/protocols";
import type { ColumnsOf, InputsOf, Unbound } from "../builder/register.ts";
import type { Row, ValueIn } from "../builder/row.ts";
import { toDefinitionError } from "../runtime/failed-definition.ts";
import type { Binding, Workspace } from "../runtime/workspace.ts";
import { toFixtureRelation } from "./step-fixture.ts";
import type { FixtureRow } from "./step-fixture.ts";

/** A value of a fixture: what a row may have, null, or the text of what has no JavaScript literal. */
export type FixtureValue<T> =
  | ValueIn<T>
  | null
  | (T extends `${"BIGINT" | "DECIMAL" | "HUGEINT" | "TIME" | "DATE" | "UBIGINT"}${string}` ? string : never);

/** Fixture rows of a dataset with columns `C`: each names the columns that matter. */
export type FixtureRows<C> = readonly (C extends Unbound
  ? FixtureRow
  : { readonly [K in keyof C]?: FixtureValue<C[K]> })[];

/** Fixture rows of every input of a step. */
export type Fixtures<P extends string, S extends string> = {
  readonly [L in keyof InputsOf<P, S>]: FixtureRows<ColumnsOf<P, InputsOf<P, S>[L] & string>>;
};

/** What a step gave for its fixtures. */
export interface StepTestResult<R> {
  readonly rows: readonly R[];
  readonly columns: readonly Column[];
}

/** The rows of a step that the compiler knows. */
export type TestedRow<P extends string, S extends string> = Row<ColumnsOf<P, S>>;

/** Runs one step over fixtures and nothing else of its pipeline. */
export async function runStepTest(
  { workspace, binding }: { readonly workspace: Workspace; readonly binding: Binding },
  step: string,
  fixtures: Readonly<Record<string, readonly FixtureRow[]>>,
): Promise<StepTestResult<FixtureRow>> {
  const { dag, bound, issues } = binding;
  const name = workspace.loaded.spec?.name ?? workspace.loaded.pipeline?.name ?? step;
  if (dag === undefined || bound === undefined) throw toDefinitionError(name, issues);
  const node = dag.nodes.get(step);
  const boundStep = bound.steps.get(step);
  if (node === undefined || boundStep === undefined) {
    const suggestion = suggestName(step, dag.nodes.keys());
    throw new TerminalError({
      code: "SELECTION_EMPTY",
      fault: "caller",
      message: `"${name}" has no step "${step}".${suggestion === undefined ? ` It has ${dag.order.join(", ")}.` : ` Did you mean "${suggestion}"?`}`,
      context: { step },
    });
  }
  const own = issues.filter((issue) => issue.step === step && issue.severity === "error");
  if (own.length > 0) throw toDefinitionError(name, own);
  const session = await workspace.environment.session();
  const inputs = await openFixtures(session, { node, bound: boundStep, fixtures });
  const run = { workspace, session, node, bound: boundStep, inputs, params: bound.params };
  const output = await runStep(run);
  if (output === undefined) return { rows: [], columns: [] };
  const rows: FixtureRow[] = [];
  for await (const row of toInput(session, output).rows()) rows.push(row);
  return { rows, columns: output.columns };
}

interface OpenInput {
  readonly relation: RelationId;
  readonly columns: readonly Column[];
  readonly present: boolean;
}

interface StepRun {
  readonly workspace: Workspace;
  readonly session: ComputeSession;
  readonly node: DagNode;
  readonly bound: BoundStep;
  readonly inputs: ReadonlyMap<string, OpenInput>;
  readonly params: StepContext["params"];
}

async function openFixtures(
  session: ComputeSession,
  {
    node,
    bound,
    fixtures,
  }: {
    readonly node: DagNode;
    readonly bound: BoundStep;
    readonly fixtures: Readonly<Record<string, readonly FixtureRow[]>>;
  },
): Promise<ReadonlyMap<string, OpenInput>> {
  const { step } = node;
  const optional = step.metadata.policy?.optional_inputs ?? [];
  const names = Object.keys(step.inputs);
  const unknown = Object.keys(fixtures).find((input) => !names.includes(input));
  const missing = names.find((input) => fixtures[input] === undefined && !optional.includes(input));
  if (unknown !== undefined || missing !== undefined) {
    const problem =
      unknown === undefined ? `there is no fixture for "${missing}"` : `"${unknown}" is none of its inputs`;
    throw new TerminalError({
      code: "STEP_FIXTURE_INVALID",
      fault: "caller",
      message: `Fixtures of step "${step.name}": ${problem}. It reads ${names.map((input) => `"${input}"`).join(", ")}.`,
      context: { step: step.name },
    });
  }
  const opened = names.map(async (input): Promise<[string, OpenInput]> => {
    const schema = bound.inputs.get(input) ?? { origin: "open", columns: [] };
    const given = fixtures[input];
    const made = await toFixtureRelation(session, given ?? [], { schema, place: { step: step.name, input } });
    return [input, { ...made, present: given !== undefined }];
  });
  return new Map(await Promise.all(opened));
}

type Output = Pick<OpenInput, "relation" | "columns">;

async function runStep(run: StepRun): Promise<Output | undefined> {
  const { session, node, bound, inputs, workspace } = run;
  const { step } = node;
  const relations = new Map([...inputs].map(([input, { relation }]) => [input, relation]));
  const { environment } = workspace;
  const handler = environment.handlers.find(({ layer, type }) => layer === step.layer && type === step.type);
  if (handler !== undefined) {
    const { projectRoot, logger, clock } = environment;
    const outputs = await handler.run(step, {
      session: async () => session,
      inputs: relations,
      params: run.params,
      projectRoot,
      runId: testRunId,
      attempt: 1,
      idempotencyKey: keyOf(step.name),
      signal: new AbortController().signal,
      logger,
      clock,
    });
    const [relation] = outputs.values();
    return relation === undefined ? undefined : { relation, columns: outputColumns(run) };
  }
  if (step.type === "sql") {
    const sql = bound.sql ?? step.value;
    const relation = await session.query(sql, { inputs: Object.fromEntries(relations), label: step.name });
    const columns = await session.describe({
      sql,
      inputs: new Map([...inputs].map(([input, opened]) => [input, opened.columns])),
    });
    return { relation, columns };
  }
  if (step.type === "function") return runFunction(run);
  throw new TerminalError({
    code: "STEP_FIXTURE_INVALID",
    fault: "caller",
    message: `Step "${step.name}" is ${step.layer} and has nothing to test with fixtures; test a sql, map, transform or effect step.`,
    context: { step: step.name },
  });
}

async function runFunction(run: StepRun): Promise<Output | undefined> {
  const { session, node, inputs, workspace } = run;
  const { step } = node;
  const { environment } = workspace;
  const pipelineFile = environment.pipelineFile;
  const resolved = await environment.functions.resolve(step.value, {
    step: step.name,
    ...(pipelineFile === undefined ? {} : { pipelineFile }),
  });
  if (resolved === undefined)
    throw new TerminalError({
      code: "FUNCTION_NOT_FOUND",
      fault: "config",
      message: `Step "${step.name}": function "${step.value}" is not registered.`,
      context: { step: step.name },
    });
  const context = createContext(run);
  const given = Object.fromEntries([...inputs].map(([input, opened]) => [input, toInput(session, opened)]));
  const declared = outputColumns(run);
  const [first] = Object.values(given);
  if (step.params["mode"] === "row" && first !== undefined) {
    const ipc = mapRows(first, resolved.fn as RowFunction, { columns: declared, context });
    return { relation: await session.importArrow(ipc, { columns: declared, label: step.name }), columns: declared };
  }
  const output = await callStepFunction(resolved.fn, given, context);
  if (Object.keys(step.outputs).length === 0) return undefined;
  const typed = declared.length > 0 ? { columns: declared, output } : await inferColumns(output, { step: step.name });
  const ipc = encodeOutput(typed.output, typed.columns, { step: step.name });
  return {
    relation: await session.importArrow(ipc, { columns: typed.columns, label: step.name }),
    columns: typed.columns,
  };
}

const testRunId = "test";

function keyOf(step: string): string {
  return `${testRunId}:${step}`;
}

function createContext({ workspace, node, params }: StepRun): StepContext {
  return {
    params,
    idempotencyKey: keyOf(node.step.name),
    signal: new AbortController().signal,
    logger: workspace.environment.logger,
    runId: testRunId,
    stepName: node.step.name,
    attempt: 1,
    state: new Map(),
    now: workspace.logicalTime,
  };
}

function outputColumns({ node, bound }: StepRun): readonly Column[] {
  const [dataset] = Object.values(node.step.outputs);
  return dataset === undefined ? [] : (bound.outputs.get(dataset)?.columns ?? []);
}

function toInput(
  session: ComputeSession,
  { relation, columns, ...rest }: Output & { readonly present?: boolean },
): StepInput {
  return createStepInput({
    schema: { origin: "bound", columns },
    present: rest.present ?? true,
    count: () => session.count(relation),
    ipc: (names) => session.exportArrow(relation, names === undefined ? {} : { columns: names }),
  });
}
