// The boundary to user code: rows, columns and Arrow in, checked rows out.
//
//   const input = createStepInput({ schema, present: true, count, ipc });
//   const output = await callStepFunction(fn, { orders: input }, context);
//   await session.importArrow(encodeOutput(output, columns, { step: "enrich", signal }), { columns, label: "enrich" });
export { callStepFunction } from "./call-step.ts";
export { Decimal } from "./decimal.ts";
export { encodeOutput } from "./encode-output.ts";
export type { OutputContext } from "./encode-output.ts";
export { mapRows } from "./map-rows.ts";
export type { MapOptions } from "./map-rows.ts";
export { splitOutputs } from "./split-outputs.ts";
export { createStepInput } from "./step-input.ts";
export type { StepInputSource } from "./step-input.ts";
