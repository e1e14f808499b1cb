import { suggestName } from "@millrace/foundation";
import type { EngineName, Layer, StepSpec } from "@millrace/protocols";
import { describeValue, isRecord, listNames, shorten } from "../finding.ts";
import type { Path, Report } from "../finding.ts";
import {
  below,
  checkKeys,
  checkName,
  isFull,
  nameOf,
  readJsonObject,
  readRecord,
  readText,
  readWord,
  report,
  wrongType,
  wrongValue,
} from "./field.ts";
import type { Scope } from "./field.ts";
import { checkLayer } from "./layer.ts";
import { readMetadata } from "./metadata.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields of a step, in the order in which specs have them. */
const stepKeys = ["layer", "name", "type", "engine", "value", "params", "inputs", "outputs", "metadata"];

const layers = ["connect", "ingest", "transform", "store", "publish"] as const;

/** A step as far as it could be read. Rules over all steps work with what there is. */
export interface ReadStep {
  readonly index: number;
  /** Defaults stand where a field is missing or wrong. */
  readonly spec: StepSpec;
  /** False where the row has no name of its own. */
  readonly named: boolean;
  /** False where its outputs cannot be known: nobody can say then that a dataset is produced by nobody. */
  readonly outputsKnown: boolean;
}

/** What reading a step needs to know. */
export interface StepOptions {
  readonly types: readonly string[];
  readonly report: Report;
  readonly isFull: (path: Path) => boolean;
}

/**
 * One step of a definition.
 *
 * **Source** defaults of ODIBI CORE 1.1.0 `ConfigLoader`: layer `transform`, type `config_op`, engine `pandas`, value `""`.
 * A row without a name, which that program drops, is an error.
 */
export function readStep(row: unknown, index: number, options: StepOptions): ReadStep {
  const path = ["steps", index];
  const own = isRecord(row) ? row["name"] : undefined;
  const named = typeof own === "string" && own !== "";
  const scope: Scope = {
    path,
    label: named ? `Step ${shorten(own)}` : `Step ${index + 1}`,
    ...(named ? { step: own } : {}),
    report: options.report,
    isFull: options.isFull,
  };
  if (!isRecord(row)) {
    report(scope, {
      code: "DEFINITION_WRONG_TYPE",
      message: `a step must be an object, received ${describeValue(row)}.`,
      expected: "an object",
      received: describeValue(row),
    });
    return { index, spec: emptyStep(named ? own : ""), named, outputsKnown: false };
  }
  checkKeys(row, stepKeys, scope);
  const name = readName(row, scope);
  const layer = readLayer(row, scope);
  const type = readType(row, options.types, scope);
  const engine = readEngine(row, scope);
  const value = readText(row, "value", scope);
  const params = readJsonObject(row, "params", scope) ?? {};
  const inputs = readDatasets(row, "inputs", scope);
  const outputs = readDatasets(row, "outputs", scope);
  const metadata = readMetadata(row, scope);
  const spec: StepSpec = {
    layer: layer ?? "transform",
    name: name ?? "",
    type: type ?? "config_op",
    engine: engine ?? "duckdb",
    value: value ?? "",
    params,
    inputs: inputs ?? {},
    outputs: outputs ?? {},
    metadata,
  };
  checkPolicyInputs(spec, scope);
  // What a layer needs can be said only where layer, type and the fields themselves could be read.
  if (layer !== undefined && type !== undefined)
    checkLayer(spec, scope, {
      value: value ?? row["value"],
      inputs: inputs !== undefined,
      outputs: outputs !== undefined,
    });
  return { index, spec, named, outputsKnown: outputs !== undefined };
}

function emptyStep(name: string): StepSpec {
  return {
    layer: "transform",
    name,
    type: "config_op",
    engine: "duckdb",
    value: "",
    params: {},
    inputs: {},
    outputs: {},
    metadata: {},
  };
}

