import type {
  Column,
  ComputeSession,
  DagNode,
  DatasetSchema,
  ResolvedFunction,
  RowFunction,
  StepContext,
  StepInput,
} from "@millrace/protocols";
import { columnsFromText, TerminalError } from "@millrace/foundation";
import { callStepFunction, createStepInput, encodeOutput, mapRows, splitOutputs } from "./code-step/index.ts";
import { inferColumns } from "./code-step/infer-columns.ts";
import { commitDataset, commitKey, composeRelations } from "./run-context.ts";
import type { GroupAttempt, GroupOutcome } from "./run-context.ts";
import type { StepOutcome } from "./run-state.ts";

/** A code step with everything that its function needs. */
interface CodeRun {
  readonly attempt: GroupAttempt;
  readonly session: ComputeSession;
  readonly node: DagNode;
  readonly resolved: ResolvedFunction;
  readonly inputs: Readonly<Record<string, StepInput>>;
  readonly context: StepContext;
}

/** Runs a map, transform or effect: inputs are committed datasets, outputs become committed datasets. */
export async function runCodeGroup(attempt: GroupAttempt): Promise<GroupOutcome> {
  const { group, plan, environment } = attempt;
  const node = plan.bound.dag.nodes.get(group.id) as DagNode;
  const { step } = node;
  const resolved = await environment.functions.resolve(step.value, {
    step: step.name,
    ...(environment.pipelineFile === undefined ? {} : { pipelineFile: environment.pipelineFile }),
  });
  if (resolved === undefined)
    throw new TerminalError({
      code: "FUNCTION_NOT_FOUND",
      fault: "config",
      message: `Step "${step.name}": function "${step.value}" cannot be found.`,
      context: { step: step.name },
    });
  const session = await environment.session();
  const { byName, rowsIn } = await openInputs(attempt, node, session);
  const run: CodeRun = { attempt, session, node, resolved, inputs: byName, context: stepContext(attempt, node) };
  if (group.ends.every((end) => end.kind === "none")) {
    await callStepFunction(resolved.fn, byName, run.context);
    attempt.signal.throwIfAborted();
    return new Map([[step.name, { rowsIn }]]);
  }
  const produced = step.params["mode"] === "row" ? await runByRow(run) : await runByBatch(run);
  return new Map([[step.name, { rowsIn, ...produced }]]);
}

interface OpenInputs {
  readonly byName: Readonly<Record<string, StepInput>>;
  readonly rowsIn: NonNullable<StepOutcome["rowsIn"]>;
}

async function openInputs(attempt: GroupAttempt, node: DagNode, session: ComputeSession): Promise<OpenInputs> {
  const relations = composeRelations(attempt, session);
  const byName: Record<string, StepInput> = {};
  const rowsIn: Record<string, { rows: number; at_least: boolean }> = {};
  for (const [input, dataset] of Object.entries(node.step.inputs)) {
    const present = !attempt.missing.has(`${node.step.name}.${input}`);
    const manifest = present ? await relations.manifest(dataset) : undefined;
    const relation = await relations.input(node, input);
    const schema: DatasetSchema =
      manifest === undefined
        ? (attempt.plan.bound.schemas.get(dataset) ?? { origin: "open", columns: [] })
        : { origin: "bound", columns: columnsFromText(manifest.columns) };
    byName[input] = createStepInput({
      schema,
      present,
      count: async () => manifest?.rows ?? session.count(relation, { signal: attempt.signal }),
      ipc: (columns) =>
        session.exportArrow(relation, { signal: attempt.signal, ...(columns === undefined ? {} : { columns }) }),
    });
    if (manifest !== undefined) rowsIn[input] = { rows: manifest.rows, at_least: false };
  }
  return { byName, rowsIn };
}

function stepContext(attempt: GroupAttempt, node: DagNode): StepContext {
  const { plan, run, environment } = attempt;
  return {
    params: plan.params,
    idempotencyKey: commitKey(attempt, node.step.name),
    signal: attempt.signal,
    logger: environment.logger.child({ run_id: run.runId, step: node.step.name, attempt: attempt.attempt }),
    runId: run.runId,
    stepName: node.step.name,
    attempt: attempt.attempt,
    state: attempt.state,
    now: new Date(plan.logicalTime),
  };
}

/** `map`: one function call a row, declared columns. */
async function runByRow(run: CodeRun): Promise<StepOutcome> {
  const { node, resolved, inputs, context } = run;
  const output = Object.keys(node.step.outputs)[0] ?? "";
  const input = Object.values(inputs)[0];
  const columns = declaredColumns(run, output);
  if (columns === undefined || input === undefined)
    throw new TerminalError({
      code: "STEP_OUTPUT_INVALID",
      fault: "config",
      message: `Step "${node.step.name}" works row by row: it needs one input and declared columns.`,
      context: { step: node.step.name },
    });
  return commitIpc(run, { output, columns, ipc: mapRows(input, resolved.fn as RowFunction, { columns, context }) });
}

/** `transform`: one call with all inputs; several outputs come as an object by logical name. */
async function runByBatch(run: CodeRun): Promise<StepOutcome> {
  const { node, resolved, inputs, context, attempt } = run;
  const { step } = node;
  const returned = await callStepFunction(resolved.fn, inputs, context);
  let rows = 0;
  let outcome: StepOutcome = {};
  for (const [output, value] of splitOutputs(returned, Object.keys(step.outputs))) {
    const known = declaredColumns(run, output);
    const typed =
      known === undefined ? await inferColumns(value, { step: step.name }) : { columns: known, output: value };
    const ipc = encodeOutput(typed.output, typed.columns, { step: step.name, signal: attempt.signal });
    outcome = await commitIpc(run, { output, columns: typed.columns, ipc });
    rows += outcome.rows?.rows ?? 0;
  }
  return { ...outcome, rows: { rows, at_least: false } };
}

function declaredColumns(run: CodeRun, output: string): readonly Column[] | undefined {
  const schema = run.attempt.plan.bound.schemas.get(run.node.step.outputs[output] ?? "");
  return schema === undefined || schema.columns.length === 0 ? undefined : schema.columns;
}

async function commitIpc(
  run: CodeRun,
  produced: { readonly output: string; readonly columns: readonly Column[]; readonly ipc: AsyncIterable<Uint8Array> },
): Promise<StepOutcome> {
  const { attempt, session, node } = run;
  const dataset = node.step.outputs[produced.output];
  const end = attempt.group.ends.find((one) => one.kind === "boundary" && one.dataset === dataset);
  if (end?.kind !== "boundary")
    throw new TerminalError({
      code: "INTERNAL",
      fault: "internal",
      message: `Group "${attempt.group.id}" does not end in output "${produced.output}".`,
    });
  const relation = await session.importArrow(produced.ipc, { columns: produced.columns, label: end.step });
  try {
    const { manifest } = await commitDataset(attempt, { session, end, relation, taps: false });
    return { rows: { rows: manifest.rows, at_least: false }, columns: manifest.columns };
  } finally {
    await session.release(relation);
  }
}
