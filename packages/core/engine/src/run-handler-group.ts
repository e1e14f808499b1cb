import type { DagNode, RelationId, StepHandler } from "@millrace/protocols";
import { TerminalError } from "@millrace/foundation";
import { commitDataset, commitKey, composeRelations } from "./run-context.ts";
import type { GroupAttempt, GroupOutcome } from "./run-context.ts";
import type { StepOutcome } from "./run-state.ts";
import { collectConnections, resolveLocation } from "./location.ts";

/** Runs a step of a registered handler, or the check of a connection. Outputs become committed datasets. */
export async function runHandlerGroup(attempt: GroupAttempt): Promise<GroupOutcome> {
  const { group, plan, environment } = attempt;
  const node = plan.bound.dag.nodes.get(group.id) as DagNode;
  const { step } = node;
  const handler =
    environment.handlers.find((one) => one.layer === step.layer && one.type === step.type) ??
    (step.layer === "connect" ? connectHandler(attempt) : undefined);
  if (handler === undefined)
    throw new TerminalError({
      code: "STEP_TYPE_UNKNOWN",
      fault: "config",
      message: `Step "${step.name}": nothing runs type "${step.type}" of layer "${step.layer}".`,
      context: { step: step.name },
    });
  const inputs = await openInputs(attempt, node);
  const outputs = await handler.run(step, {
    session: environment.session,
    inputs,
    params: plan.params,
    projectRoot: environment.projectRoot,
    runId: attempt.run.runId,
    attempt: attempt.attempt,
    idempotencyKey: commitKey(attempt, step.name),
    signal: attempt.signal,
    logger: environment.logger.child({ run_id: attempt.run.runId, step: step.name, attempt: attempt.attempt }),
    clock: environment.clock,
  });
  let outcome: StepOutcome = {};
  for (const end of group.ends) {
    if (end.kind !== "boundary") continue;
    const name = Object.entries(step.outputs).find(([, dataset]) => dataset === end.dataset)?.[0] ?? "";
    const relation = outputs.get(name);
    if (relation === undefined)
      throw new TerminalError({
        code: "STEP_OUTPUT_INVALID",
        fault: "caller",
        message: `The handler of step "${step.name}" gave no relation for output "${name}".`,
        context: { step: step.name, output: name },
      });
    const session = await environment.session();
    const { manifest } = await commitDataset(attempt, { session, end, relation, taps: false });
    outcome = { rows: { rows: manifest.rows, at_least: false }, columns: manifest.columns };
    await session.release(relation);
  }
  return new Map([[step.name, outcome]]);
}

async function openInputs(attempt: GroupAttempt, node: DagNode): Promise<ReadonlyMap<string, RelationId>> {
  const inputs = new Map<string, RelationId>();
  // A step without inputs may never need the compute, which is not opened for it.
  if (Object.keys(node.step.inputs).length === 0) return inputs;
  const relations = composeRelations(attempt, await attempt.environment.session());
  for (const input of Object.keys(node.step.inputs)) inputs.set(input, await relations.input(node, input));
  return inputs;
}

/** `connect` without a handler of its own: the adapter checks that the connection can be used. */
function connectHandler(attempt: GroupAttempt): StepHandler {
  const { environment, plan } = attempt;
  return {
    layer: "connect",
    type: "config_op",
    describe: async () => new Map(),
    run: async (step) => {
      const location = resolveLocation(step, {
        projectRoot: environment.projectRoot,
        adapters: environment.adapters,
        connections: collectConnections(plan.bound.dag),
      });
      await location.adapter.checkConnection(location.uri, step.params, {
        projectRoot: environment.projectRoot,
        logger: environment.logger,
        faultPoints: environment.faultPoints,
      });
      return new Map();
    },
  };
}
