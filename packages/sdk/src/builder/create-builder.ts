import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { RowFunction, StepFunction } from "@millrace/protocols";
import { captureCallSite } from "./call-site.ts";
import type { CallSite } from "./call-site.ts";
import type { Columns } from "./columns.ts";
import { toColumnsText } from "./columns-text.ts";
import type { Connection, Source } from "./connection.ts";
import { createDataset } from "./dataset.ts";
import type { Dataset, StepInputs } from "./dataset.ts";
import type { PipelineDraft, SqlOrigin } from "./draft.ts";
import { composeFragment, isFragment } from "./fragment.ts";
import type { SqlFragment } from "./fragment.ts";
import { sortOptions } from "./lower-options.ts";
import type { OptionKind } from "./lower-options.ts";
import { nameInStep, toInputs } from "./step-inputs.ts";

/** What every step has, whatever its kind. */
interface StepRequest {
  readonly kind: OptionKind;
  readonly layer: string;
  readonly type: string;
  readonly name: string;
  readonly value: string;
  readonly site: CallSite | undefined;
  readonly inputs?: StepInputs;
  readonly output?: boolean;
  readonly params?: object;
  readonly policy?: object;
  readonly options?: object | undefined;
  readonly sql?: SqlOrigin;
  readonly fn?: StepFunction | RowFunction;
}

/** Functions of authors have closer types; the registry keeps them by their general one. */
type AnyFunction = StepFunction & RowFunction;

// The signatures are those of `Builder`, which say what an author reads: name, inputs, what is done, options.
// oxlint-disable max-params

/** The functions behind `Builder`. They are untyped here: the interface is what an author sees. */
export function createBuilder(draft: PipelineDraft): object {
  const connect = (name: string, connection: Connection<unknown>, options?: object): unknown => {
    const { uri, params = {} } = connection;
    addStep(draft, {
      kind: "connect",
      layer: "connect",
      type: "config_op",
      name,
      value: uri,
      params,
      options,
      site: captureCallSite(connect),
    });
    return connection.open(name);
  };

  const ingest = (name: string, source: string | Source, options: { readonly columns?: Columns } = {}): Dataset => {
    const { value, type, params } = toLocation(source);
    const lowered = options.columns === undefined ? options : { ...options, columns: toColumnsText(options.columns) };
    return addStep(draft, {
      kind: "ingest",
      layer: "ingest",
      type,
      name,
      value,
      params,
      options: lowered,
      output: true,
      site: captureCallSite(ingest),
    });
  };

  const sql = (name: string, inputs: StepInputs, text: string | SqlFragment, options?: object): Dataset => {
    const site = captureCallSite(sql);
    const request = {
      kind: "transform",
      layer: "transform",
      type: "sql",
      name,
      inputs,
      options,
      output: true,
      site,
    } as const;
    if (!isFragment(text)) return addStep(draft, { ...request, value: text, sql: { kind: "text" } });
    const composed = composeFragment(text, (dataset) => nameInStep(draft, { dataset, inputs, step: name, site }));
    return addStep(draft, { ...request, value: composed.text, sql: { kind: "fragment", pieces: composed.pieces } });
  };

  const sqlFile = (name: string, inputs: StepInputs, path: string, options?: object): Dataset => {
    const site = captureCallSite(sqlFile);
    const file = resolve(dirname(site?.file ?? draft.file ?? "."), path);
    const value = readSqlFile(draft, { file, path, step: name, site });
    return addStep(draft, {
      kind: "transform",
      layer: "transform",
      type: "sql",
      name,
      inputs,
      value,
      options,
      output: true,
      site,
      sql: { kind: "file", file },
    });
  };

  const map = (name: string, input: Dataset, columns: Columns, fn: AnyFunction, options?: object): Dataset => {
    return addStep(draft, {
      ...codeStep(name, fn, "row"),
      inputs: { rows: input },
      policy: { columns: toColumnsText(columns) },
      options,
      output: true,
      site: captureCallSite(map),
    });
  };

  const transform = (
    name: string,
    inputs: StepInputs,
    columns: Columns,
    fn: AnyFunction,
    options?: object,
  ): Dataset => {
    return addStep(draft, {
      ...codeStep(name, fn, "batch"),
      inputs,
      policy: { columns: toColumnsText(columns) },
      options,
      output: true,
      site: captureCallSite(transform),
    });
  };

  const effect = (name: string, inputs: StepInputs, fn: AnyFunction, options?: object): void => {
    addStep(draft, {
      kind: "effect",
      layer: "publish",
      type: "function",
      name,
      value: inlineAddress(name),
      fn,
      inputs,
      options,
      site: captureCallSite(effect),
    });
  };

  const store = (name: string, data: Dataset, target: string | Source, options?: object): void => {
    addStep(draft, {
      kind: "store",
      layer: "store",
      name,
      ...toLocation(target),
      inputs: { data },
      options,
      site: captureCallSite(store),
    });
  };

  const publish = (name: string, data: Dataset, target: string | Source, options?: object): void => {
    addStep(draft, {
      kind: "publish",
      layer: "publish",
      name,
      ...toLocation(target),
      inputs: { data },
      options,
      site: captureCallSite(publish),
    });
  };

  return { connect, ingest, sql, sqlFile, map, transform, effect, store, publish };
}

