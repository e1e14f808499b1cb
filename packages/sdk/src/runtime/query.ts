import { openDataset } from "@millrace/engine";
import { columnsFromText, quoteIdentifier, suggestName, TerminalError } from "@millrace/foundation";
import type { ComputeSession, DatasetStore, Manifest, RelationId, Sample, TableReference } from "@millrace/protocols";
import type { Input } from "../builder/step-function.ts";
import { createDatasetInput } from "./dataset-input.ts";
import type { PlannedPipeline } from "./plan-pipeline.ts";
import type { QueryOptions } from "./runtime.ts";
import type { Workspace } from "./workspace.ts";

/** What a question is asked in. */
export interface QueryContext extends Omit<QueryOptions, "pipelines"> {
  readonly plans: readonly PlannedPipeline[];
  readonly workspace: Workspace;
  readonly datasets: DatasetStore;
}

/** A dataset by both its names. */
interface DatasetName {
  readonly pipeline: string;
  readonly dataset: string;
}

/** Answers one SELECT whose tables are datasets: `orders.daily`, or `daily` where one pipeline alone has it. */
export async function queryDatasets(sql: string, context: QueryContext): Promise<Sample> {
  const { workspace, rows = 1000, signal } = context;
  const known = await listDatasets(context);
  const { text, names } = await resolveTables(sql, known, workspace);
  const session = await workspace.environment.session();
  const inputs: Record<string, RelationId> = {};
  for (const [table, name] of names) inputs[table] = await openNamed(name, session, context);
  return session.sample(
    await session.query(text, { inputs, label: "query" }),
    rows,
    signal === undefined ? {} : { signal },
  );
}

/** Most tables of one question: a text in which a name cannot be replaced must not turn for ever. */
const mostTables = 100;

/** The text with `orders.daily` written as `daily`, and the dataset of each table in it. */
async function resolveTables(
  sql: string,
  known: readonly DatasetName[],
  workspace: Workspace,
): Promise<{ readonly text: string; readonly names: ReadonlyMap<string, DatasetName> }> {
  const names = new Map<string, DatasetName>();
  let text = sql;
  for (let round = 0; round < mostTables; round++) {
    const tables = await readTables(text, workspace);
    const qualified = tables.find(({ schema }) => schema !== undefined);
    for (const table of tables.filter(({ schema }) => schema === undefined))
      if (!names.has(table.name)) names.set(table.name, resolveName(table, known));
    if (qualified === undefined) return { text, names };
    const name = resolveName(qualified, known);
    const taken = names.get(qualified.name);
    // Two pipelines with a dataset of one name: the second is known by both its names.
    const alias = taken === undefined || taken === name ? qualified.name : `${name.pipeline}_${name.dataset}`;
    names.set(alias, name);
    text = replaceTable(text, qualified, alias);
  }
  throw refused("SQL_INVALID", `it reads more than ${mostTables} tables`);
}

async function readTables(sql: string, { environment }: Workspace): Promise<readonly TableReference[]> {
  const [parsed] = await environment.analyzer.parse([sql]);
  if (parsed === undefined || parsed.error !== undefined)
    throw refused("SQL_SYNTAX", parsed?.error?.message ?? "the text is empty");
  if (parsed.statements !== 1) throw refused("SQL_SEVERAL_STATEMENTS", "write one statement");
  const { kind, tables, tableFunctions } = parsed.analyze({ inputs: new Map() });
  if (kind !== "select" && kind !== "dynamic_pivot")
    throw refused("SQL_NOT_A_SELECT", `write a SELECT; this is ${kind}`);
  const outside = tableFunctions.find((name) => !harmlessFunctions.has(name));
  if (outside !== undefined) throw refused("SQL_TABLE_FUNCTION", `${outside}() reads outside the datasets`);
  return tables;
}

/** Table functions that read nothing. */
const harmlessFunctions: ReadonlySet<string> = new Set(["range", "generate_series", "unnest"]);

/** The committed version of `pipeline.dataset`, opened whenever it is read. */
export async function openDatasetByName(
  name: string,
  datasets: DatasetStore,
  open: () => Workspace,
): Promise<Input<unknown>> {
  const known = await listCommitted(datasets);
  const [pipeline, dataset] = splitName(name);
  const found = resolveName({ name: dataset, ...(pipeline === undefined ? {} : { schema: pipeline }) }, known);
  const manifest = await datasets.read(found.pipeline, found.dataset);
  if (manifest === undefined) throw unknownDataset(name, known);
  return createDatasetInput({ origin: "bound", columns: columnsFromText(manifest.columns) }, async () => {
    const workspace = open();
    const session = await workspace.environment.session();
    const relation = await scanCommitted(manifest, datasets, session);
    return { session, relation, [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose]() };
  });
}

