import type { StepSpec } from "@millrace/protocols";
import { report } from "./field.ts";
import type { Scope } from "./field.ts";

/** Step types that need no handler. */
export const builtInTypes: readonly string[] = ["sql", "function", "config_op", "api"];

/** What was readable of the fields that layers have rules about. */
export interface Readable {
  readonly value: unknown;
  readonly inputs: boolean;
  readonly outputs: boolean;
}

/** What each layer and type needs. */
export function checkLayer(spec: StepSpec, scope: Scope, readable: Readable): void {
  const { layer, type } = spec;
  const hasInputs = !readable.inputs || Object.keys(spec.inputs).length > 0;
  const hasOutputs = !readable.outputs || Object.keys(spec.outputs).length > 0;
  if (readable.value === undefined || typeof readable.value === "string") checkValue(spec, scope);
  if (!hasInputs && (layer === "transform" || layer === "store" || layer === "publish"))
    needs(
      scope,
      "inputs",
      layer === "transform"
        ? `a transform step reads a dataset; an ingest step brings rows in`
        : `a ${layer} step writes a dataset`,
    );
  if (!hasOutputs && (layer === "ingest" || layer === "transform"))
    needs(scope, "outputs", `${layer === "ingest" ? "an ingest" : "a transform"} step produces a dataset`);
  if (readable.outputs && (layer === "store" || layer === "publish") && Object.keys(spec.outputs).length > 0) {
    report(scope, {
      code: "DEFINITION_INVALID_VALUE",
      message: `a ${layer} step of type ${type} produces no dataset; remove "outputs". Steps that need its rows read its input.`,
      path: ["outputs"],
      at: "key",
    });
  }
}

function checkValue({ layer, type, value }: StepSpec, scope: Scope): void {
  if (value.trim() !== "") return;
  if (type === "sql") needs(scope, "value", "a step of type sql has its SQL text there");
  else if (type === "function") needs(scope, "value", "a step of type function has the name of the function there");
  else if (layer === "connect") needs(scope, "value", "a connect step has the URI of the connection there");
  else if ((layer === "store" || layer === "publish") && builtInTypes.includes(type))
    needs(scope, "value", `a ${layer} step has its target there`);
  else if (layer === "ingest" && builtInTypes.includes(type))
    report(scope, {
      severity: "warning",
      code: "DEFINITION_MISSING_KEY",
      message: '"value" is empty: the step can be loaded and not run; an ingest step has its source there.',
      path: ["value"],
      expected: "value",
    });
}

function needs(scope: Scope, key: string, why: string): void {
  report(scope, {
    code: "DEFINITION_MISSING_KEY",
    message: `"${key}" is missing: ${why}.`,
    path: [key],
    expected: key,
  });
}