function readName(fields: Fields, scope: Scope): string | undefined {
  const { name } = fields;
  if (name === undefined) {
    report(scope, { code: "DEFINITION_MISSING_KEY", message: 'it has no "name".', path: ["name"], expected: "name" });
    return undefined;
  }
  const text = readText(fields, "name", scope);
  if (text !== undefined) checkName(text, { ...scope, label: "Step" }, { path: ["name"], label: "the name" });
  return text;
}

function readLayer(fields: Fields, scope: Scope): Layer | undefined {
  return fields["layer"] === undefined ? "transform" : readWord(fields, "layer", { words: layers, scope });
}

function readEngine(fields: Fields, scope: Scope): EngineName | undefined {
  if (fields["engine"] === undefined) return "duckdb";
  const word = readWord(fields, "engine", { words: ["duckdb", "spark", "pandas"], scope });
  return word === "pandas" ? "duckdb" : word;
}

function readType(fields: Fields, types: readonly string[], scope: Scope): string | undefined {
  if (fields["type"] === undefined) return "config_op";
  const text = readText(fields, "type", scope);
  if (text === undefined || types.includes(text)) return text;
  return wrongValue(scope, "type", {
    value: text,
    expected: `one of ${types.join(", ")}`,
    suggestion: suggestName(text, types),
  });
}

/** Logical names to dataset keys. */
function readDatasets(
  fields: Fields,
  key: "inputs" | "outputs",
  outer: Scope,
): Readonly<Record<string, string>> | undefined {
  if (fields[key] === undefined) return {};
  const record = readRecord(fields, key, outer);
  if (record === undefined) return undefined;
  const scope = below(outer, key);
  const named = { ...scope, label: outer.label, path: outer.path };
  const seen = new Map<string, string>();
  let good = true;
  for (const [logical, dataset] of Object.entries(record)) {
    if (isFull(scope)) return undefined;
    const noun = key === "inputs" ? "input" : "output";
    good = checkName(logical, named, { path: [key, logical], at: "key", label: `the ${noun} name` }) && good;
    const twin = seen.get(logical.toLowerCase());
    if (twin !== undefined) {
      good = false;
      report(scope, {
        code: "DEFINITION_INVALID_NAME",
        message: `the ${noun} "${logical}" differs from "${twin}" only in case; SQL does not tell them apart.`,
        path: [logical],
        at: "key",
      });
    }
    seen.set(logical.toLowerCase(), logical);
    if (typeof dataset === "string")
      good = checkName(dataset, named, { path: [key, logical], label: `the dataset name` }) && good;
    else {
      good = false;
      wrongType(scope, logical, { value: dataset, expected: "text" });
    }
  }
  if (!good) return undefined;
  return { ...(record as Readonly<Record<string, string>>) };
}

/** Optional inputs, and inputs that a condition names, are inputs of the step. */
function checkPolicyInputs(spec: StepSpec, outer: Scope): void {
  const { optional_inputs: optional = [], condition } = spec.metadata.policy ?? {};
  const scope = below(outer, "metadata", "policy");
  const names = Object.keys(spec.inputs);
  for (const [index, name] of optional.entries()) {
    if (names.includes(name)) continue;
    if (isFull(scope)) return;
    notAnInput(below(scope, "optional_inputs"), index, { name, names });
  }
  const logical = /^inputs\.(.+)\.rows$/.exec(condition?.field ?? "")?.[1];
  if (logical !== undefined && !names.includes(logical))
    notAnInput(below(scope, "condition"), "field", { name: logical, names });
}

function notAnInput(
  scope: Scope,
  key: string | number,
  { name, names }: { readonly name: string; readonly names: readonly string[] },
): void {
  const suggestion = suggestName(name, names);
  report(scope, {
    code: "DEFINITION_INVALID_VALUE",
    message: `${nameOf(scope, key)} names ${shorten(name)}, which is not an input of the step.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
    path: [key],
    expected: `one of ${listNames(names)}`,
    received: name,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}
