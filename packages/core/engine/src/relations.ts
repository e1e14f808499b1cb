import type {
  BoundStep,
  ComputeSession,
  DagNode,
  DatasetStore,
  FileFormat,
  Manifest,
  PinnedSource,
  Plan,
  RelationId,
} from "@millrace/protocols";
import { columnsFromText, suggestName, TerminalError } from "@millrace/foundation";
import { isRelational } from "./boundaries.ts";

/** Finds the committed version of a dataset that a relation may read. */
type ManifestLookup = (dataset: string) => Promise<Manifest | undefined>;

/** What relations are composed from. */
export interface RelationScope {
  readonly plan: Plan;
  readonly session: ComputeSession;
  readonly datasets: DatasetStore | undefined;
  readonly manifest: ManifestLookup;
  /** Optional inputs that are missing in this run, as `<step>.<logical name>`. */
  readonly missing?: ReadonlySet<string>;
}

/**
 * Composes the relations of one statement, each dataset once. Lazy: nothing runs.
 *
 * A dataset is its committed version, else what the steps that produce it stand for, down to committed versions and
 * pinned sources.
 */
export class RelationComposer {
  readonly #scope: RelationScope;
  readonly #made = new Map<string, Promise<RelationId>>();

  constructor(scope: RelationScope) {
    this.#scope = scope;
  }

  /** @throws MillraceError `DATASET_NOT_PRODUCED`, `DATASET_UNKNOWN` */
  dataset(name: string, consumer?: string): Promise<RelationId> {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const made = this.#composeDataset(name, consumer);
    this.#made.set(name, made);
    return made;
  }

  /** The relation that one ingest or SQL step stands for. */
  async step(node: DagNode): Promise<RelationId> {
    const { step } = node;
    const { plan, session } = this.#scope;
    const bound = plan.bound.steps.get(step.name) as BoundStep;
    if (step.layer === "ingest") return scanSource(bound.source as PinnedSource, session, step.name);
    const inputs: Record<string, RelationId> = {};
    for (const input of Object.keys(step.inputs)) inputs[input] = await this.input(node, input);
    return session.query(bound.sql ?? step.value, { inputs, label: step.name });
  }

  /** The relation of an input; empty for an optional one that is missing. */
  input(node: DagNode, input: string): Promise<RelationId> {
    const missing = this.#scope.missing?.has(`${node.step.name}.${input}`) === true;
    return missing ? this.#empty(node, input) : this.dataset(node.step.inputs[input] ?? input, node.step.name);
  }

  /** The committed version behind a dataset, where it has one. */
  manifest(dataset: string): Promise<Manifest | undefined> {
    return this.#scope.manifest(dataset);
  }

  /** Releases everything that was composed. */
  async release(): Promise<void> {
    for (const made of await Promise.allSettled(this.#made.values()))
      if (made.status === "fulfilled") await this.#scope.session.release(made.value);
    this.#made.clear();
  }

  async #composeDataset(name: string, consumer: string | undefined): Promise<RelationId> {
    const { plan, session, datasets } = this.#scope;
    const producer = plan.bound.dag.producers.get(name);
    if (producer === undefined) throw unknownDataset(name, plan);
    const manifest = await this.#scope.manifest(name);
    if (manifest !== undefined && datasets !== undefined)
      return scanManifest(manifest, datasets.uris(manifest), session);
    const node = plan.bound.dag.nodes.get(producer.step) as DagNode;
    if (isRelational(node)) return this.step(node);
    throw new TerminalError({
      code: "DATASET_NOT_PRODUCED",
      fault: "config",
      message: `Dataset "${name}"${consumer === undefined ? "" : `, an input of step "${consumer}",`} was not produced: step "${producer.step}" is code and has not run.`,
      context: { dataset: name, step: producer.step },
    });
  }

  async #empty(node: DagNode, input: string): Promise<RelationId> {
    const schema = this.#scope.plan.bound.steps.get(node.step.name)?.inputs.get(input);
    if (schema === undefined || schema.columns.length === 0)
      throw new TerminalError({
        code: "DATASET_NOT_PRODUCED",
        fault: "config",
        message: `Step "${node.step.name}": optional input "${input}" is missing and its columns are not known; declare the columns of dataset "${node.step.inputs[input] ?? input}".`,
        context: { step: node.step.name, input },
      });
    return this.#scope.session.empty(schema.columns, `${node.step.name}.${input}`);
  }
}

/** A relation over the files of a committed version. */
function scanManifest(manifest: Manifest, uris: readonly string[], session: ComputeSession): Promise<RelationId> {
  const columns = columnsFromText(manifest.columns).map((column) => ({ ...column, nullable: true }));
  if (uris.length === 0) return session.empty(columns, manifest.dataset);
  return session.scan({ uris, format: manifest.format, options: {}, columns }, manifest.dataset);
}

function scanSource(source: PinnedSource, session: ComputeSession, label: string): Promise<RelationId> {
  return session.scan(
    {
      uris: source.files.map((file) => file.uri),
      format: source.format as FileFormat,
      options: source.options,
      columns: source.columns,
    },
    label,
  );
}

function unknownDataset(dataset: string, plan: Plan): TerminalError {
  const known = [...plan.bound.dag.producers.keys()];
  const suggestion = suggestName(dataset, known);
  return new TerminalError({
    code: "DATASET_UNKNOWN",
    fault: "config",
    message: `"${plan.pipeline}" has no dataset "${dataset}"${suggestion === undefined ? "" : `. Did you mean "${suggestion}"?`} It has ${known.join(", ")}.`,
    context: { dataset, ...(suggestion === undefined ? {} : { suggestion }) },
  });
}

/** How to open a dataset after a run, or without one. */
export interface OpenDatasetOptions {
  readonly plan: Plan;
  readonly session: ComputeSession;
  readonly datasets?: DatasetStore;
  /** Versions that a run committed, by dataset; without it the current ones are read. */
  readonly versions?: ReadonlyMap<string, number>;
  /** Never reads committed versions: everything is composed from sources. */
  readonly recompute?: boolean;
}

/**
 * Opens a dataset for reading: the version that a run committed, else recomposed from its pinned sources.
 *
 * @throws MillraceError `DATASET_NOT_PRODUCED`, `DATASET_UNKNOWN`
 */
export function openDataset(dataset: string, options: OpenDatasetOptions): Promise<RelationId> {
  const { plan, session, datasets, versions, recompute } = options;
  const manifest: ManifestLookup = async (name) => {
    if (datasets === undefined || recompute === true) return undefined;
    if (versions === undefined) return datasets.read(plan.pipeline, name);
    const version = versions.get(name);
    return version === undefined ? undefined : datasets.read(plan.pipeline, name, version);
  };
  return new RelationComposer({ plan, session, datasets, manifest }).dataset(dataset);
}