function splitName(name: string): readonly [pipeline: string | undefined, dataset: string] {
  const point = name.indexOf(".");
  return point === -1 ? [undefined, name] : [name.slice(0, point), name.slice(point + 1)];
}

async function listCommitted(datasets: DatasetStore): Promise<readonly DatasetName[]> {
  const names: DatasetName[] = [];
  for await (const name of datasets.list()) names.push(name);
  return names;
}

async function listDatasets({ datasets, plans }: QueryContext): Promise<readonly DatasetName[]> {
  const planned = plans.flatMap(({ plan }) =>
    plan === undefined
      ? []
      : [...plan.bound.dag.producers.keys()].map((dataset) => ({ pipeline: plan.pipeline, dataset })),
  );
  const all = [...(await listCommitted(datasets)), ...planned];
  return [...new Map(all.map((name) => [`${name.pipeline}.${name.dataset}`, name])).values()];
}

function resolveName({ name, schema }: TableReference, known: readonly DatasetName[]): DatasetName {
  const found = known.filter(
    ({ pipeline, dataset }) => dataset === name && (schema === undefined || pipeline === schema),
  );
  const [first, second] = found;
  if (first === undefined) throw unknownDataset(schema === undefined ? name : `${schema}.${name}`, known);
  if (second === undefined) return first;
  throw refused(
    "DATASET_UNKNOWN",
    `"${name}" is a dataset of ${found.map(({ pipeline }) => `"${pipeline}"`).join(" and ")}; write ${found.map(({ pipeline }) => `${pipeline}.${name}`).join(" or ")}`,
  );
}

async function openNamed(
  { pipeline, dataset }: DatasetName,
  session: ComputeSession,
  { datasets, plans }: Pick<QueryContext, "datasets" | "plans">,
): Promise<RelationId> {
  const manifest = await datasets.read(pipeline, dataset);
  if (manifest !== undefined) return scanCommitted(manifest, datasets, session);
  const planned = plans.find(({ plan }) => plan?.pipeline === pipeline)?.plan;
  if (planned === undefined) throw unknownDataset(`${pipeline}.${dataset}`, []);
  return openDataset(dataset, { plan: planned, session, datasets });
}

function scanCommitted(manifest: Manifest, datasets: DatasetStore, session: ComputeSession): Promise<RelationId> {
  const columns = columnsFromText(manifest.columns).map((column) => ({ ...column, nullable: true }));
  if (manifest.files.length === 0) return session.empty(columns, manifest.dataset);
  return session.scan(
    { uris: datasets.uris(manifest), format: manifest.format, options: {}, columns },
    manifest.dataset,
  );
}

/** Writes the alias in place of `orders.daily`, however its names are quoted. */
function replaceTable(text: string, { name, schema = "", offset = 0 }: TableReference, alias: string): string {
  const identifier = (value: string): string => `(?:"${escape(value.replaceAll('"', '""'))}"|${escape(value)})`;
  const pattern = new RegExp(String.raw`${identifier(schema)}\s*\.\s*${identifier(name)}`, "i");
  const match = pattern.exec(text.slice(offset));
  if (match === null) throw refused("SQL_INVALID", `the table "${schema}.${name}" cannot be found in the text`);
  const start = offset + match.index;
  return `${text.slice(0, start)}${quoteIdentifier(alias)}${text.slice(start + match[0].length)}`;
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function unknownDataset(name: string, known: readonly DatasetName[]): TerminalError {
  const names = known.map(({ pipeline, dataset }) => `${pipeline}.${dataset}`);
  const suggestion = suggestName(name, [...names, ...known.map(({ dataset }) => dataset)]);
  const hint =
    suggestion === undefined
      ? names.length === 0
        ? " None is committed yet: run a pipeline first."
        : ` There are ${names.slice(0, 20).join(", ")}.`
      : ` Did you mean "${suggestion}"?`;
  return refused("DATASET_UNKNOWN", `there is no dataset "${name}".${hint}`, { dataset: name });
}

function refused(code: string, problem: string, context: Readonly<Record<string, unknown>> = {}): TerminalError {
  return new TerminalError({
    code,
    fault: "caller",
    message: `Query: ${problem}${problem.endsWith(".") || problem.endsWith("?") ? "" : "."}`,
    context,
  });
}