/** Address of an inline function until the module of the pipeline is known. */
function inlineAddress(step: string): string {
  return `#default/${step}`;
}

function codeStep(
  name: string,
  fn: AnyFunction,
  mode: "row" | "batch",
): Pick<StepRequest, "kind" | "layer" | "type" | "name" | "value" | "params" | "fn"> {
  return {
    kind: "transform",
    layer: "transform",
    type: "function",
    name,
    value: inlineAddress(name),
    params: { mode },
    fn,
  };
}

function toLocation(source: string | Source): {
  readonly value: string;
  readonly type: string;
  readonly params: object;
} {
  if (typeof source === "string") return { value: source, type: "config_op", params: {} };
  return { value: source.value, type: source.type ?? "config_op", params: source.params ?? {} };
}

function addStep(draft: PipelineDraft, request: StepRequest): Dataset {
  const { kind, layer, type, name, value, site, sql, fn } = request;
  const sorted = sortOptions(kind, request.options ?? {});
  for (const { key, message, ...hint } of sorted.unknown) {
    const problem = { code: "DEFINITION_UNKNOWN_KEY", message: `step "${name}": ${message}`, ...hint } as const;
    draft.report({ ...problem, step: name, site, path: ["metadata", key] });
  }
  const { inputs, missing } = toInputs(draft, request);
  const policy = { ...sorted.policy, ...request.policy, ...(missing.length === 0 ? {} : { optionalInputs: missing }) };
  draft.add({
    row: {
      layer,
      name,
      type,
      engine: "duckdb",
      value,
      params: { ...request.params, ...sorted.params },
      inputs,
      outputs: request.output === true ? { data: name } : {},
      metadata: { ...sorted.metadata, ...(Object.keys(policy).length === 0 ? {} : { policy }) },
    },
    origin: { site, ...(sql === undefined ? {} : { sql }) },
    ...(fn === undefined ? {} : { fn }),
  });
  return createDataset(name, draft);
}

function readSqlFile(
  draft: PipelineDraft,
  {
    file,
    path,
    step,
    site,
  }: { readonly file: string; readonly path: string; readonly step: string; readonly site: CallSite | undefined },
): string {
  try {
    // A byte order mark is no SQL.
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    draft.report({
      code: "DEFINITION_FILE_NOT_FOUND",
      message: `step "${step}": the SQL file "${path}" cannot be read (looked for ${file}): ${error instanceof Error ? error.message : String(error)}`,
      step,
      site,
      path: ["value"],
    });
    return "";
  }
}
